/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cache's unpacked kernels: trees/<key>/ with boot/, lib/modules/<release>/, and the digest of
 * the image as it was when the tree was made.
 */
#ifndef KRSI_TREES_H
#define KRSI_TREES_H

#include "vm-images/fetch.h"

/**
 * tree_load - take over what a tree holds, if it is there and its image is what it was.
 * @key: 64 hex digits.
 * @package: becomes @f->package.
 * Return: 0, or -1 with @err (code 5).
 */
int tree_load(struct fetched *f, const char *cache, const char *key, const char *package,
	      struct krsi_err *err);

/**
 * tree_begin - a new directory to unpack into. The caller holds the cache's lock: what a process
 * that died has left of its own work is removed.
 * Return: its path (free() it; remove it with fs_remove_tree if it is not published), or NULL.
 */
char *tree_begin(const char *cache, struct krsi_err *err);

/**
 * tree_publish - give an unpacked kernel its module index, and its place.
 * @dir: of tree_begin().
 * Return: 0, or -1 with @err (code 5).
 */
int tree_publish(const char *dir, const char *cache, const char *key,
		 const struct progress *progress, struct krsi_err *err);

#endif
