/* SPDX-License-Identifier: GPL-2.0-only */
/* The smallest file system with quotas that a kernel mounts. */
#ifndef KRSI_HOOKS_EXT2_IMAGE_H
#define KRSI_HOOKS_EXT2_IMAGE_H

/* Writes an empty ext2 file system of 256 KiB to a new file; 0 or -errno. */
int ext2_image(const char *path);

#endif
