// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on attributes: permission, stat, chmod, chown, times, size, symbolic links. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/uring.h"
#include "conformance/hooks/compat.h"

static int open_f(struct subject *s)
{
	return put_file("f", "krsi") ?: open_slot(s, 0, "f", O_RDWR, 0);
}

/* ---- looking: an act notes the inode number that it was told in val[0] ---- */
static int note(struct subject *s, const struct stat *st, int err)
{
	s->val[0] = st->st_ino;
	return err;
}

static bool noted(struct subject *s)
{
	return s->val[0] != 0;
}

static int do_stat(struct subject *s)
{
	struct stat st = {};
	int err = SYS(stat("f", &st));

	return note(s, &st, err);
}

static int do_lstat(struct subject *s)
{
	struct stat st = {};
	int err = SYS(lstat("f", &st));

	return note(s, &st, err);
}

static int do_fstat(struct subject *s)
{
	struct stat st = {};
	int err = SYS(fstat(s->fd[0], &st));

	return note(s, &st, err);
}

static int do_fstatat(struct subject *s)
{
	struct stat st = {};
	int err = SYS(fstatat(s->fd[0], "", &st, AT_EMPTY_PATH));

	return note(s, &st, err);
}

static int do_statx(struct subject *s)
{
	struct statx stx = {};
	int err = SYS(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &stx));

	s->val[0] = stx.stx_ino;
	return err;
}

static int uring_statx(struct subject *s)
{
	struct statx stx = {};
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_STATX,
		.fd = AT_FDCWD,
		.addr = (uintptr_t) "f",
		.len = STATX_BASIC_STATS,
		.off = (uintptr_t)&stx,
	};
	int err = uring__run(&sqe);

	s->val[0] = stx.stx_ino;
	return err;
}

static const char *no_uring_statx(void)
{
	return uring__lacks(IORING_OP_STATX);
}

static int open_f_and_ring(struct subject *s)
{
	return open_f(s) ?: uring__open();
}

HOOK(inode_getattr, FAMILY_INODE, .setup = open_f_and_ring,
     .route = { { "stat", do_stat },
		{ "lstat", do_lstat },
		{ "fstat", do_fstat },
		{ "fstatat", do_fstatat },
		{ "statx", do_statx },
		{ "io_uring", uring_statx, .probe = no_uring_statx } },
     .effect = noted, .args = { WANT_FILE("path", "f"), WANT_TEXT("path", "f") });

static int d_f(struct subject *s)
{
	TRY(mkdir("d", 0700));
	TRY(symlink("f", "d/l"));
	return put_file("d/f", "krsi") ?: open_slot(s, 1, ".", O_PATH, 0);
}

static int do_stat_below(struct subject *s)
{
	struct stat st = {};
	int err = SYS(stat("d/f", &st));

	return note(s, &st, err);
}

static int do_open_below(struct subject *s)
{
	s->fd[0] = open("d/f", O_RDONLY | O_CLOEXEC);
	s->val[0] = s->fd[0] >= 0;
	return s->fd[0] < 0 ? -errno : 0;
}

static int do_access_below(struct subject *s)
{
	int err = SYS(access("d/f", R_OK));

	s->val[0] = !err;
	return err;
}

static int do_faccessat2(struct subject *s)
{
	int err = SYS(syscall(SYS_faccessat2, AT_FDCWD, "d/f", R_OK, AT_EACCESS));

	s->val[0] = !err;
	return err;
}

static int do_chdir(struct subject *s)
{
	int err = SYS(chdir("d"));
	char path[128];
	size_t len;

	if (!getcwd(path, sizeof(path)))
		return -errno;
	len = strlen(path);
	s->val[0] = !strcmp(path + len - 2, "/d");
	/* where the harness looks for the directory */
	return err ?: SYS(fchdir(s->fd[1]));
}

static int do_readlink_below(struct subject *s)
{
	char target[8];
	int ret = SYS(readlink("d/l", target, sizeof(target)));

	s->val[0] = ret > 0;
	return ret;
}

/* MAY_EXEC of the kernel: the right to pass through a directory. */
HOOK(inode_permission, FAMILY_INODE, .setup = d_f,
     .route = { { "stat", do_stat_below },
		{ "open", do_open_below },
		{ "access", do_access_below },
		{ "faccessat2", do_faccessat2 },
		{ "chdir", do_chdir },
		{ "readlink", do_readlink_below } },
     .effect = noted, .only = WANT_FILE("inode", "d"),
     .args = { WANT_FILE("inode", "d"), WANT_BITS("mask", 7, 1) });

/* ---- changing: f's attributes before act are kept in s->text ---- */
_Static_assert(sizeof(struct stat) <= sizeof(((struct subject *)0)->text), "no room for a stat");

static int known_f(struct subject *s)
{
	struct stat st;
	int err = open_f(s);

	if (err)
		return err;
	TRY(lstat("f", &st));
	memcpy(s->text, &st, sizeof(st));
	return 0;
}

static bool f_changed(struct subject *s)
{
	struct stat before, now;

	memcpy(&before, s->text, sizeof(before));
	return !lstat("f", &now) && (now.st_mode != before.st_mode || now.st_uid != before.st_uid ||
				     now.st_gid != before.st_gid || now.st_size != before.st_size ||
				     now.st_mtim.tv_sec != before.st_mtim.tv_sec);
}

static int do_chmod(struct subject *s)
{
	return SYS(chmod("f", 0640));
}

static int do_fchmod(struct subject *s)
{
	return SYS(fchmod(s->fd[0], 0640));
}

static int do_fchmodat(struct subject *s)
{
	return SYS(fchmodat(AT_FDCWD, "f", 0640, 0));
}

enum { SYS_fchmodat2_ = 452 /* on every architecture */ };

static int do_fchmodat2(struct subject *s)
{
	return SYS(syscall(SYS_fchmodat2_, s->fd[0], "", 0640, AT_EMPTY_PATH));
}

static const char *no_fchmodat2(void)
{
	return needs__syscall(SYS_fchmodat2_) ? NULL : "no fchmodat2 here";
}

static int do_chown(struct subject *s)
{
	return SYS(chown("f", 1, 2));
}

static int do_lchown(struct subject *s)
{
	return SYS(lchown("f", 1, 2));
}

static int do_fchown(struct subject *s)
{
	return SYS(fchown(s->fd[0], 1, 2));
}

static int do_fchownat(struct subject *s)
{
	return SYS(fchownat(s->fd[0], "", 1, 2, AT_EMPTY_PATH));
}

static const struct timespec then[2] = { { .tv_sec = 1 }, { .tv_sec = 2 } };

static int do_utimensat(struct subject *s)
{
	return SYS(utimensat(AT_FDCWD, "f", then, 0));
}

static int do_futimens(struct subject *s)
{
	return SYS(futimens(s->fd[0], then));
}

static int do_truncate(struct subject *s)
{
	return SYS(truncate("f", 1));
}

static int do_ftruncate(struct subject *s)
{
	return SYS(ftruncate(s->fd[0], 1));
}

static int do_open_trunc(struct subject *s)
{
	return SYS(open("f", O_WRONLY | O_TRUNC | O_CLOEXEC));
}

static int do_utime(struct subject *s)
{
	const long times[2] = { 1, 2 };

	return SYS(syscall(SYS_utime, "f", times));
}

static const struct timeval then_in_usec[2] = { { .tv_sec = 1 }, { .tv_sec = 2 } };

static int do_utimes(struct subject *s)
{
	return SYS(syscall(SYS_utimes, "f", then_in_usec));
}

static int do_futimesat(struct subject *s)
{
	return SYS(syscall(SYS_futimesat, AT_FDCWD, "f", then_in_usec));
}

HOOK(inode_setattr, FAMILY_INODE, .setup = known_f,
     .route = { { "chmod", do_chmod },
		{ "fchmod", do_fchmod },
		{ "fchmodat", do_fchmodat },
		{ "chown", do_chown },
		{ "lchown", do_lchown },
		{ "fchown", do_fchown },
		{ "fchownat", do_fchownat },
		{ "utimensat", do_utimensat },
		{ "futimens", do_futimens },
		{ "truncate", do_truncate },
		{ "ftruncate", do_ftruncate },
		{ "open-trunc", do_open_trunc },
		{ "fchmodat2", do_fchmodat2, .probe = no_fchmodat2 },
		{ "utime", do_utime },
		{ "utimes", do_utimes },
		{ "futimesat", do_futimesat } },
     .effect = f_changed,
     .args = { WANT_FILE("dentry", "f"), WANT_WORD("attr", KRSI_B, S_IFREG | 0640) });

VOID_HOOK(inode_post_setattr, FAMILY_INODE, .setup = known_f,
	  .route = { { "chmod", do_chmod },
		     { "chown", do_chown },
		     { "utimensat", do_utimensat },
		     { "truncate", do_truncate } },
	  .effect = f_changed,
	  .args = { WANT_FILE("dentry", "f"), WANT_BITS("ia_valid", 1 /* ATTR_MODE */, 1) });

HOOK(path_chmod, FAMILY_PATH, .setup = known_f,
     .route = { { "chmod", do_chmod },
		{ "fchmod", do_fchmod },
		{ "fchmodat", do_fchmodat },
		{ "fchmodat2", do_fchmodat2, .probe = no_fchmodat2 } },
     .effect = f_changed, .args = { WANT_FILE("path", "f"), WANT_BITS("mode", 07777, 0640) });

HOOK(path_chown, FAMILY_PATH, .setup = known_f,
     .route = { { "chown", do_chown },
		{ "lchown", do_lchown },
		{ "fchown", do_fchown },
		{ "fchownat", do_fchownat } },
     .effect = f_changed,
     .args = { WANT_FILE("path", "f"), WANT_NUM("uid", 1), WANT_NUM("gid", 2) });

static int do_compat_truncate(struct subject *s)
{
	static const char path[] = "f";

	return compat_call(COMPAT_TRUNCATE64, COMPAT_POINTER(path), 1, 0, 0, 0, 0);
}

HOOK(path_truncate, FAMILY_PATH, .setup = known_f,
     .route = { { "truncate", do_truncate },
		{ "int80-truncate64", do_compat_truncate, .probe = no_compat } },
     .effect = f_changed, .args = { WANT_FILE("path", "f"), WANT_TEXT("path", "f") });

/* ---- file capabilities: a change of owner or content must drop them ---- */
static int capable_f(struct subject *s)
{
	const struct vfs_cap_data caps = { .magic_etc = VFS_CAP_REVISION_2,
					   .data[0].permitted = 1 << CAP_KILL };
	int err = known_f(s);

	if (err)
		return err;
	TRY(setxattr("f", "security.capability", &caps, XATTR_CAPS_SZ_2, 0));
	return 0;
}

static int do_write(struct subject *s)
{
	return SYS(write(s->fd[0], "longer", 6));
}

static int do_fallocate(struct subject *s)
{
	return SYS(fallocate(s->fd[0], 0, 0, 4096));
}

HOOK(inode_killpriv, FAMILY_INODE, .setup = capable_f,
     .route = { { "chown", do_chown },
		{ "write", do_write },
		{ "truncate", do_truncate },
		{ "ftruncate", do_ftruncate },
		{ "fchown", do_fchown },
		{ "open-trunc", do_open_trunc },
		{ "fallocate", do_fallocate } },
     .effect = f_changed, .args = { WANT_FILE("dentry", "f") });

/* Without capabilities on f: cap_inode_need_killpriv would answer yes, and end the chain. */
HOOK(inode_need_killpriv, FAMILY_INODE, .setup = known_f, .route = { { "chown", do_chown } },
     .effect = f_changed, .args = { WANT_FILE("dentry", "f") });

/* ---- symbolic links ---- */
static int link_l(struct subject *s)
{
	TRY(symlink("f", "l"));
	return put_file("f", "krsi") ?: open_slot(s, 0, "l", O_PATH | O_NOFOLLOW, 0);
}

static int do_readlink(struct subject *s)
{
	return SYS(readlink("l", s->text, sizeof(s->text) - 1));
}

static int do_readlinkat(struct subject *s)
{
	return SYS(readlinkat(s->fd[0], "", s->text, sizeof(s->text) - 1));
}

static bool target_read(struct subject *s)
{
	return !strcmp(s->text, "f");
}

HOOK(inode_readlink, FAMILY_INODE, .setup = link_l,
     .route = { { "readlink", do_readlink }, { "readlinkat", do_readlinkat } },
     .effect = target_read, .args = { WANT_FILE("dentry", "l"), WANT_TEXT("dentry", "l") });

static int do_stat_through(struct subject *s)
{
	struct stat st = {};
	int err = SYS(stat("l", &st));

	return note(s, &st, err);
}

static int do_open_through(struct subject *s)
{
	s->fd[1] = open("l", O_RDONLY | O_CLOEXEC);
	s->val[0] = s->fd[1] >= 0;
	return s->fd[1] < 0 ? -errno : 0;
}

static int do_access_through(struct subject *s)
{
	int err = SYS(access("l", R_OK));

	s->val[0] = !err;
	return err;
}

static int do_statx_through(struct subject *s)
{
	struct statx stx = {};
	int err = SYS(statx(AT_FDCWD, "l", 0, STATX_BASIC_STATS, &stx));

	s->val[0] = stx.stx_ino;
	return err;
}

static int do_openat2_through(struct subject *s)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };

	s->fd[1] = syscall(SYS_openat2, AT_FDCWD, "l", &how, sizeof(how));
	s->val[0] = s->fd[1] >= 0;
	return s->fd[1] < 0 ? -errno : 0;
}

HOOK(inode_follow_link, FAMILY_INODE, .setup = link_l,
     .route = { { "stat", do_stat_through },
		{ "open", do_open_through },
		{ "access", do_access_through },
		{ "statx", do_statx_through },
		{ "openat2", do_openat2_through } },
     .effect = noted, .args = { WANT_FILE("dentry", "l"), WANT_FILE("inode", "l") });
