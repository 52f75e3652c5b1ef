// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vm-images/bzimage.h"
#include "vm-images/fetch.h"
#include "vm-images/fs.h"
#include "vm-images/kernel.h"
#include "vm-images/mem.h"
#include "vm-images/modindex.h"
#include "vm-images/suggest.h"
#include "vm-images/vmlinux.h"

#define CONFIG_MAX (4u << 20)

void kernel_free(struct kernel *k)
{
	free(k->name);
	free(k->release);
	free(k->image);
	if (k->direct)
		close(k->direct_fd);
	free(k->direct);
	free(k->modules);
	free(k->config);
	free(k->lsm);
	free(k->cmdline);
	free(k->package);
	*k = (struct kernel){ 0 };
}

/* The last part of a path, with nothing in it that does not fit a directory's name. */
static char *name_of(const char *path)
{
	char *copy = xstrdup(path), *base;
	size_t n = strlen(copy);

	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = '\0';
	base = strrchr(copy, '/') ? strrchr(copy, '/') + 1 : copy;
	for (char *p = base; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(".-_+", *p))
			*p = '_';
	while (*base == '.' || *base == '-')
		base++;
	base = xstrdup(*base ? base : "kernel");
	free(copy);
	return base;
}

static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* The first of two paths that exists; frees the others. */
static char *pick(char *a, char *b)
{
	char *hit = fs_exists(a) ? a : fs_exists(b) ? b : NULL;

	if (hit != a)
		free(a);
	if (hit != b)
		free(b);
	return hit;
}

/*
 * Where an image's modules may lie, if the user did not say: an installed or unpacked kernel has
 * boot/vmlinuz-<release> beside lib/modules/<release>, or vmlinuz inside the latter.
 */
static char *modules_beside(const char *image, const char *release)
{
	char *dir = dir_of(image), *order = xasprintf("%s/modules.order", dir), *found;

	if (fs_exists(order)) {
		free(order);
		return dir;
	}
	free(order);
	found = pick(xasprintf("%s/../lib/modules/%s", dir, release),
		     xasprintf("%s/../usr/lib/modules/%s", dir, release));
	free(dir);
	return found;
}

static char *config_beside(const char *image, const char *release)
{
	char *dir = dir_of(image), *found;

	found = pick(xasprintf("%s/config-%s", dir, release), xasprintf("%s/config", dir));
	free(dir);
	return found;
}

/* Replace @k->modules by an indexed directory. */
static int index_modules(struct kernel *k, const char *dir, struct krsi_err *err)
{
	char *indexed = modules_index(dir, k->release, err);

	if (!indexed)
		return -1;
	free(k->modules);
	k->modules = indexed;
	return 0;
}

static int take_modules(struct kernel *k, const char *given, const char *found,
			struct krsi_err *err)
{
	char *dir;
	int rc;

	if (!given)
		return found ? index_modules(k, found, err) : 0;
	dir = modules_locate(given, k->release, err);
	if (!dir)
		return -1;
	rc = index_modules(k, dir, err);
	free(dir);
	return rc;
}

static int use_image(struct kernel *k, const char *path, struct krsi_err *err)
{
	struct bzimage b;

	if (bzimage_read(&b, path, err))
		return -1;
	if (!b.is64)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: a 32-bit kernel; only x86_64 kernels can be booted so far",
				    path);
	k->arch = arch_find("x86_64");
	k->image = realpath(path, NULL) ?: xstrdup(path);
	k->release = xstrdup(b.release);
	return sha256_file(k->image, k->sha256, err);
}

static int from_image(struct kernel *k, const char *path, const char *modules, struct krsi_err *err)
{
	char *beside;
	int rc;

	k->source = KERNEL_IMAGE;
	if (!k->name)
		k->name = name_of(path);
	if (use_image(k, path, err))
		return -1;
	k->config = config_beside(k->image, k->release);
	beside = modules_beside(k->image, k->release);
	rc = take_modules(k, modules, beside, err);
	free(beside);
	return rc;
}

static int from_tree(struct kernel *k, const char *dir, const char *modules, struct krsi_err *err)
{
	const struct arch *arch = arch_find("x86_64");
	char *image = xasprintf("%s/%s", dir, arch->image);
	char *order = xasprintf("%s/modules.order", dir);
	int rc;

	k->source = KERNEL_TREE;
	if (!k->name)
		k->name = name_of(dir);
	if (!fs_exists(image))
		rc = krsi_err_set(err, KRSI_EXIT_USAGE,
				  "%s: not a built kernel tree: %s is missing (make bzImage)", dir,
				  arch->image);
	else
		rc = use_image(k, image, err);
	if (!rc)
		k->config = pick(xasprintf("%s/.config", dir), xasprintf("%s/config", dir));
	rc = rc ?: take_modules(k, modules, fs_exists(order) ? dir : NULL, err);
	free(order);
	free(image);
	return rc;
}

static int from_path(struct kernel *k, const char *path, const char *modules, struct krsi_err *err)
{
	if (fs_is_dir(path))
		return from_tree(k, path, modules, err);
	return from_image(k, path, modules, err);
}

static int from_archive(struct kernel *k, const struct kernel_def *def, const struct kernel_opts *o,
			struct krsi_err *err)
{
	struct fetched f;

	if (fetch_kernel(&f, def, o->refresh, o->progress, err))
		return -1;
	k->source = KERNEL_NAMED;
	k->arch = arch_find(def->arch);
	k->image = f.image;
	k->release = f.release;
	k->modules = f.modules;
	k->config = f.config;
	k->package = f.package;
	memcpy(k->sha256, f.sha256, sizeof(k->sha256));
	return take_modules(k, o->modules, NULL, err);
}

static int from_def(struct kernel *k, const struct kernel_def *def, const struct kernel_opts *o,
		    struct krsi_err *err)
{
	k->name = xstrdup(def->name);
	k->lsm = xstrdup(def->lsm);
	k->cmdline = xstrdup(def->cmdline);
	k->slower = kernels_number(def->slower);
	k->memory_mb = kernels_number(def->memory);
	if (def->image && !fs_exists(def->image))
		return krsi_err_set(err, KRSI_EXIT_USAGE, "kernel \"%s\": %s is missing%s%s",
				    def->name, def->image, *def->description ? ": " : "",
				    def->description);
	if (def->image)
		return from_path(k, def->image, o->modules ?: def->modules, err);
	return from_archive(k, def, o, err);
}

static int unknown(const struct kernels *ks, const char *spec, struct krsi_err *err)
{
	const char **names = xcalloc(ks->n, sizeof(*names)), *near;

	if (strchr(spec, '/')) {
		free(names);
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: no such file or directory", spec);
	}
	for (size_t i = 0; i < ks->n; i++)
		names[i] = ks->v[i].name;
	near = suggest_nearest(spec, names, ks->n);
	if (near)
		krsi_err_set(err, KRSI_EXIT_USAGE, "unknown kernel \"%.64s\": did you mean \"%s\"?",
			     spec, near);
	else
		krsi_err_set(err, KRSI_EXIT_USAGE,
			     "unknown kernel \"%.64s\": `krsi kernels` names some; or give the "
			     "path of a bzImage or of a built tree",
			     spec);
	free(names);
	return -1;
}

static void unpack(struct kernel *k)
{
	k->direct_fd = vmlinux_open(k->image);
	if (k->direct_fd >= 0)
		k->direct = xasprintf("/proc/self/fd/%d", k->direct_fd);
}

int kernel_resolve(struct kernel *k, const char *spec, const struct kernel_opts *opts,
		   struct krsi_err *err)
{
	static const struct kernel_opts none;
	const struct kernel_opts *o = opts ? opts : &none;
	struct kernels ks = { 0 };
	const struct kernel_def *def;
	int rc;

	*k = (struct kernel){ 0 };
	rc = kernels_load_default(&ks, o->kernels_file, err);
	if (!rc) {
		def = kernels_find(&ks, spec);
		if (def)
			rc = from_def(k, def, o, err);
		else if (fs_exists(spec))
			rc = from_path(k, spec, o->modules, err);
		else
			rc = unknown(&ks, spec, err);
	}
	kernels_free(&ks);
	if (rc)
		kernel_free(k);
	else
		unpack(k);
	return rc;
}

char *kernel_config_get(const struct kernel *k, const char *key)
{
	struct krsi_err ignored;
	size_t n = strlen(key);
	char *text, *save = NULL, *out = NULL;

	text = k->config ? fs_read(k->config, CONFIG_MAX, NULL, &ignored) : NULL;
	if (!text)
		return NULL;
	for (char *l = strtok_r(text, "\n", &save); l && !out; l = strtok_r(NULL, "\n", &save))
		if (!strncmp(l, key, n) && l[n] == '=')
			out = xstrdup(l + n + 1);
	free(text);
	return out ?: xstrdup("n");
}
