// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <stdlib.h>
#include "vm-images/bzimage.h"
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/treescan.h"

static const char *const image_patterns[] = { "boot/vmlinuz-*", "lib/modules/*/vmlinuz" };

static char *first_match(const char *dir, const char *pattern)
{
	char *full = xasprintf("%s/%s", dir, pattern), *found = NULL;
	glob_t g;

	if (!glob(full, 0, NULL, &g))
		found = xstrdup(g.gl_pathv[0]);
	globfree(&g);
	free(full);
	return found;
}

int treescan(struct treescan *t, const char *dir, struct krsi_err *err)
{
	struct bzimage b;
	char *kernel_dir;

	*t = (struct treescan){ 0 };
	for (size_t i = 0; i < 2 && !t->image; i++)
		t->image = first_match(dir, image_patterns[i]);
	if (!t->image)
		return krsi_err_set(err, KRSI_EXIT_INFRA, "%s: no kernel image (vmlinuz) in it",
				    dir);
	if (bzimage_read(&b, t->image, err)) {
		treescan_free(t);
		return krsi_err_set(err, KRSI_EXIT_INFRA, "%s", err->text);
	}
	t->release = xstrdup(b.release);
	for (size_t i = 0; i < 2 && !t->config; i++) {
		char *path = i ? xasprintf("%s/lib/modules/%s/config", dir, b.release)
			       : xasprintf("%s/boot/config-%s", dir, b.release);

		if (fs_exists(path))
			t->config = path;
		else
			free(path);
	}
	t->modules = xasprintf("%s/lib/modules/%s", dir, b.release);
	kernel_dir = xasprintf("%s/kernel", t->modules);
	if (!fs_is_dir(kernel_dir)) {
		free(t->modules);
		t->modules = NULL;
	}
	free(kernel_dir);
	return 0;
}

void treescan_free(struct treescan *t)
{
	free(t->image);
	free(t->release);
	free(t->modules);
	free(t->config);
	*t = (struct treescan){ 0 };
}
