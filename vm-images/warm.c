// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/warm.h"

/* What a guest may say before it is ready; the suite's says some ten kilobytes. */
#define OUTPUT_MAX ((size_t)16 << 20)

static const char *const ports[] = { "console", "events" };

static char *in_slot(const struct warm *w, const char *name)
{
	return xasprintf("%s/%s", w->dir, name);
}

/* A program is told by what the file system knows of it: its digest would take longer. */
static char *program_id(const char *path)
{
	struct stat st = { 0 };

	stat(path, &st);
	return xasprintf("%s %lld %lld.%09ld", path, (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static int make_key(struct warm *w, const struct strs *argv, const char *image, int initramfs,
		    struct krsi_err *err)
{
	char path[32], *words = strs_join(argv, "\n"), *program = program_id(argv->v[0]), *all;
	char files[SHA256_HEX_LEN + 1];
	int rc;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", initramfs);
	rc = sha256_file(path, files, err);
	if (!rc) {
		all = xasprintf("%s\n%s\n%s\n%s", program, words, image, files);
		rc = sha256_mem(all, strlen(all), w->key, err);
		free(all);
	}
	free(program);
	free(words);
	return rc;
}

static bool key_fits(const struct warm *w)
{
	char *path = in_slot(w, "key"), *text;
	struct krsi_err ignored;
	bool fits;

	text = fs_read(path, SHA256_HEX_LEN + 1, NULL, &ignored);
	fits = text && !strcmp(text, w->key);
	free(text);
	free(path);
	return fits;
}

static bool read_output(struct warm *w)
{
	struct krsi_err ignored;

	for (int i = 0; i < 2; i++) {
		char *path = in_slot(w, ports[i]);

		w->bytes[i].data = fs_read(path, OUTPUT_MAX, &w->bytes[i].len, &ignored);
		free(path);
		if (!w->bytes[i].data)
			return false;
	}
	return true;
}

static int take_lock(const struct warm *w, struct krsi_err *err)
{
	char *path = in_slot(w, "lock");
	int fd = fs_lock(path, NULL, NULL, err);

	free(path);
	return fd;
}

int warm_open(struct warm *w, const char *slot, const struct strs *argv, const char *image,
	      int initramfs, struct krsi_err *err)
{
	char *cache = fs_cache_dir(err);

	*w = (struct warm){ .lock = -1 };
	if (!cache)
		return -1;
	w->dir = xasprintf("%s/warm/%s", cache, slot);
	free(cache);
	if (fs_mkdirs(w->dir, err) || make_key(w, argv, image, initramfs, err) ||
	    (w->lock = take_lock(w, err)) < 0) {
		warm_free(w);
		return -1;
	}
	w->found = key_fits(w) && read_output(w);
	if (!w->found)
		warm_drop(w);
	return 0;
}

static void forget_output(struct warm *w)
{
	for (int i = 0; i < 2; i++) {
		free(w->bytes[i].data);
		w->bytes[i] = (struct warm_bytes){ 0 };
	}
}

void warm_release(struct warm *w)
{
	if (w->dir && w->lock >= 0)
		close(w->lock);
	w->lock = -1;
}

void warm_drop(struct warm *w)
{
	w->found = false;
	forget_output(w);
	warm_release(w);
}

static char *state_of(const struct warm *w, bool kept)
{
	return kept ? in_slot(w, "state") : xasprintf("%s/state.%d", w->dir, (int)getpid());
}

char *warm_state(const struct warm *w)
{
	return state_of(w, w->found);
}

void warm_add(struct warm *w, int port, const void *data, size_t len)
{
	struct warm_bytes *b = &w->bytes[port];

	w->too_much |= len > OUTPUT_MAX - b->len;
	if (w->too_much)
		return;
	b->data = xreallocarray(b->data, b->len + len, 1);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static bool write_output(const struct warm *w)
{
	struct krsi_err ignored;

	for (int i = 0; i < 2; i++) {
		char *path = in_slot(w, ports[i]);
		int rc = fs_write_atomic(path, w->bytes[i].data, w->bytes[i].len, &ignored);

		free(path);
		if (rc)
			return false;
	}
	return true;
}

void warm_keep(struct warm *w)
{
	char *key = in_slot(w, "key"), *from = state_of(w, false), *to = state_of(w, true);
	struct krsi_err ignored;
	int lock = w->too_much ? -1 : take_lock(w, &ignored);

	if (lock >= 0) {
		/* the key goes first and comes last: with it all else is there */
		unlink(key);
		if (!rename(from, to) && write_output(w))
			fs_write_atomic(key, w->key, strlen(w->key), &ignored);
		close(lock);
	}
	forget_output(w);
	free(key);
	free(from);
	free(to);
}

void warm_free(struct warm *w)
{
	char *left = w->dir ? state_of(w, false) : NULL;

	if (left)
		unlink(left);
	free(left);
	forget_output(w);
	warm_release(w);
	free(w->dir);
	*w = (struct warm){ .lock = -1 };
}
