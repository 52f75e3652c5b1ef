// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on open files: how they come, are read and written, and go. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/uring.h"
#include "conformance/hooks/compat.h"
#include "conformance/hooks/descriptor.h"

#define CONTENT "krsi"
#define LENGTH	(sizeof(CONTENT) - 1)

/* The kernel's words for access to a file, as the hooks get them. */
#define MAY_WRITE 2
#define MAY_READ  4

/* Opening */

/* "f" with content, a descriptor of "." and one of "f" that only names it, and a handle of "f". */
static int openable(struct subject *s)
{
	struct file_handle *handle = calloc(1, sizeof(*handle) + MAX_HANDLE_SZ);
	int err = put_file("f", CONTENT) ?: uring__open(), mount_id;

	if (!handle)
		return -ENOMEM;
	if (!err)
		err = open_slot(s, 0, ".", O_RDONLY | O_DIRECTORY, 0);
	if (!err)
		err = open_slot(s, 1, "f", O_PATH, 0);
	if (err)
		return err;
	handle->handle_bytes = MAX_HANDLE_SZ;
	TRY(name_to_handle_at(AT_FDCWD, "f", handle, &mount_id, 0));
	s->mem = handle;
	snprintf(s->text, sizeof(s->text), "/proc/self/fd/%d", s->fd[1]);
	return 0;
}

#define TRUNCATING (O_WRONLY | O_TRUNC | O_CLOEXEC)

static int do_openat(struct subject *s)
{
	return SYS(openat(AT_FDCWD, "f", TRUNCATING));
}

static int do_openat2(struct subject *s)
{
	struct open_how how = { .flags = TRUNCATING };

	return SYS(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)));
}

static int do_open_by_handle(struct subject *s)
{
	return SYS(open_by_handle_at(s->fd[0], s->mem, TRUNCATING));
}

static int do_open_magic_link(struct subject *s)
{
	return SYS(open(s->text, TRUNCATING));
}

static int do_creat(struct subject *s)
{
	return SYS(creat("f", 0600));
}

static int do_open(struct subject *s)
{
	return SYS(syscall(SYS_open, "f", TRUNCATING));
}

static int do_compat_open(struct subject *s)
{
	static const char path[] = "f";

	return compat_call(COMPAT_OPEN, COMPAT_POINTER(path), TRUNCATING, 0, 0, 0, 0);
}

static const struct open_how truncating = { .flags = TRUNCATING };

URING_ROUTE(openat, OPENAT, .fd = AT_FDCWD, .addr = URING_ADDR("f"), .open_flags = TRUNCATING)
URING_ROUTE(openat2, OPENAT2, .fd = AT_FDCWD, .addr = URING_ADDR("f"), .len = sizeof(truncating),
	    .off = URING_ADDR(&truncating))

/* Truncation comes last in an open: it tells that the open went through. */
static bool f_is_empty(struct subject *s)
{
	struct stat st;

	return !stat("f", &st) && !st.st_size;
}

#define WAYS_TO_OPEN                                                                               \
	{                                                                                          \
		{ "openat", do_openat }, { "openat2", do_openat2 }, { "creat", do_creat },         \
			{ "open_by_handle_at", do_open_by_handle },                                \
			{ "proc-fd", do_open_magic_link },                                         \
	}

static int openable_and_program(struct subject *s)
{
	int err = openable(s) ?: put_noop("noop") ?: put_file("script", "#!./noop\n");

	return err ?: SYS(chmod("script", 0700));
}

static int run(struct subject *s, const char *path)
{
	char *const argv[] = { "noop", NULL }, *const envp[] = { NULL };
	int err = run_program(path, argv, envp);

	s->val[0] = !err;
	return err;
}

/* To execute is to open, too. */
static int do_execve(struct subject *s)
{
	return run(s, "./noop");
}

static int do_interpret(struct subject *s)
{
	return run(s, "./script");
}

static bool opened_or_ran(struct subject *s)
{
	return f_is_empty(s) || s->val[0];
}

HOOK(file_open, FAMILY_FILE, .setup = openable_and_program,
     .route = { { "openat", do_openat },
		{ "openat2", do_openat2 },
		{ "creat", do_creat },
		{ "open_by_handle_at", do_open_by_handle },
		{ "proc-fd", do_open_magic_link },
		{ "open", do_open },
		{ "int80-open", do_compat_open, .probe = no_compat },
		{ "io_uring_openat", uring_openat, .probe = no_uring_openat },
		{ "io_uring_openat2", uring_openat2, .probe = no_uring_openat2 },
		{ "execve", do_execve, .only = WANT_FILE("file", "noop") },
		{ "script-interpreter", do_interpret, .only = WANT_FILE("file", "noop") } },
     .effect = opened_or_ran, .only = WANT_FILE("file", "f"), .args = { WANT_FILE("file", "f") });

HOOK(file_post_open, FAMILY_FILE, .setup = openable, .route = WAYS_TO_OPEN, .effect = f_is_empty,
     .only = WANT_FILE("file", "f"),
     .args = { WANT_FILE("file", "f"), WANT_BITS("mask", MAY_READ | MAY_WRITE, MAY_WRITE) });

static int truncatable(struct subject *s)
{
	int err = put_file("f", CONTENT) ?: uring__open();

	return err ?: open_slot(s, 0, "f", O_WRONLY, 0);
}

static int do_ftruncate(struct subject *s)
{
	return SYS(ftruncate(s->fd[0], 0));
}

enum { OP_FTRUNCATE = 55 };

static int uring_ftruncate(struct subject *s)
{
	const struct io_uring_sqe sqe = { .opcode = OP_FTRUNCATE, .fd = s->fd[0] };

	return uring__run(&sqe);
}

static const char *no_uring_ftruncate(void)
{
	return uring__lacks(OP_FTRUNCATE);
}

/* A truncation by path is path_truncate's. */
HOOK(file_truncate, FAMILY_FILE, .setup = truncatable,
     .route = { { "ftruncate", do_ftruncate },
		{ "openat", do_openat },
		{ "creat", do_creat },
		{ "openat2", do_openat2 },
		{ "io_uring_openat", uring_openat, .probe = no_uring_openat },
		{ "io_uring_ftruncate", uring_ftruncate, .probe = no_uring_ftruncate } },
     .effect = f_is_empty, .args = { WANT_FILE("file", "f") });

/* Reading and writing */

/* s->fd[0] is "f"; a pipe is s->fd[1] and, to write, s->fd[2]; [3] is an empty file "g", [4] the
 * directory, and a pipe with bytes [5] and [6]. */
static int transferable(struct subject *s)
{
	int err = put_file("f", CONTENT) ?: put_file("g", "") ?: uring__open(), ends[2];

	if (!err)
		err = open_slot(s, 0, "f", O_RDWR, 0) ?: open_slot(s, 3, "g", O_RDWR, 0);
	if (!err)
		err = open_slot(s, 4, ".", O_RDONLY | O_DIRECTORY, 0);
	if (err)
		return err;
	TRY(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	s->fd[1] = ends[0];
	s->fd[2] = ends[1];
	TRY(pipe2(s->fd + 5, O_CLOEXEC));
	TRY(write(s->fd[6], "KRSI", LENGTH));
	return 0;
}

static int do_read(struct subject *s)
{
	return SYS(read(s->fd[0], s->text, LENGTH));
}

static int do_readv(struct subject *s)
{
	struct iovec iov = { s->text, LENGTH };

	return SYS(readv(s->fd[0], &iov, 1));
}

static int do_pread(struct subject *s)
{
	return SYS(pread(s->fd[0], s->text, LENGTH, 0));
}

static int do_preadv2(struct subject *s)
{
	struct iovec iov = { s->text, LENGTH };

	return SYS(preadv2(s->fd[0], &iov, 1, 0, 0));
}

static int do_splice(struct subject *s)
{
	return SYS(splice(s->fd[0], NULL, s->fd[2], NULL, LENGTH, 0));
}

static int do_write(struct subject *s)
{
	return SYS(write(s->fd[0], "KRSI", LENGTH));
}

static int do_pwritev2(struct subject *s)
{
	struct iovec iov = { "KRSI", LENGTH };

	return SYS(pwritev2(s->fd[0], &iov, 1, 0, RWF_APPEND));
}

static int do_fallocate(struct subject *s)
{
	return SYS(fallocate(s->fd[0], 0, 0, 4096));
}

static int do_preadv(struct subject *s)
{
	struct iovec iov = { s->text, LENGTH };

	return SYS(preadv(s->fd[0], &iov, 1, 0));
}

static int do_pwrite(struct subject *s)
{
	return SYS(pwrite(s->fd[0], "KRSI", LENGTH, 0));
}

static int do_writev(struct subject *s)
{
	struct iovec iov = { "KRSI", LENGTH };

	return SYS(writev(s->fd[0], &iov, 1));
}

static int do_pwritev(struct subject *s)
{
	struct iovec iov = { "KRSI", LENGTH };

	return SYS(pwritev(s->fd[0], &iov, 1, 0));
}

static int do_sendfile(struct subject *s)
{
	return SYS(sendfile(s->fd[2], s->fd[0], NULL, LENGTH));
}

static int do_copy_range(struct subject *s)
{
	return SYS(copy_file_range(s->fd[0], NULL, s->fd[3], NULL, LENGTH, 0));
}

static int do_splice_in(struct subject *s)
{
	return SYS(splice(s->fd[5], NULL, s->fd[0], NULL, LENGTH, 0));
}

static int do_getdents(struct subject *s)
{
	return SYS(syscall(SYS_getdents64, s->fd[4], s->text, sizeof(s->text)));
}

static int do_compat_read(struct subject *s)
{
	static char buf[LENGTH];
	int ret = compat_call(COMPAT_READ, s->fd[0], COMPAT_POINTER(buf), LENGTH, 0, 0, 0);

	memcpy(s->text, buf, LENGTH);
	return ret;
}

static struct iovec krsi_iov = { "KRSI", LENGTH }, text_iov;

URING_ROUTE(read, READ, .fd = s->fd[0], .addr = URING_ADDR(s->text), .len = LENGTH)
URING_ROUTE(write, WRITE, .fd = s->fd[0], .addr = URING_ADDR("KRSI"), .len = LENGTH)
URING_ROUTE(writev, WRITEV, .fd = s->fd[0], .addr = URING_ADDR(&krsi_iov), .len = 1)
URING_ROUTE(readv, READV, .fd = s->fd[0], .addr = URING_ADDR(&text_iov), .len = 1)
URING_ROUTE(fallocate, FALLOCATE, .fd = s->fd[0], .addr = 4096)
URING_ROUTE(splice, SPLICE, .fd = s->fd[2], .splice_fd_in = s->fd[0], .splice_off_in = -1,
	    .off = -1, .len = LENGTH)

static int do_uring_readv(struct subject *s)
{
	text_iov = (struct iovec){ s->text, LENGTH };
	return uring_readv(s);
}

/* Bytes arrived in the buffer, the pipe or "g", or the file is not what it was. */
static bool transferred(struct subject *s)
{
	static const char nothing[sizeof(s->text)];
	int in_pipe = 0;

	return memcmp(s->text, nothing, sizeof(nothing)) ||
	       (!ioctl(s->fd[1], FIONREAD, &in_pipe) && in_pipe) || !file_is("f", CONTENT) ||
	       !file_is("g", "");
}

#define EACH_STEP "each step of a transfer asks again"

HOOK(file_permission, FAMILY_FILE, .setup = transferable,
     .route = { { "read", do_read },
		{ "readv", do_readv },
		{ "pread64", do_pread },
		{ "preadv2", do_preadv2 },
		{ "splice", do_splice },
		{ "write", do_write },
		{ "pwritev2", do_pwritev2 },
		{ "fallocate", do_fallocate },
		{ "preadv", do_preadv },
		{ "pwrite64", do_pwrite },
		{ "writev", do_writev },
		{ "pwritev", do_pwritev },
		{ "sendfile", do_sendfile, .many = EACH_STEP },
		{ "copy_file_range", do_copy_range, .many = EACH_STEP },
		{ "splice-in", do_splice_in, .many = EACH_STEP },
		{ "getdents64", do_getdents, .only = WANT_FD("file", 4) },
		{ "int80-read", do_compat_read, .probe = no_compat },
		{ "io_uring_read", uring_read, .probe = no_uring_read },
		{ "io_uring_readv", do_uring_readv, .probe = no_uring_readv },
		{ "io_uring_write", uring_write, .probe = no_uring_write },
		{ "io_uring_writev", uring_writev, .probe = no_uring_writev },
		{ "io_uring_fallocate", uring_fallocate, .probe = no_uring_fallocate },
		{ "io_uring_splice", uring_splice, .probe = no_uring_splice } },
     .effect = transferred, .only = WANT_FD("file", 0),
     .args = { WANT_FD("file", 0), WANT_NUM("mask", MAY_READ) });

/* Coming and going */

static int countable(struct subject *s)
{
	s->val[0] = next_fd();
	return s->val[0] < 0 ? s->val[0] : put_file("f", CONTENT);
}

static int do_eventfd(struct subject *s)
{
	return SYS(eventfd(0, EFD_CLOEXEC));
}

static int do_memfd(struct subject *s)
{
	return SYS(memfd_create("krsi", MFD_CLOEXEC));
}

static int do_socket(struct subject *s)
{
	return SYS(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static bool new_fd(struct subject *s)
{
	return is_open(s->val[0]);
}

/* No `args`: the file has neither path nor inode yet. */
HOOK(file_alloc_security, FAMILY_FILE, .setup = countable,
     .route = { { "eventfd2", do_eventfd },
		{ "memfd_create", do_memfd },
		{ "socket", do_socket },
		{ "openat", do_openat } },
     .effect = new_fd);

static int closable(struct subject *s)
{
	int err = put_file("f", CONTENT);

	return err ?: open_slot(s, 0, "f", O_RDONLY, 0);
}

static int do_close(struct subject *s)
{
	return SYS(close(s->fd[0]));
}

static int do_close_range(struct subject *s)
{
	return SYS(syscall(SYS_close_range, s->fd[0], s->fd[0], 0));
}

static int do_dup3(struct subject *s)
{
	return SYS(dup3(STDIN_FILENO, s->fd[0], O_CLOEXEC));
}

/* The descriptor is closed, or that of another file. */
static bool f_is_closed(struct subject *s)
{
	struct stat f, st;

	return fstat(s->fd[0], &st) ||
	       (!stat("f", &f) && (st.st_ino != f.st_ino || st.st_dev != f.st_dev));
}

#define WAYS_TO_CLOSE                                                                              \
	{                                                                                          \
		{ "close", do_close }, { "close_range", do_close_range }, { "dup3", do_dup3 },     \
	}

VOID_HOOK(file_release, FAMILY_FILE, .setup = closable, .route = WAYS_TO_CLOSE,
	  .effect = f_is_closed, .args = { WANT_FILE("file", "f") });

/* The path is put before the hook, but the cached dentry stays, and so does the pointer to it. */
VOID_HOOK(file_free_security, FAMILY_FILE, .setup = closable, .route = WAYS_TO_CLOSE,
	  .effect = f_is_closed, .args = { WANT_FILE("file", "f") });
