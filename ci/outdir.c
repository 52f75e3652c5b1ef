// SPDX-License-Identifier: GPL-2.0-only
#include "ci/outdir.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ci/report.h"
#include "ci/text.h"
#include "vm-images/fs.h"

#define LOCK_FILE ".lock"

char *outdir_file(const struct outdir *o, const char *name)
{
	return xasprintf("%s/%s", o->path, name);
}

static int take_lock(struct outdir *o, struct krsi_err *err)
{
	char *file = outdir_file(o, LOCK_FILE);
	int rc = 0;

	o->lock = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (o->lock < 0)
		rc = krsi_err_sys(err, "%s: cannot be written; choose another place with --out",
				  file);
	else if (flock(o->lock, LOCK_EX | LOCK_NB))
		rc = krsi_err_set(err, KRSI_EXIT_INFRA,
				  "%s: another run is writing there; wait for it, or use --out",
				  o->path);
	free(file);
	return rc;
}

/* The files of the directory that have the names of reports and logs; their paths. */
static void find_ours(const struct outdir *o, struct strs *files)
{
	/* logs are numbered by boot */
	static const char *const logs[] = { "console*.log", "events*.jsonl" };
	char *quoted = xcalloc(strlen(o->path) * 2 + 1, 1), *q = quoted;

	for (const char *p = o->path; *p; p++) {
		if (strchr("*?[\\", *p))
			*q++ = '\\';
		*q++ = *p;
	}
	for (const struct report *r = reports; r->name; r++) {
		char *file = r->file ? outdir_file(o, r->file) : NULL;
		struct stat st;

		if (file && !lstat(file, &st))
			strs_add(files, file);
		free(file);
	}
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		char *pattern = xasprintf("%s/%s", quoted, logs[i]);
		glob_t g = { 0 };

		if (!glob(pattern, 0, NULL, &g))
			for (size_t j = 0; j < g.gl_pathc; j++)
				strs_add(files, g.gl_pathv[j]);
		globfree(&g);
		free(pattern);
	}
	free(quoted);
}

/* Did a run write here before? What it left may go; who else has files of such names keeps them. */
static bool is_ours(const struct outdir *o)
{
	char *lock = outdir_file(o, LOCK_FILE), *results = outdir_file(o, "results.json");
	bool ours = fs_exists(lock) || fs_exists(results);

	free(lock);
	free(results);
	return ours;
}

static int check_strangers(const struct outdir *o, struct krsi_err *err)
{
	struct strs files = { 0 };
	int rc = 0;

	if (!*o->path || (fs_exists(o->path) && !fs_is_dir(o->path)))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "'%s' is no directory: choose another place with --out",
				    o->path);
	if (!is_ours(o))
		find_ours(o, &files);
	if (files.n)
		rc = krsi_err_set(err, KRSI_EXIT_USAGE,
				  "%s is there, and no run wrote to that directory: choose another "
				  "place with --out",
				  files.v[0]);
	strs_free(&files);
	return rc;
}

static int remove_old(const struct outdir *o, struct krsi_err *err)
{
	struct strs files = { 0 };
	int rc = 0;

	find_ours(o, &files);
	for (size_t i = 0; i < files.n && !rc; i++)
		if (unlink(files.v[i]) && errno != ENOENT)
			rc = krsi_err_sys(err, "%s: an earlier run's file cannot be removed",
					  files.v[i]);
	strs_free(&files);
	return rc;
}

/* Room for the reports of a run; without it the run would be in vain. */
static int check_room(const struct outdir *o, struct krsi_err *err)
{
	static const char probe[1 << 20];
	char *file = outdir_file(o, ".room");
	int rc;

	/* one that lies there may be a symlink, which writing follows */
	unlink(file);
	rc = fs_write_atomic(file, probe, sizeof(probe), err);
	if (rc && (errno == ENOSPC || errno == EDQUOT))
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s, or choose another place with --out",
			     err->text);
	unlink(file);
	free(file);
	return rc;
}

static char *path_of(const char *path, const char *kernel, const char *impl)
{
	char *k = text_file_name(kernel), *i = text_file_name(impl), *own;

	own = path ? xstrdup(path) : xasprintf("build/results/%s-%s", k, i);
	free(k);
	free(i);
	return own;
}

bool outdir_is(const char *path, const char *kernel, const char *impl, const char *results)
{
	const char *slash = strrchr(results, '/');
	char *own = path_of(path, kernel, impl), *other;
	struct stat a, b;
	bool same;

	if (fs_is_dir(results))
		other = xstrdup(results);
	else
		other = slash ? xstrndup(results, (size_t)(slash + 1 - results)) : xstrdup(".");
	same = !stat(own, &a) && !stat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	free(own);
	free(other);
	return same;
}

int outdir_open(struct outdir *o, const char *path, const char *kernel, const char *impl,
		struct krsi_err *err)
{
	int rc;

	*o = (struct outdir){ .lock = -1, .path = path_of(path, kernel, impl) };
	rc = check_strangers(o, err) || fs_mkdirs(o->path, err) || take_lock(o, err) ||
	     remove_old(o, err) || check_room(o, err);
	if (!rc)
		return 0;
	outdir_close(o);
	return -1;
}

int outdir_write(const struct outdir *o, const struct run *run, struct krsi_err *err)
{
	int rc = 0;

	for (const struct report *r = reports; r->name && !rc; r++) {
		char *text, *file;
		size_t len;

		if (!r->file)
			continue;
		text = r->format(run, &len);
		file = outdir_file(o, r->file);
		rc = fs_write_atomic(file, text, len, err);
		free(file);
		free(text);
	}
	return rc;
}

void outdir_close(struct outdir *o)
{
	if (o->lock >= 0)
		close(o->lock);
	free(o->path);
	*o = (struct outdir){ .lock = -1 };
}
