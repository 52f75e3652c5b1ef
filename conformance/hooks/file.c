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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
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
	int err = put_file("f", CONTENT), mount_id;

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

HOOK(file_open, FAMILY_FILE, .setup = openable, .route = WAYS_TO_OPEN, .effect = f_is_empty,
     .only = WANT_FILE("file", "f"), .args = { WANT_FILE("file", "f") });

HOOK(file_post_open, FAMILY_FILE, .setup = openable, .route = WAYS_TO_OPEN, .effect = f_is_empty,
     .only = WANT_FILE("file", "f"),
     .args = { WANT_FILE("file", "f"), WANT_BITS("mask", MAY_READ | MAY_WRITE, MAY_WRITE) });

static int truncatable(struct subject *s)
{
	int err = put_file("f", CONTENT);

	return err ?: open_slot(s, 0, "f", O_WRONLY, 0);
}

static int do_ftruncate(struct subject *s)
{
	return SYS(ftruncate(s->fd[0], 0));
}

/* A truncation by path is path_truncate's. */
HOOK(file_truncate, FAMILY_FILE, .setup = truncatable,
     .route = { { "ftruncate", do_ftruncate }, { "openat", do_openat }, { "creat", do_creat } },
     .effect = f_is_empty, .args = { WANT_FILE("file", "f") });

/* Reading and writing */

/* s->fd[0] is "f"; a pipe is s->fd[1] and, to write, s->fd[2]. */
static int transferable(struct subject *s)
{
	int err = put_file("f", CONTENT), ends[2];

	if (!err)
		err = open_slot(s, 0, "f", O_RDWR, 0);
	if (err)
		return err;
	TRY(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	s->fd[1] = ends[0];
	s->fd[2] = ends[1];
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

/* Bytes arrived in the buffer or the pipe, or the file is not what it was. */
static bool transferred(struct subject *s)
{
	int in_pipe = 0;

	return !memcmp(s->text, CONTENT, LENGTH) ||
	       (!ioctl(s->fd[1], FIONREAD, &in_pipe) && in_pipe) || !file_is("f", CONTENT);
}

HOOK(file_permission, FAMILY_FILE, .setup = transferable,
     .route = { { "read", do_read },
		{ "readv", do_readv },
		{ "pread64", do_pread },
		{ "preadv2", do_preadv2 },
		{ "splice", do_splice },
		{ "write", do_write },
		{ "pwritev2", do_pwritev2 },
		{ "fallocate", do_fallocate } },
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
