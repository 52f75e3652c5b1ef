// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on names: making, linking, renaming and removing them. Each act passes path_* and inode_*.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/uring.h"

static bool new_exists(struct subject *s)
{
	return exists("new");
}

static int file_f(struct subject *s)
{
	return put_file("f", "krsi") ?: uring__open();
}

static int only_ring(struct subject *s)
{
	return uring__open();
}

/* ---- directories ---- */
static int do_mkdir(struct subject *s)
{
	return SYS(mkdir("new", 0700));
}

static int do_mkdirat(struct subject *s)
{
	return SYS(mkdirat(AT_FDCWD, "new", 0700));
}

URING_ROUTE(mkdir, MKDIRAT, .fd = AT_FDCWD, .addr = URING_ADDR("new"), .len = 0700)

HOOK(path_mkdir, FAMILY_PATH, .setup = only_ring,
     .route = { { "mkdir", do_mkdir },
		{ "mkdirat", do_mkdirat },
		{ "io_uring", uring_mkdir, .probe = no_uring_mkdir } },
     .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"), WANT_BITS("mode", 0777, 0700) });

HOOK(inode_mkdir, FAMILY_INODE, .setup = only_ring,
     .route = { { "mkdir", do_mkdir },
		{ "mkdirat", do_mkdirat },
		{ "io_uring", uring_mkdir, .probe = no_uring_mkdir } },
     .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"), WANT_BITS("mode", 0777, 0700) });

VOID_HOOK(d_instantiate, FAMILY_INODE, .route = { { "mkdir", do_mkdir } }, .effect = new_exists,
	  .args = { WANT_TEXT("dentry", "new"), WANT_FILE("inode", "new") });

static int dir_d(struct subject *s)
{
	TRY(mkdir("d", 0700));
	return uring__open();
}

static int do_rmdir(struct subject *s)
{
	return SYS(rmdir("d"));
}

static int do_unlinkat_dir(struct subject *s)
{
	return SYS(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
}

static bool d_is_gone(struct subject *s)
{
	return !exists("d");
}

URING_ROUTE(rmdir, UNLINKAT, .fd = AT_FDCWD, .addr = URING_ADDR("d"), .unlink_flags = AT_REMOVEDIR)

HOOK(path_rmdir, FAMILY_PATH, .setup = dir_d,
     .route = { { "rmdir", do_rmdir },
		{ "unlinkat", do_unlinkat_dir },
		{ "io_uring", uring_rmdir, .probe = no_uring_rmdir } },
     .effect = d_is_gone,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "d"), WANT_FILE("dentry", "d") });

HOOK(inode_rmdir, FAMILY_INODE, .setup = dir_d,
     .route = { { "rmdir", do_rmdir },
		{ "unlinkat", do_unlinkat_dir },
		{ "io_uring", uring_rmdir, .probe = no_uring_rmdir } },
     .effect = d_is_gone,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "d"), WANT_FILE("dentry", "d") });

/* ---- files and nodes ---- */
static int do_open(struct subject *s)
{
	return SYS(open("new", O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0600));
}

static int do_creat(struct subject *s)
{
	return SYS(creat("new", 0600));
}

static int do_openat2(struct subject *s)
{
	struct open_how how = { .flags = O_CREAT | O_WRONLY | O_CLOEXEC, .mode = 0600 };

	return SYS(syscall(SYS_openat2, AT_FDCWD, "new", &how, sizeof(how)));
}

static int do_mknod_file(struct subject *s)
{
	return SYS(mknod("new", S_IFREG | 0600, 0));
}

URING_ROUTE(open, OPENAT, .fd = AT_FDCWD, .addr = URING_ADDR("new"), .len = 0600,
	    .open_flags = O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC)

static const struct open_how creating = { .flags = O_CREAT | O_WRONLY | O_CLOEXEC, .mode = 0600 };

URING_ROUTE(open2, OPENAT2, .fd = AT_FDCWD, .addr = URING_ADDR("new"), .len = sizeof(creating),
	    .off = URING_ADDR(&creating))

HOOK(inode_create, FAMILY_INODE, .setup = only_ring,
     .route = { { "open", do_open },
		{ "creat", do_creat },
		{ "openat2", do_openat2 },
		{ "io_uring", uring_open, .probe = no_uring_open },
		{ "mknod", do_mknod_file },
		{ "io_uring_openat2", uring_open2, .probe = no_uring_open2 } },
     .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"), WANT_BITS("mode", 0777, 0600) });

VOID_HOOK(path_post_mknod, FAMILY_PATH, .route = { { "mknod", do_mknod_file } },
	  .effect = new_exists, .args = { WANT_FILE("dentry", "new") });

static int unix_socket(struct subject *s)
{
	return keep_fd(s, 0, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) ?: uring__open();
}

static int do_mknod(struct subject *s)
{
	return SYS(mknod("new", S_IFIFO | 0600, 0));
}

static int do_mknodat(struct subject *s)
{
	return SYS(mknodat(AT_FDCWD, "new", S_IFIFO | 0600, 0));
}

static int do_bind(struct subject *s)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "new" };

	return SYS(bind(s->fd[0], (struct sockaddr *)&addr, sizeof(addr)));
}

HOOK(path_mknod, FAMILY_PATH, .setup = unix_socket,
     .route = { { "mknod", do_mknod },
		{ "mknodat", do_mknodat },
		{ "open", do_open },
		{ "io_uring", uring_open, .probe = no_uring_open },
		{ "bind", do_bind },
		{ "creat", do_creat },
		{ "openat2", do_openat2 },
		{ "io_uring_openat2", uring_open2, .probe = no_uring_open2 } },
     .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"),
	       WANT_BITS("mode", S_IFMT | 0777, S_IFIFO | 0600), WANT_NUM("dev", 0) });

HOOK(inode_mknod, FAMILY_INODE, .setup = unix_socket,
     .route = { { "mknod", do_mknod }, { "mknodat", do_mknodat }, { "bind", do_bind } },
     .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"),
	       WANT_BITS("mode", S_IFMT | 0777, S_IFIFO | 0600), WANT_NUM("dev", 0) });

static int do_tmpfile(struct subject *s)
{
	s->fd[0] = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return s->fd[0] < 0 ? -errno : 0;
}

/* The file without a name gets one. */
static bool tmpfile_links(struct subject *s)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd[0]);
	return !linkat(AT_FDCWD, path, AT_FDCWD, "new", AT_SYMLINK_FOLLOW) && exists("new");
}

VOID_HOOK(inode_post_create_tmpfile, FAMILY_INODE, .route = { { "open", do_tmpfile } },
	  .effect = tmpfile_links, .args = { WANT_FD("inode", 0) });

/* ---- links ---- */
static int do_symlink(struct subject *s)
{
	return SYS(symlink("target", "new"));
}

static int do_symlinkat(struct subject *s)
{
	return SYS(symlinkat("target", AT_FDCWD, "new"));
}

URING_ROUTE(symlink, SYMLINKAT, .fd = AT_FDCWD, .addr = URING_ADDR("target"),
	    .addr2 = URING_ADDR("new"))

HOOK(path_symlink, FAMILY_PATH, .setup = only_ring,
     .route = { { "symlink", do_symlink },
		{ "symlinkat", do_symlinkat },
		{ "io_uring", uring_symlink, .probe = no_uring_symlink } },
     .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"),
	       WANT_TEXT("old_name", "target") });

HOOK(inode_symlink, FAMILY_INODE, .setup = only_ring,
     .route = { { "symlink", do_symlink },
		{ "symlinkat", do_symlinkat },
		{ "io_uring", uring_symlink, .probe = no_uring_symlink } },
     .effect = new_exists,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new"),
	       WANT_TEXT("old_name", "target") });

/* f, its descriptor, and the name by which linkat() finds a descriptor's file. */
static int opened_f(struct subject *s)
{
	int err = file_f(s) ?: open_slot(s, 0, "f", O_RDWR, 0);

	snprintf(s->text, sizeof(s->text), "/proc/self/fd/%d", s->fd[0]);
	return err;
}

static int do_link(struct subject *s)
{
	return SYS(link("f", "new"));
}

static int do_linkat(struct subject *s)
{
	return SYS(linkat(AT_FDCWD, "f", AT_FDCWD, "new", 0));
}

static int do_linkat_proc(struct subject *s)
{
	return SYS(linkat(AT_FDCWD, s->text, AT_FDCWD, "new", AT_SYMLINK_FOLLOW));
}

static int do_linkat_empty(struct subject *s)
{
	return SYS(linkat(s->fd[0], "", AT_FDCWD, "new", AT_EMPTY_PATH));
}

URING_ROUTE(link, LINKAT, .fd = AT_FDCWD, .addr = URING_ADDR("f"), .len = AT_FDCWD,
	    .addr2 = URING_ADDR("new"))

HOOK(path_link, FAMILY_PATH, .setup = opened_f,
     .route = { { "link", do_link },
		{ "linkat", do_linkat },
		{ "linkat-proc-fd", do_linkat_proc },
		{ "linkat-empty-path", do_linkat_empty },
		{ "io_uring", uring_link, .probe = no_uring_link } },
     .effect = new_exists,
     .args = { WANT_FILE("old_dentry", "f"), WANT_TEXT("old_dentry", "f"),
	       WANT_FILE("new_dir", "."), WANT_TEXT("new_dentry", "new") });

HOOK(inode_link, FAMILY_INODE, .setup = opened_f,
     .route = { { "link", do_link },
		{ "linkat", do_linkat },
		{ "linkat-proc-fd", do_linkat_proc },
		{ "linkat-empty-path", do_linkat_empty },
		{ "io_uring", uring_link, .probe = no_uring_link } },
     .effect = new_exists,
     .args = { WANT_FILE("old_dentry", "f"), WANT_TEXT("old_dentry", "f"), WANT_FILE("dir", "."),
	       WANT_TEXT("new_dentry", "new") });

/* ---- removing and renaming ---- */
static int do_unlink(struct subject *s)
{
	return SYS(unlink("f"));
}

static int do_unlinkat(struct subject *s)
{
	return SYS(unlinkat(AT_FDCWD, "f", 0));
}

static bool f_is_gone(struct subject *s)
{
	return !exists("f");
}

URING_ROUTE(unlink, UNLINKAT, .fd = AT_FDCWD, .addr = URING_ADDR("f"))

HOOK(path_unlink, FAMILY_PATH, .setup = file_f,
     .route = { { "unlink", do_unlink },
		{ "unlinkat", do_unlinkat },
		{ "io_uring", uring_unlink, .probe = no_uring_unlink } },
     .effect = f_is_gone,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "f"), WANT_FILE("dentry", "f") });

HOOK(inode_unlink, FAMILY_INODE, .setup = file_f,
     .route = { { "unlink", do_unlink },
		{ "unlinkat", do_unlinkat },
		{ "io_uring", uring_unlink, .probe = no_uring_unlink } },
     .effect = f_is_gone,
     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "f"), WANT_FILE("dentry", "f") });

static int do_rename(struct subject *s)
{
	return SYS(rename("f", "new"));
}

static int do_renameat(struct subject *s)
{
	return SYS(renameat(AT_FDCWD, "f", AT_FDCWD, "new"));
}

static int do_renameat2(struct subject *s)
{
	return SYS(renameat2(AT_FDCWD, "f", AT_FDCWD, "new", RENAME_NOREPLACE));
}

static bool f_is_new(struct subject *s)
{
	return !exists("f") && file_is("new", "krsi");
}

URING_ROUTE(rename, RENAMEAT, .fd = AT_FDCWD, .addr = URING_ADDR("f"), .len = AT_FDCWD,
	    .addr2 = URING_ADDR("new"))

HOOK(path_rename, FAMILY_PATH, .setup = file_f,
     .route = { { "rename", do_rename },
		{ "renameat", do_renameat },
		{ "renameat2", do_renameat2 },
		{ "io_uring", uring_rename, .probe = no_uring_rename } },
     .effect = f_is_new,
     .args = { WANT_FILE("old_dir", "."), WANT_FILE("old_dentry", "f"),
	       WANT_TEXT("old_dentry", "f"), WANT_FILE("new_dir", "."),
	       WANT_TEXT("new_dentry", "new") });

static int f_and_other(struct subject *s)
{
	return file_f(s) ?: put_file("other", "other");
}

/* Each of the two is renamed, and both are asked about; then the names are as after a rename. */
static int do_exchange(struct subject *s)
{
	TRY(renameat2(AT_FDCWD, "f", AT_FDCWD, "other", RENAME_EXCHANGE));
	TRY(link("other", "new"));
	return SYS(unlink("f"));
}

HOOK(inode_rename, FAMILY_INODE, .setup = f_and_other,
     .route = { { "rename", do_rename },
		{ "renameat", do_renameat },
		{ "renameat2", do_renameat2 },
		{ "exchange", do_exchange, .only = WANT_FILE("old_dentry", "f") },
		{ "exchange-other", do_exchange, .only = WANT_FILE("old_dentry", "other") },
		{ "io_uring", uring_rename, .probe = no_uring_rename } },
     .effect = f_is_new,
     .args = { WANT_FILE("old_dir", "."), WANT_FILE("old_dentry", "f"),
	       WANT_TEXT("old_dentry", "f"), WANT_FILE("new_dir", "."),
	       WANT_TEXT("new_dentry", "new") });
