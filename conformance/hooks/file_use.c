// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on what is done with an open file besides reading and writing: ioctl, fcntl, locks,
 * signals, and passing it on. */
#include <asm/unistd.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/uring.h"
#include "conformance/hooks/compat.h"
#include "conformance/hooks/descriptor.h"

/* s->fd[0] is "f", without close-on-exec. */
static int file_open_rw(struct subject *s)
{
	int err = put_file("f", "krsi");

	return err ?: keep_fd(s, 0, open("f", O_RDWR));
}

/* ioctl */

static int do_ioctl(struct subject *s)
{
	return SYS(ioctl(s->fd[0], FIOCLEX, 0));
}

static bool close_on_exec(struct subject *s)
{
	return fcntl(s->fd[0], F_GETFD) == FD_CLOEXEC;
}

HOOK(file_ioctl, FAMILY_FILE, .setup = file_open_rw, .route = { { "ioctl", do_ioctl } },
     .effect = close_on_exec,
     .args = { WANT_FD("file", 0), WANT_NUM("cmd", FIOCLEX), WANT_NUM("arg", 0) });

static int do_compat_ioctl(struct subject *s)
{
	return compat_call(COMPAT_IOCTL, s->fd[0], FIOCLEX, 0, 0, 0, 0);
}

HOOK(file_ioctl_compat, FAMILY_FILE, .needs.probe = no_compat, .setup = file_open_rw,
     .route = { { "int80", do_compat_ioctl } }, .effect = close_on_exec,
     .args = { WANT_FD("file", 0), WANT_NUM("cmd", FIOCLEX), WANT_NUM("arg", 0) });

/* fcntl */

static int do_fcntl(struct subject *s)
{
	return SYS(fcntl(s->fd[0], F_SETFL, O_NONBLOCK));
}

static bool nonblocking(struct subject *s)
{
	return fcntl(s->fd[0], F_GETFL) & O_NONBLOCK;
}

static int do_compat_fcntl(struct subject *s)
{
	return compat_call(COMPAT_FCNTL, s->fd[0], F_SETFL, O_NONBLOCK, 0, 0, 0);
}

HOOK(file_fcntl, FAMILY_FILE, .setup = file_open_rw,
     .route = { { "fcntl", do_fcntl }, { "int80", do_compat_fcntl, .probe = no_compat } },
     .effect = nonblocking,
     .args = { WANT_FD("file", 0), WANT_NUM("cmd", F_SETFL), WANT_NUM("arg", O_NONBLOCK) });

/* Locks */

static int do_flock(struct subject *s)
{
	return SYS(flock(s->fd[0], LOCK_EX | LOCK_NB));
}

static int lock_by(struct subject *s, int cmd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return SYS(fcntl(s->fd[0], cmd, &lock));
}

static int do_setlk(struct subject *s)
{
	return lock_by(s, F_SETLK);
}

static int do_ofd_setlk(struct subject *s)
{
	return lock_by(s, F_OFD_SETLK);
}

static int do_setlease(struct subject *s)
{
	return SYS(fcntl(s->fd[0], F_SETLEASE, F_WRLCK));
}

/* Whatever its kind, a lock of the file is in /proc/locks. */
static bool locked(struct subject *s)
{
	FILE *file = fopen("/proc/locks", "re");
	char line[256], id[64];
	bool found = false;
	struct stat st;

	if (!file)
		return false;
	if (!fstat(s->fd[0], &st)) {
		snprintf(id, sizeof(id), " %02x:%02x:%lu ", major(st.st_dev), minor(st.st_dev),
			 (unsigned long)st.st_ino);
		while (!found && fgets(line, sizeof(line), file))
			found = strstr(line, id);
	}
	fclose(file);
	return found;
}

HOOK(file_lock, FAMILY_FILE, .setup = file_open_rw,
     .route = { { "flock", do_flock },
		{ "fcntl-posix", do_setlk },
		{ "fcntl-ofd", do_ofd_setlk },
		{ "fcntl-lease", do_setlease } },
     .effect = locked, .args = { WANT_FD("file", 0), WANT_NUM("cmd", F_WRLCK) });

/* Owner and signal */

static int socket_pair(struct subject *s)
{
	return SYS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->fd));
}

static int do_setown(struct subject *s)
{
	return SYS(fcntl(s->fd[0], F_SETOWN, getpid()));
}

static int do_setown_ex(struct subject *s)
{
	struct f_owner_ex owner = { F_OWNER_PID, getpid() };

	return SYS(fcntl(s->fd[0], F_SETOWN_EX, &owner));
}

static int do_siocspgrp(struct subject *s)
{
	int pid = getpid();

	return SYS(ioctl(s->fd[0], SIOCSPGRP, &pid));
}

static bool owned(struct subject *s)
{
	return fcntl(s->fd[0], F_GETOWN) == getpid();
}

VOID_HOOK(file_set_fowner, FAMILY_FILE, .setup = socket_pair,
	  .route = { { "fcntl", do_setown },
		     { "fcntl-ex", do_setown_ex },
		     { "ioctl", do_siocspgrp } },
	  .effect = owned, .args = { WANT_FD("file", 0) });

/* Reading from fd asks for SIGUSR1 when there is something to read. */
static int ask_for_signal(int fd)
{
	TRY(fcntl(fd, F_SETOWN, getpid()));
	TRY(fcntl(fd, F_SETSIG, SIGUSR1));
	TRY(fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
	return 0;
}

/* A pipe as s->fd[0] and [1], sockets as [2] and [3]. */
static int signalling(struct subject *s)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	TRY(sigprocmask(SIG_BLOCK, &set, NULL));
	TRY(pipe2(s->fd, O_CLOEXEC));
	TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->fd + 2));
	err = ask_for_signal(s->fd[0]);
	s->val[0] = getpid();
	return err ?: ask_for_signal(s->fd[2]);
}

static int do_write_pipe(struct subject *s)
{
	return SYS(write(s->fd[1], "x", 1));
}

static int do_send(struct subject *s)
{
	return SYS(send(s->fd[3], "x", 1, 0));
}

static bool signal_pending(struct subject *s)
{
	sigset_t set;

	return !sigpending(&set) && sigismember(&set, SIGUSR1);
}

HOOK(file_send_sigiotask, FAMILY_FILE, .setup = signalling,
     .route = { { "write", do_write_pipe }, { "send", do_send } }, .effect = signal_pending,
     .args = { WANT_VAL("tsk", KRSI_A, 0), WANT_NUM("sig", SIGUSR1) },
     .denied_by = "sigio_perm: the signal is dropped and the writer is not told");

/* Passing it on */

/* s->fd[0] is "f", [1] a pidfd of ourselves; a message that carries "f" waits at [3]. */
static int passable(struct subject *s)
{
	char room[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = room,
			      .msg_controllen = sizeof(room) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int err = file_open_rw(s);

	if (!err)
		err = keep_fd(s, 1, syscall(SYS_pidfd_open, getpid(), 0));
	if (err)
		return err;
	TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->fd + 2));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &s->fd[0], sizeof(int));
	TRY(sendmsg(s->fd[2], &msg, 0));
	err = uring__open();
	if (err)
		return err;
	s->val[0] = next_fd();
	return s->val[0] < 0 ? s->val[0] : 0;
}

static int do_pidfd_getfd(struct subject *s)
{
	return SYS(syscall(SYS_pidfd_getfd, s->fd[1], s->fd[0], 0));
}

static int do_scm_rights(struct subject *s)
{
	char room[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = room,
			      .msg_controllen = sizeof(room) };

	return SYS(recvmsg(s->fd[3], &msg, 0));
}

static char control_room[CMSG_SPACE(sizeof(int))], message_byte;
static struct iovec message_iov = { &message_byte, 1 };
static struct mmsghdr message = { .msg_hdr = { .msg_iov = &message_iov,
					       .msg_iovlen = 1,
					       .msg_control = control_room,
					       .msg_controllen = sizeof(control_room) } };

static int do_recvmmsg(struct subject *s)
{
	return SYS(recvmmsg(s->fd[3], &message, 1, 0, NULL));
}

URING_ROUTE(recvmsg, RECVMSG, .fd = s->fd[3], .addr = URING_ADDR(&message.msg_hdr), .len = 1)

static bool received(struct subject *s)
{
	return is_open(s->val[0]);
}

#define WITHOUT_IT "scm_detach_fds: the message arrives without the descriptor"

HOOK(file_receive, FAMILY_FILE, .setup = passable,
     .route = { { "pidfd_getfd", do_pidfd_getfd },
		{ "scm-rights", do_scm_rights, .denied_by = WITHOUT_IT },
		{ "scm-rights-recvmmsg", do_recvmmsg, .denied_by = WITHOUT_IT },
		{ "scm-rights-io_uring", uring_recvmsg, .denied_by = WITHOUT_IT,
		  .probe = no_uring_recvmsg } },
     .effect = received, .args = { WANT_FD("file", 0) });
