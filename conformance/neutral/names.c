// SPDX-License-Identifier: GPL-2.0-only
/* What directories hold: links, renames, special files; and what inodes say of themselves. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

#define AT		  AT_FDCWD
#define DEV(major, minor) ((major) << 8 | (minor))

static const struct call names_calls[] = {
	NUM("mkdir", mkdirat, AT, "d", 0750),
	NUM("mkdir-again", mkdirat, AT, "d", 0750),
	NUM("mkdir-foreign", mkdirat, AT, "public.d/d", 0750),
	NUM("mkdir-closed", mkdirat, AT, "closed/d", 0750),
	NUM("mknod-file", mknodat, AT, "d/file", S_IFREG | 0600, 0),
	NUM("mknod-fifo", mknodat, AT, "d/fifo", S_IFIFO | 0600, 0),
	NUM("mknod-socket", mknodat, AT, "d/socket", S_IFSOCK | 0600, 0),
	NUM("mknod-char", mknodat, AT, "d/char", S_IFCHR | 0600, DEV(1, 3)),
	NUM("mknod-block", mknodat, AT, "d/block", S_IFBLK | 0600, DEV(7, 0)),
	NUM("mknod-whiteout", mknodat, AT, "d/white", S_IFCHR, 0),
	NUM("mknod-directory", mknodat, AT, "d/dir", S_IFDIR | 0600, 0),
	NUM("symlink", symlinkat, "target", AT, "d/symlink"),
	NUM("symlink-again", symlinkat, "target", AT, "d/symlink"),
	NUM("symlink-empty", symlinkat, "", AT, "d/empty"),
	BYTES("readlink", readlinkat, AT, "d/symlink", out, 64),
	BYTES("readlink-file", readlinkat, AT, "d/file", out, 64),
	NUM("link", linkat, AT, "d/file", AT, "d/hard", 0),
	NUM("link-public", linkat, AT, "public", AT, "hard-public", 0),
	NUM("link-secret", linkat, AT, "secret", AT, "hard-secret", 0),
	NUM("link-directory", linkat, AT, "d", AT, "hard-d", 0),
	NUM("link-symlink", linkat, AT, "to-public", AT, "hard-symlink", 0),
	NUM("link-followed", linkat, AT, "to-public", AT, "hard-followed", AT_SYMLINK_FOLLOW),
	NUM("rename", renameat, AT, "d/hard", AT, "d/renamed"),
	NUM("rename-missing", renameat, AT, "missing", AT, "d/x"),
	NUM("rename-over-directory", renameat, AT, "d/file", AT, "d"),
	NUM("rename-into-itself", renameat, AT, "d", AT, "d/d"),
	NUM("rename-theirs", renameat, AT, "sticky/theirs", AT, "sticky/mine"),
	NUM("rename-from-foreign", renameat, AT, "public.d/file", AT, "taken"),
	NUM("exchange", renameat2, AT, "d/file", AT, "d/renamed", RENAME_EXCHANGE),
	NUM("noreplace", renameat2, AT, "d/file", AT, "d/renamed", RENAME_NOREPLACE),
	NUM("whiteout", renameat2, AT, "d/renamed", AT, "d/moved", RENAME_WHITEOUT),
	NUM("flags-wrong", renameat2, AT, "d/file", AT, "d/y", 0x77),
	NUM("unlink-theirs", unlinkat, AT, "sticky/theirs", 0),
	NUM("unlink-foreign", unlinkat, AT, "public.d/file", 0),
	NUM("unlink-closed", unlinkat, AT, "closed/file", 0),
	NUM("unlink-directory", unlinkat, AT, "d", 0),
	NUM("unlink", unlinkat, AT, "d/fifo", 0),
	NUM("rmdir-full", unlinkat, AT, "d", AT_REMOVEDIR),
	NUM("rmdir-file", unlinkat, AT, "d/file", AT_REMOVEDIR),
	NUM("rmdir-foreign", unlinkat, AT, "closed", AT_REMOVEDIR),
	NUM("chdir", chdir, "d"),
	NUM("chdir-back", chdir, ".."),
	NUM("chdir-closed", chdir, "closed"),
	NUM("chdir-file", chdir, "public"),
};
WORKLOAD(names, names_calls, .name = "names", .as = AS_ANYONE, .prepare = make_objects);

static struct timespec times_omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
static struct timespec times_set[2] = { { 1000000000, 0 }, { 1000000001, 0 } };
static int flag_append = FS_APPEND_FL, flag_immutable = FS_IMMUTABLE_FL;

/* mode, owner and size: what a name shows of an inode. */
static int stat_of(const char *path)
{
	struct stat st;

	TRY(lstat(path, &st));
	return sprintf(out, "%o %d %d %ld %ld", st.st_mode, st.st_uid, st.st_gid,
		       S_ISDIR(st.st_mode) ? 0L : (long)st.st_size, (long)st.st_mtime / 1000000000);
}

static int stat_own(void)
{
	return stat_of("own");
}

static int stat_secret(void)
{
	return stat_of("secret");
}

static int stat_closed(void)
{
	return stat_of("closed/file");
}

static int stat_theirs(void)
{
	return stat_of("public");
}

#define FN_TEXT(id, function)                                                                      \
	{                                                                                          \
		id, SHOW_BYTES, 0, 0, { 0 }, function                                              \
	}

static const struct call attr_calls[] = {
	KEEP(0, "create", openat, AT, "own", O_RDWR | O_CREAT, 0600),
	NUM("chmod", fchmodat, AT, "own", 0640),
	NUM("fchmod", fchmod, SLOT(0), 0604),
	NUM("chmod-setuid", fchmodat, AT, "own", 04755),
	NUM("chmod-setgid", fchmodat, AT, "own", 02755),
	FN_TEXT("stat-modes", stat_own),
	NUM("chmod-public", fchmodat, AT, "public", 0666),
	NUM("chmod-closed", fchmodat, AT, "closed/file", 0666),
	NUM("chown-self", fchownat, AT, "own", -1, -1, 0),
	NUM("chown-nobody", fchownat, AT, "own", 65534, 65534, 0),
	NUM("chown-root", fchownat, AT, "own", 0, 0, 0),
	NUM("chgrp-other", fchownat, AT, "own", -1, 12, 0),
	NUM("chown-public", fchownat, AT, "public", 65534, -1, 0),
	NUM("chown-link", fchownat, AT, "to-public", -1, 0, AT_SYMLINK_NOFOLLOW),
	FN_TEXT("stat-own", stat_own),
	FN_TEXT("stat-secret", stat_secret),
	FN_TEXT("stat-closed", stat_closed),
	FN_TEXT("stat-public", stat_theirs),
	NUM("times-now", utimensat, AT, "own", 0, 0),
	NUM("times-set", utimensat, AT, "own", times_set, 0),
	NUM("times-omit", utimensat, AT, "public", times_omit, 0),
	NUM("times-set-public", utimensat, AT, "public", times_set, 0),
	NUM("times-now-open", utimensat, AT, "open", 0, 0),
	NUM("times-set-open", utimensat, AT, "open", times_set, 0),
	NUM("access-own", faccessat, AT, "own", R_OK | W_OK),
	NUM("access-secret", faccessat, AT, "secret", R_OK),
	NUM("access-public-write", faccessat, AT, "public", W_OK),
	NUM("access-tool", faccessat, AT, "tool", X_OK),
	NUM("access-public-exec", faccessat, AT, "public", X_OK),
	NUM("access-closed", faccessat, AT, "closed/file", F_OK),
	NUM("access-effective", faccessat2, AT, "secret", R_OK, AT_EACCESS),
	NUM("statx-closed", statx, AT, "closed/file", 0, STATX_BASIC_STATS, out),
	NUM("statx-wrong", statx, AT, "own", 0x7777, STATX_BASIC_STATS, out),
	NUM("flags-get", ioctl, SLOT(0), FS_IOC_GETFLAGS, out),
	NUM("flags-append", ioctl, SLOT(0), FS_IOC_SETFLAGS, &flag_append),
	NUM("flags-immutable", ioctl, SLOT(0), FS_IOC_SETFLAGS, &flag_immutable),
	NUM("xflags-get", ioctl, SLOT(0), FS_IOC_FSGETXATTR, out),
	NUM("readable", ioctl, SLOT(0), FIONREAD, out),
	NUM("version-get", ioctl, SLOT(0), FS_IOC_GETVERSION, out),
	NUM("terminal", ioctl, SLOT(0), TIOCGWINSZ, out),
	NUM("block-size", ioctl, SLOT(0), BLKGETSIZE64, out),
	NUM("map-block", ioctl, SLOT(0), FIBMAP, out),
	NUM("freeze", ioctl, SLOT(0), 0xdead),
	NUM("statfs", statfs, "closed/file", out),
	NUM("dents", getdents64, SLOT(0), out, 512),
};
WORKLOAD(attr, attr_calls, .name = "attr", .as = AS_ANYONE, .prepare = make_objects);
