// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <libkmod.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/modules.h"

/* Softdeps may form a circle; no real chain is that deep. */
#define DEPTH_MAX  64
#define MODULE_MAX (256u << 20)

/** struct closure - a walk over the module graph. */
struct closure {
	struct module_list *out;
	struct kmod_ctx *ctx;
	struct strs seen; /* names that the walk has begun with */
};

static void want_name(struct closure *c, const char *name, int depth);

/* "pre: a b post: c": what is to be loaded before, or after, a module. */
static void want_softdeps(struct closure *c, const char *text, const char *section, int depth)
{
	char *copy = xstrdup(text), *save = NULL;
	bool in = false;

	for (char *w = strtok_r(copy, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (!strcmp(w, "pre:") || !strcmp(w, "post:"))
			in = !strcmp(w, section);
		else if (in)
			want_name(c, w, depth + 1);
	}
	free(copy);
}

static void want_infos(struct closure *c, struct kmod_list *infos, const char *section, int depth)
{
	struct kmod_list *l;

	kmod_list_foreach(l, infos)
	{
		if (!strcmp(kmod_module_info_get_key(l), "softdep"))
			want_softdeps(c, kmod_module_info_get_value(l), section, depth);
	}
}

static void want_module(struct closure *c, struct kmod_module *mod, int depth)
{
	const char *path = kmod_module_get_path(mod), *name = kmod_module_get_name(mod);
	struct kmod_list *deps, *infos = NULL, *l;

	if (!path || depth > DEPTH_MAX || strs_has(&c->seen, name))
		return;
	strs_add(&c->seen, name);
	kmod_module_get_info(mod, &infos);
	want_infos(c, infos, "pre:", depth);
	deps = kmod_module_get_dependencies(mod);
	kmod_list_foreach(l, deps)
	{
		struct kmod_module *dep = kmod_module_get_module(l);

		want_module(c, dep, depth + 1);
		kmod_module_unref(dep);
	}
	kmod_module_unref_list(deps);
	strs_add(&c->out->paths, path);
	want_infos(c, infos, "post:", depth);
	kmod_module_info_free_list(infos);
}

static void want_name(struct closure *c, const char *name, int depth)
{
	struct kmod_list *list = NULL, *l;
	bool builtin = false, module = false;

	if (depth > DEPTH_MAX)
		return;
	kmod_module_new_from_lookup(c->ctx, name, &list);
	kmod_list_foreach(l, list)
	{
		struct kmod_module *mod = kmod_module_get_module(l);

		if (kmod_module_get_path(mod)) {
			want_module(c, mod, depth);
			module = true;
		} else if (kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN) {
			builtin = true;
		}
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	if (builtin && !module && !strs_has(&c->out->builtin, name))
		strs_add(&c->out->builtin, name);
	if (!builtin && !module && !strs_has(&c->out->missing, name))
		strs_add(&c->out->missing, name);
}

static void quiet_log(void *data, int priority, const char *file, int line, const char *fn,
		      const char *format, va_list args)
{
}

int modules_closure(struct module_list *out, const char *dir, const char *release,
		    const char *const *names, size_t n, struct krsi_err *err)
{
	const char *no_config = NULL;
	struct closure c = { .out = out };
	int rc;

	*out = (struct module_list){ 0 };
	if (!dir) {
		for (size_t i = 0; i < n; i++)
			strs_add(&out->missing, names[i]);
		return 0;
	}
	/* the host's modprobe.d says nothing about the guest */
	c.ctx = kmod_new(dir, &no_config);
	if (!c.ctx)
		return krsi_err_set(err, KRSI_EXIT_INFRA, "libkmod cannot be used");
	kmod_set_log_fn(c.ctx, quiet_log, NULL);
	rc = kmod_load_resources(c.ctx);
	if (rc < 0) {
		kmod_unref(c.ctx);
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a module directory of %s: %s",
				    dir, release, strerror(-rc));
	}
	for (size_t i = 0; i < n; i++)
		want_name(&c, names[i], 0);
	strs_free(&c.seen);
	kmod_unref(c.ctx);
	return 0;
}

void module_list_free(struct module_list *l)
{
	strs_free(&l->paths);
	strs_free(&l->builtin);
	strs_free(&l->missing);
}

static void *read_entry(struct archive *a, const char *path, size_t *len, struct krsi_err *err)
{
	size_t room = 1 << 18, used = 0;
	char *buf = xcalloc(room, 1);
	ssize_t got;

	while ((got = archive_read_data(a, buf + used, room - used)) > 0) {
		used += (size_t)got;
		if (used == room && room < MODULE_MAX)
			buf = xreallocarray(buf, room *= 2, 1);
	}
	if (got < 0)
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be decompressed: %s", path,
			     archive_error_string(a));
	else if (used >= MODULE_MAX)
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: larger than %u bytes", path, MODULE_MAX);
	else if (used < 4 || memcmp(buf, "\177ELF", 4))
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a kernel module (no ELF file)", path);
	else {
		*len = used;
		return buf;
	}
	free(buf);
	return NULL;
}

void *modules_read(const char *path, size_t *len, struct krsi_err *err)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	void *data = NULL;

	if (!a) {
		krsi_err_set(err, KRSI_EXIT_INFRA, "libarchive cannot be used");
		return NULL;
	}
	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, 1 << 16) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path,
			     archive_error_string(a));
	else
		data = read_entry(a, path, len, err);
	archive_read_free(a);
	return data;
}
