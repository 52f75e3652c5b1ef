/* SPDX-License-Identifier: GPL-2.0-only */
/* The smallest file systems with quotas, or with fs-verity, that a kernel mounts. */
#ifndef KRSI_HOOKS_EXT2_IMAGE_H
#define KRSI_HOOKS_EXT2_IMAGE_H

/* Writes an empty ext2 file system of 256 KiB to a new file; 0 or -errno. */
int ext2_image(const char *path);
/* The same, with extents and fs-verity, which makes it ext4. */
int ext4_image(const char *path);

#endif
