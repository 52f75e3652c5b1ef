/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hooks on mounts share: a private mount namespace with a place "m" to mount on. */
#ifndef KRSI_HOOKS_MOUNTING_H
#define KRSI_HOOKS_MOUNTING_H

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "conformance/harness/subject.h"

/* A size that no file system has by default. */
#define SIZE	    "65536"
#define SIZE_NUMBER 65536

/* A private mount namespace, and the empty directory "m". 0 or -errno. */
static inline int mount_place(struct subject *s)
{
	int err = private_mounts();

	if (!err)
		TRY(mkdir("m", 0700));
	return err;
}

/* ... with a tmpfs mounted on "m". */
static inline int mounted_place(struct subject *s)
{
	int err = private_mounts();

	return err ?: mount_tmpfs("m");
}

/* ... and, as s->fd[0], a context for a new tmpfs that only needs to be created. */
static inline int mount_place_and_context(struct subject *s)
{
	int err = mount_place(s);

	if (!err)
		err = keep_fd(s, 0, fsopen("tmpfs", FSOPEN_CLOEXEC));
	if (!err)
		TRY(fsconfig(s->fd[0], FSCONFIG_SET_STRING, "size", SIZE, 0));
	return err;
}

/* Is the root of a mount at the path? */
static inline bool is_mounted(const char *path)
{
	struct statx st;

	return !statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS,
		      &st) &&
	       st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* Has the file system at the path got SIZE? */
static inline bool has_size(const char *path)
{
	struct statvfs st;

	return !statvfs(path, &st) && st.f_blocks * st.f_frsize == SIZE_NUMBER;
}

#endif
