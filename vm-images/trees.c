// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/modindex.h"
#include "vm-images/treescan.h"
#include "vm-images/trees.h"

#define DIGEST_FILE "image.sha256"

static bool digest_matches(const char *dir, const char *hex)
{
	char *path = xasprintf("%s/" DIGEST_FILE, dir), *text;
	struct krsi_err ignored;
	bool same;

	text = fs_read(path, SHA256_HEX_LEN + 1, NULL, &ignored);
	same = text && !strncmp(text, hex, SHA256_HEX_LEN);
	free(text);
	free(path);
	return same;
}

static int write_digest(const char *dir, const char *image, struct krsi_err *err)
{
	char *path = xasprintf("%s/" DIGEST_FILE, dir), text[SHA256_HEX_LEN + 2];
	int rc = sha256_file(image, text, err);

	strcat(text, "\n");
	rc = rc ?: fs_write_atomic(path, text, strlen(text), err);
	free(path);
	return rc;
}

int tree_load(struct fetched *f, const char *cache, const char *key, const char *package,
	      struct krsi_err *err)
{
	char *dir = xasprintf("%s/trees/%s", cache, key);
	struct treescan t;
	int rc = treescan(&t, dir, err);

	if (!rc) {
		*f = (struct fetched){ .image = t.image,
				       .release = t.release,
				       .modules = t.modules,
				       .config = t.config,
				       .package = xstrdup(package) };
		rc = sha256_file(f->image, f->sha256, err);
		if (!rc && !digest_matches(dir, f->sha256))
			rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s: the image was damaged", dir);
		if (rc)
			fetched_free(f);
	}
	free(dir);
	return rc;
}

static void remove_leftovers(const char *parent)
{
	char *pattern = xasprintf("%s/tmp.*", parent);
	glob_t g;

	if (!glob(pattern, 0, NULL, &g))
		for (size_t i = 0; i < g.gl_pathc; i++)
			fs_remove_tree(g.gl_pathv[i]);
	globfree(&g);
	free(pattern);
}

char *tree_begin(const char *cache, struct krsi_err *err)
{
	char *parent = xasprintf("%s/trees", cache), *dir;

	remove_leftovers(parent);
	dir = fs_temp_dir(parent, err);
	free(parent);
	return dir;
}

static int move_into_place(const char *dir, const char *cache, const char *key,
			   struct krsi_err *err)
{
	char *final = xasprintf("%s/trees/%s", cache, key);
	int rc = 0;

	/* an older tree under this key failed its check */
	fs_remove_tree(final);
	if (rename(dir, final))
		rc = krsi_err_sys(err, "cannot write %s", final);
	free(final);
	return rc;
}

int tree_publish(const char *dir, const char *cache, const char *key,
		 const struct progress *progress, struct krsi_err *err)
{
	struct treescan t;
	int rc = treescan(&t, dir, err);

	if (!rc && t.modules)
		rc = modules_depmod(dir, t.release, err);
	else if (!rc)
		progress_step(progress, "the archive has no modules for %s any more", t.release);
	rc = rc ?: write_digest(dir, t.image, err);
	rc = rc ?: move_into_place(dir, cache, key, err);
	treescan_free(&t);
	return rc;
}
