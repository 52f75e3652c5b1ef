/* SPDX-License-Identifier: GPL-2.0-only */
/* The smallest GFS2 that a kernel mounts as a spectator, which reads and never writes. */
#ifndef KRSI_HOOKS_GFS2_IMAGE_H
#define KRSI_HOOKS_GFS2_IMAGE_H

#include <sys/types.h>

/* Number of the root directory's inode, and so of its lock. */
#define GFS2_ROOT 18

/*
 * Writes an empty file system of 8 MiB, nearly all of it a hole, whose root directory belongs to
 * `owner`; 0 or -errno. Written again while it is mounted it is what another node of the cluster
 * makes of the disk.
 */
int gfs2_image(const char *path, uid_t owner);

#endif
