// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on inodes: the objects behind names. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

static bool new_exists(struct subject *s)
{
	return exists("new");
}

static int do_mkdir(struct subject *s)
{
	return SYS(mkdir("new", 0700));
}

HOOK(inode_mkdir, FAMILY_INODE, .route = { { "mkdir", do_mkdir } }, .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"), WANT_BITS("mode", 0777, 0700) });

static int do_creat(struct subject *s)
{
	return SYS(open("new", O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0600));
}

HOOK(inode_create, FAMILY_INODE, .route = { { "open", do_creat } }, .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"), WANT_BITS("mode", 0777, 0600) });

static int file_f(struct subject *s)
{
	return put_file("f", "krsi");
}

static int do_unlink(struct subject *s)
{
	return SYS(unlink("f"));
}

static bool f_is_gone(struct subject *s)
{
	return !exists("f");
}

HOOK(inode_unlink, FAMILY_INODE, .setup = file_f, .route = { { "unlink", do_unlink } },
     .effect = f_is_gone, .args = { WANT_FILE("dir", "."), WANT_FILE("dentry", "f") });
