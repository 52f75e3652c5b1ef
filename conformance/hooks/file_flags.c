// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the flags of a file, by ioctl and by system call. */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* System calls of Linux 6.17, as old as the hooks; the same on every architecture. */
enum { SYS_file_getattr_ = 468, SYS_file_setattr_ };

static int open_f(struct subject *s)
{
	return put_file("f", "krsi") ?: open_slot(s, 0, "f", O_RDWR, 0);
}

/* struct file_attr of Linux 6.17, version 0 */
struct attr_v0 {
	uint64_t xflags;
	uint32_t extsize, nextents, projid, cowextsize;
};

static int get_flags(int fd)
{
	int flags = 0;

	return ioctl(fd, FS_IOC_GETFLAGS, &flags) ? 0 : flags;
}

static int do_setflags(struct subject *s)
{
	int flags = FS_NODUMP_FL;

	return SYS(ioctl(s->fd[0], FS_IOC_SETFLAGS, &flags));
}

static int do_fssetxattr(struct subject *s)
{
	struct fsxattr attr = { .fsx_xflags = FS_XFLAG_NODUMP };

	return SYS(ioctl(s->fd[0], FS_IOC_FSSETXATTR, &attr));
}

static int do_file_setattr(struct subject *s)
{
	struct attr_v0 attr = { .xflags = FS_XFLAG_NODUMP };

	return SYS(syscall(SYS_file_setattr_, AT_FDCWD, "f", &attr, sizeof(attr), 0));
}

static bool f_is_nodump(struct subject *s)
{
	return get_flags(s->fd[0]) & FS_NODUMP_FL;
}

HOOK(inode_file_setattr, FAMILY_INODE, .setup = open_f,
     .route = { { "ioctl-setflags", do_setflags },
		{ "ioctl-fssetxattr", do_fssetxattr },
		{ "file_setattr", do_file_setattr } },
     .effect = f_is_nodump, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("dentry", "f") });

static int nodump_f(struct subject *s)
{
	return open_f(s) ?: do_setflags(s);
}

static bool flag_read(struct subject *s)
{
	return s->val[0] != 0;
}

static int do_getflags(struct subject *s)
{
	int flags = 0, err = SYS(ioctl(s->fd[0], FS_IOC_GETFLAGS, &flags));

	s->val[0] = flags & FS_NODUMP_FL;
	return err;
}

static int do_fsgetxattr(struct subject *s)
{
	struct fsxattr attr = {};
	int err = SYS(ioctl(s->fd[0], FS_IOC_FSGETXATTR, &attr));

	s->val[0] = attr.fsx_xflags & FS_XFLAG_NODUMP;
	return err;
}

static int do_file_getattr(struct subject *s)
{
	struct attr_v0 attr = {};
	int err = SYS(syscall(SYS_file_getattr_, AT_FDCWD, "f", &attr, sizeof(attr), 0));

	s->val[0] = attr.xflags & FS_XFLAG_NODUMP;
	return err;
}

HOOK(inode_file_getattr, FAMILY_INODE, .setup = nodump_f,
     .route = { { "ioctl-getflags", do_getflags },
		{ "ioctl-fsgetxattr", do_fsgetxattr },
		{ "file_getattr", do_file_getattr } },
     .effect = flag_read, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("dentry", "f") });
