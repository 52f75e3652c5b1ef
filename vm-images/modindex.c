// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/modindex.h"
#include "vm-images/proc.h"
#include "vm-images/sha256.h"

#define ORDER_MAX (8u << 20)

/**
 * struct farm - what the directory of symlinks will hold.
 * @names: paths below lib/modules/<release>.
 * @targets: the files, in the same order.
 * @modules: how many of them are modules.
 */
struct farm {
	struct strs names;
	struct strs targets;
	size_t modules;
};

/* What a module directory may hold besides modules, that depmod or libkmod read. */
static const char *const aux_files[] = { "modules.order", "modules.builtin",
					 "modules.builtin.modinfo" };

static bool is_module(const char *name)
{
	const char *ko = strstr(name, ".ko");

	return ko && (!ko[3] || !strcmp(ko + 3, ".xz") || !strcmp(ko + 3, ".zst") ||
		      !strcmp(ko + 3, ".gz"));
}

static void farm_add(struct farm *f, char *name, char *target)
{
	strs_take(&f->names, name);
	strs_take(&f->targets, target);
}

static void farm_free(struct farm *f)
{
	strs_free(&f->names);
	strs_free(&f->targets);
}

static void add_aux(struct farm *f, const char *dir)
{
	for (size_t i = 0; i < sizeof(aux_files) / sizeof(aux_files[0]); i++) {
		char *path = xasprintf("%s/%s", dir, aux_files[i]);

		if (fs_exists(path))
			farm_add(f, xstrdup(aux_files[i]), path);
		else
			free(path);
	}
}

static void walk(struct farm *f, const char *dir)
{
	char *root = xstrdup(dir), *roots[] = { root, NULL };
	FTS *fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	while (fts && (e = fts_read(fts))) {
		/* links of an installed kernel that lead to its source tree */
		if (e->fts_level == 1 &&
		    (!strcmp(e->fts_name, "build") || !strcmp(e->fts_name, "source")))
			fts_set(fts, e, FTS_SKIP);
		if (e->fts_info != FTS_F || !is_module(e->fts_name))
			continue;
		farm_add(f, xstrdup(e->fts_path + strlen(dir) + 1), xstrdup(e->fts_path));
		f->modules++;
	}
	if (fts)
		fts_close(fts);
	free(root);
}

/* A line is "kernel/fs/x.ko", "fs/x.ko" or "fs/x.o", depending on the kernel's age. */
static void add_ordered(struct farm *f, const char *tree, char *line)
{
	size_t len = strlen(line);
	char *path;

	if (!strncmp(line, "kernel/", 7)) {
		path = xasprintf("%s/%s", tree, line + 7);
		if (fs_exists(path)) {
			line += 7;
			len -= 7;
		}
		free(path);
	}
	if (len > 2 && !strcmp(line + len - 2, ".o"))
		len -= 2;
	else if (len > 3 && !strcmp(line + len - 3, ".ko"))
		len -= 3;
	path = xasprintf("%s/%.*s.ko", tree, (int)len, line);
	if (!fs_exists(path)) {
		free(path);
		return;
	}
	farm_add(f, xasprintf("kernel/%.*s.ko", (int)len, line), path);
	f->modules++;
}

static int follow_order(struct farm *f, const char *tree, struct krsi_err *err)
{
	char *path = xasprintf("%s/modules.order", tree), *save = NULL, *text;

	text = fs_exists(path) ? fs_read(path, ORDER_MAX, NULL, err) : xstrdup("");
	free(path);
	if (!text)
		return -1;
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		add_ordered(f, tree, l);
	free(text);
	return 0;
}

/* Names the content: a rebuilt module makes another farm. */
static int farm_key(const struct farm *f, const char *release, char key[SHA256_HEX_LEN + 1],
		    struct krsi_err *err)
{
	struct strs lines = { 0 };
	char *text;
	int rc;

	strs_add(&lines, release);
	for (size_t i = 0; i < f->targets.n; i++) {
		struct stat st = { 0 };

		stat(f->targets.v[i], &st);
		strs_take(&lines, xasprintf("%s %s %lld %lld.%09ld", f->names.v[i], f->targets.v[i],
					    (long long)st.st_size, (long long)st.st_mtim.tv_sec,
					    st.st_mtim.tv_nsec));
	}
	text = strs_join(&lines, "\n");
	rc = sha256_mem(text, strlen(text), key, err);
	free(text);
	strs_free(&lines);
	return rc;
}

static int plant(const struct farm *f, const char *dir, struct krsi_err *err)
{
	for (size_t i = 0; i < f->names.n; i++) {
		char *path = xasprintf("%s/%s", dir, f->names.v[i]), *slash = strrchr(path, '/');
		int rc;

		*slash = '\0';
		rc = fs_mkdirs(path, err);
		*slash = '/';
		if (!rc && symlink(f->targets.v[i], path))
			rc = krsi_err_sys(err, "cannot write %s", path);
		free(path);
		if (rc)
			return -1;
	}
	return 0;
}

int modules_depmod(const char *base, const char *release, struct krsi_err *err)
{
	const char *argv[] = { "depmod", "-b", base, release, NULL };
	struct proc_result r;
	int rc = 0;

	if (proc_run(&r, &(struct proc_opts){ .argv = argv, .package = "kmod" }, err))
		return -1;
	if (r.status)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA,
				  "depmod failed for %s/lib/modules/%s: %.300s", base, release,
				  r.errors);
	proc_result_free(&r);
	return rc;
}

static int build(const struct farm *f, const char *cache, const char *final, const char *release,
		 struct krsi_err *err)
{
	char *tmp = fs_temp_dir(cache, err), *dir;
	int rc;

	if (!tmp)
		return -1;
	dir = xasprintf("%s/lib/modules/%s", tmp, release);
	rc = fs_mkdirs(dir, err);
	if (!rc)
		rc = plant(f, dir, err);
	if (!rc)
		rc = modules_depmod(tmp, release, err);
	/* another krsi may have been faster: its farm has the same content */
	if (!rc && rename(tmp, final) && errno != EEXIST && errno != ENOTEMPTY)
		rc = krsi_err_sys(err, "cannot write %s", final);
	fs_remove_tree(tmp);
	free(dir);
	free(tmp);
	return rc;
}

static char *index_farm(const struct farm *f, const char *release, struct krsi_err *err)
{
	char key[SHA256_HEX_LEN + 1], *cache, *parent, *final, *dir = NULL, *index;
	int rc = 0;

	if (farm_key(f, release, key, err))
		return NULL;
	cache = fs_cache_dir(err);
	if (!cache)
		return NULL;
	parent = xasprintf("%s/modules", cache);
	final = xasprintf("%s/%.20s", parent, key);
	dir = xasprintf("%s/lib/modules/%s", final, release);
	index = xasprintf("%s/modules.dep.bin", dir);
	if (!fs_exists(index))
		rc = build(f, parent, final, release, err);
	if (rc) {
		free(dir);
		dir = NULL;
	}
	free(index);
	free(final);
	free(parent);
	free(cache);
	return dir;
}

char *modules_index(const char *dir, const char *release, struct krsi_err *err)
{
	char *real = realpath(dir, NULL), *path, *result = NULL;
	struct farm f = { 0 };
	bool tree;

	if (!real) {
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", dir, strerror(errno));
		return NULL;
	}
	path = xasprintf("%s/modules.dep.bin", real);
	if (fs_exists(path)) {
		free(path);
		return real;
	}
	free(path);
	path = xasprintf("%s/Kbuild", real);
	tree = fs_exists(path);
	free(path);
	path = xasprintf("%s/include/generated", real);
	tree = tree || fs_is_dir(path);
	free(path);
	add_aux(&f, real);
	if (!tree)
		walk(&f, real);
	if (!tree || !follow_order(&f, real, err)) {
		if (!tree && !f.names.n)
			krsi_err_set(err, KRSI_EXIT_USAGE,
				     "%s: not a module directory: no module below it", dir);
		else
			result = index_farm(&f, release, err);
	}
	farm_free(&f);
	free(real);
	return result;
}

static void list_releases(struct strs *found, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && found->n < 8)
			strs_add(found, e->d_name);
	if (d)
		closedir(d);
}

char *modules_locate(const char *dir, const char *release, struct krsi_err *err)
{
	static const char *const below[] = { "lib/modules", "usr/lib/modules", "." };
	struct strs releases = { 0 };
	char *path, *known;

	if (!fs_is_dir(dir)) {
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a directory", dir);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		path = xasprintf("%s/%s/%s", dir, below[i], release);
		if (fs_is_dir(path))
			return path;
		free(path);
		path = xasprintf("%s/%s", dir, below[i]);
		if (i < 2)
			list_releases(&releases, path);
		free(path);
	}
	path = xasprintf("%s/kernel", dir);
	if (fs_is_dir(path) && !releases.n) {
		free(path);
		return xstrdup(dir);
	}
	free(path);
	known = strs_join(&releases, ", ");
	krsi_err_set(err, KRSI_EXIT_USAGE, "%s: no modules of %s; %s%s", dir, release,
		     releases.n ? "there is: " : "give lib/modules/<release>", known);
	free(known);
	strs_free(&releases);
	return NULL;
}
