// SPDX-License-Identifier: GPL-2.0-only
/* Hooks of overlayfs: what it makes, and copies up, on behalf of the caller. */
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

#define NAME "trusted.krsi"

/* low/f, seen as mnt/f until something writes to it. */
static int overlay(struct subject *s)
{
	static const char *const dirs[] = { "low", "up", "work", "mnt" };
	int err = private_mounts();

	if (err)
		return err;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		TRY(mkdir(dirs[i], 0700));
	err = put_file("low/f", "krsi");
	if (err)
		return err;
	TRY(setxattr("low/f", NAME, "label", sizeof("label"), 0));
	TRY(mount("krsi", "mnt", "overlay", 0, "lowerdir=low,upperdir=up,workdir=work"));
	return 0;
}

static int do_open(struct subject *s)
{
	return SYS(open("mnt/f", O_WRONLY | O_CLOEXEC));
}

static int do_chmod(struct subject *s)
{
	return SYS(chmod("mnt/f", 0640));
}

static int do_link(struct subject *s)
{
	return SYS(link("mnt/f", "mnt/g"));
}

static bool copied_up(struct subject *s)
{
	return exists("up/f");
}

HOOK(inode_copy_up, FAMILY_INODE, .setup = overlay,
     .route = { { "open", do_open }, { "chmod", do_chmod }, { "link", do_link } },
     .effect = copied_up, .args = { WANT_FILE("src", "mnt/f"), WANT_TEXT("src", "f") },
     .needs.module = { "overlay" });

static bool label_copied_up(struct subject *s)
{
	char buf[8] = "";

	return getxattr("up/f", NAME, buf, sizeof(buf)) > 0 && !strcmp(buf, "label");
}

HOOK(inode_copy_up_xattr, FAMILY_INODE, .default_ret = -EOPNOTSUPP, .setup = overlay,
     .route = { { "open", do_open }, { "chmod", do_chmod } }, .effect = label_copied_up,
     .args = { WANT_TEXT("name", NAME) }, .needs.module = { "overlay" });

static int do_mkdir(struct subject *s)
{
	return SYS(mkdir("mnt/new", 0700));
}

static int do_creat(struct subject *s)
{
	return SYS(creat("mnt/new", 0600));
}

static int do_symlink(struct subject *s)
{
	return SYS(symlink("target", "mnt/new"));
}

static bool made_above(struct subject *s)
{
	return exists("up/new");
}

HOOK(dentry_create_files_as, FAMILY_LABEL, .setup = overlay,
     .route = { { "mkdir", do_mkdir }, { "creat", do_creat }, { "symlink", do_symlink } },
     .effect = made_above,
     .args = { WANT_TEXT("dentry", "new"), WANT_TEXT("name", "new"),
	       WANT_BITS("mode", S_IFMT | 0777, S_IFDIR | 0700) },
     .needs.module = { "overlay" });
