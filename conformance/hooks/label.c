// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on an inode's security label and on its life: made, labelled, asked for, freed. */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/running.h"

static int file_f(struct subject *s)
{
	return put_file("f", "krsi");
}

static bool new_exists(struct subject *s)
{
	return exists("new");
}

static int do_creat(struct subject *s)
{
	return SYS(creat("new", 0600));
}

static int do_mkdir(struct subject *s)
{
	return SYS(mkdir("new", 0700));
}

static int do_mknod(struct subject *s)
{
	return SYS(mknod("new", S_IFIFO | 0600, 0));
}

static int do_symlink(struct subject *s)
{
	return SYS(symlink("target", "new"));
}

/* ---- made: the inode has no number yet, but belongs to our file system ---- */
HOOK(inode_alloc_security, FAMILY_LABEL,
     .route = { { "creat", do_creat },
		{ "mkdir", do_mkdir },
		{ "mknod", do_mknod },
		{ "symlink", do_symlink } },
     .effect = new_exists, .only = WANT_SUPER("inode", "."),
     .args = { WANT_SUPER("inode", "."), WANT_TEXT("inode", "tmpfs") }, .denied_as = ENOSPC,
     .denied_by = "shmem_get_inode() takes every failed new_inode() for a full file system");

/* ---- labelled ---- */
/*
 * Kernels in which LSMs announce that they store labels (struct lsm_blob_sizes) ask every LSM, but
 * only if one has. Older ones take the first answer, which one that labels gives also when it has
 * none.
 */
static const char *not_asked(void)
{
	if (!btf_has_name("lbs_xattr_count"))
		return needs__labelled_first() ? "another LSM answers first" : NULL;
	if (needs__lsm("evm") || needs__lsm("selinux") || needs__lsm("smack"))
		return NULL;
	return "no active LSM stores labels, so security_inode_init_security() calls nobody";
}

HOOK(inode_init_security, FAMILY_LABEL, .default_ret = -EOPNOTSUPP,
     .route = { { "creat", do_creat },
		{ "mkdir", do_mkdir },
		{ "mknod", do_mknod },
		{ "symlink", do_symlink } },
     .effect = new_exists,
     .args = { WANT_FILE("inode", "new"), WANT_FILE("dir", "."), WANT_TEXT("qstr", "new") },
     .needs.probe = not_asked);

static int keep(struct subject *s, int fd)
{
	s->fd[0] = fd;
	return fd < 0 ? -errno : 0;
}

static int do_userfaultfd(struct subject *s)
{
	return keep(s, syscall(SYS_userfaultfd, O_CLOEXEC));
}

static int do_io_uring(struct subject *s)
{
	struct io_uring_params params = {};

	return keep(s, syscall(SYS_io_uring_setup, 1, &params));
}

enum { SYS_memfd_secret_ = 447 /* on every architecture */ };

static int do_memfd_secret(struct subject *s)
{
	return keep(s, syscall(SYS_memfd_secret_, O_CLOEXEC));
}

static bool fd_works(struct subject *s)
{
	return fcntl(s->fd[0], F_GETFD) >= 0;
}

static const char *no_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, -1) < 0 && errno != EINVAL ? "no userfaultfd" : NULL;
}

static const char *no_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 0, NULL) < 0 && (errno == ENOSYS || errno == EPERM)
		       ? "no io_uring, or not for us"
		       : NULL;
}

static const char *no_memfd_secret(void)
{
	return needs__syscall(SYS_memfd_secret_) ? NULL : "no memfd_secret, or not enabled";
}

HOOK(inode_init_security_anon, FAMILY_LABEL,
     .route = { { "userfaultfd", do_userfaultfd },
		{ "io_uring_setup", do_io_uring, .probe = no_io_uring },
		{ "memfd_secret", do_memfd_secret, .probe = no_memfd_secret } },
     .effect = fd_works,
     .args = { WANT_FD("inode", 0), WANT_TEXT("name", "[userfaultfd]"),
	       WANT_NUM("context_inode", 0) },
     .needs.probe = no_userfaultfd);

/* ---- the label as an attribute: only where neither program nor file system keeps one ---- */
static int pipe_ends(struct subject *s)
{
	return SYS(pipe2(s->fd, O_CLOEXEC));
}

static int do_set_label(struct subject *s)
{
	return SYS(fsetxattr(s->fd[0], "security.krsi", "label", sizeof("label"), 0));
}

/* pipefs has no attributes: __vfs_setxattr_noperm() leaves the label to the LSMs, who refuse. */
HOOK(inode_setsecurity, FAMILY_LABEL, .default_ret = -EOPNOTSUPP, .setup = pipe_ends,
     .route = { { "fsetxattr", do_set_label } }, .normal = -EOPNOTSUPP,
     .args = { WANT_FD("inode", 0), WANT_TEXT("name", "krsi"), WANT_TEXT("value", "label"),
	       WANT_NUM("size", sizeof("label")) });

static int labelled_f(struct subject *s)
{
	int err = file_f(s);

	if (err)
		return err;
	TRY(setxattr("f", "security.krsi", "label", sizeof("label"), 0));
	return 0;
}

static int do_get_label(struct subject *s)
{
	return SYS(getxattr("f", "security.krsi", s->text, sizeof(s->text)));
}

static bool label_read(struct subject *s)
{
	return !strcmp(s->text, "label");
}

/* A program that has no label to give leaves the question to the file system. */
HOOK(inode_getsecurity, FAMILY_LABEL, .default_ret = -EOPNOTSUPP, .setup = labelled_f,
     .route = { { "getxattr", do_get_label } }, .effect = label_read,
     .args = { WANT_FILE("inode", "f"), WANT_TEXT("name", "krsi") });

static int unix_socket(struct subject *s)
{
	return keep_fd(s, 0, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int do_list(struct subject *s)
{
	return SYS(flistxattr(s->fd[0], s->text, sizeof(s->text)));
}

static bool protocol_listed(struct subject *s)
{
	return memmem(s->text, sizeof(s->text), "system.sockprotoname", 20);
}

HOOK(inode_listsecurity, FAMILY_LABEL, .setup = unix_socket, .route = { { "flistxattr", do_list } },
     .effect = protocol_listed, .args = { WANT_FD("inode", 0) });

/* ---- freed ---- */
static int files_f_g(struct subject *s)
{
	return put_file("f", "old") ?: put_file("g", "new");
}

static int do_unlink(struct subject *s)
{
	return SYS(unlink("f"));
}

static int do_rename_over(struct subject *s)
{
	return SYS(rename("g", "f"));
}

VOID_HOOK(inode_free_security, FAMILY_LABEL, .setup = files_f_g,
	  .route = { { "unlink", do_unlink }, { "rename-over", do_rename_over } },
	  .only = WANT_FILE("inode", "f"), .args = { WANT_FILE("inode", "f") });

/*
 * All that the hook gets is the label's memory, which starts with an RCU head; rcu_do_batch()
 * clears the head's function before it calls it.
 */
VOID_HOOK(inode_free_security_rcu, FAMILY_LABEL, .setup = file_f,
	  .route = { { "unlink", do_unlink } }, .anyone = true, .async = true,
	  .only = WANT_WORD("inode_security", KRSI_B, 0),
	  .many = "an RCU callback frees the label of every inode, and does not tell whose",
	  .args = { WANT_WORD("inode_security", KRSI_B, 0) });
