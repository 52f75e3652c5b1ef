/* SPDX-License-Identifier: GPL-2.0-only */
/* modules.dep and its kin, which neither packages nor build trees carry. */
#ifndef KRSI_MODINDEX_H
#define KRSI_MODINDEX_H

#include "vm-images/err.h"

/**
 * modules_index - make a modules directory with an index (modules.dep.bin) out of one without,
 * leaving the original untouched: a directory of symlinks in the cache, and depmod.
 * @dir: lib/modules/<release>, or a built kernel tree (its modules.order is followed).
 * Return: the indexed directory (free() it; @dir itself if it has an index already), or NULL
 * with @err (code 2 if @dir holds no modules of @release, 5 if depmod is missing or fails).
 */
char *modules_index(const char *dir, const char *release, struct krsi_err *err);

/** modules_depmod - run depmod for <base>/lib/modules/<release>. Return: 0, or -1 with @err. */
int modules_depmod(const char *base, const char *release, struct krsi_err *err);

/**
 * modules_locate - the directory of @release at or below @dir: @dir itself, @dir/lib/modules/X or
 * @dir/usr/lib/modules/X.
 * Return: its path (free() it), or NULL with @err (code 2), which says what releases are there.
 */
char *modules_locate(const char *dir, const char *release, struct krsi_err *err);

#endif
