// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on whole paths: chroot, and watching with inotify, fanotify and dnotify. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* ---- chroot ---- */
static int dir_d(struct subject *s)
{
	TRY(mkdir("d", 0700));
	return put_file("d/inside", "") ?: open_slot(s, 0, "d", O_PATH | O_DIRECTORY, 0);
}

static int do_chroot(struct subject *s)
{
	return SYS(chroot("d"));
}

enum { SYS_fchroot_ = 472 /* on every architecture */ };

static int do_fchroot(struct subject *s)
{
	return SYS(syscall(SYS_fchroot_, s->fd[0], 0));
}

static const char *no_fchroot(void)
{
	return needs__syscall(SYS_fchroot_) ? NULL : "no fchroot here";
}

static bool root_is_d(struct subject *s)
{
	return exists("/inside");
}

HOOK(path_chroot, FAMILY_PATH, .setup = dir_d,
     .route = { { "chroot", do_chroot }, { "fchroot", do_fchroot, .probe = no_fchroot } },
     .effect = root_is_d, .args = { WANT_FILE("path", "d"), WANT_TEXT("path", "d") });

/* ---- watching: one descriptor for each way to be told ---- */
enum { INOTIFY, FANOTIFY, SIGNALS, WATCHED, WAYS = WATCHED };

/* The value of fsnotify's FS_MODIFY, which IN_MODIFY, FAN_MODIFY and DN_MODIFY stand for. */
#define MODIFY 2

static int watchers(struct subject *s)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	TRY(sigprocmask(SIG_BLOCK, &set, NULL));
	TRY(mkdir("d", 0700));
	err = put_file("d/f", "krsi") ?: open_slot(s, WATCHED, "d", O_RDONLY | O_DIRECTORY, 0);
	err = err ?: keep_fd(s, INOTIFY, inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
	err = err ?: keep_fd(s, SIGNALS, signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
	return err ?: keep_fd(s, FANOTIFY, fanotify_init(FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY));
}

static int do_inotify(struct subject *s)
{
	return SYS(inotify_add_watch(s->fd[INOTIFY], "d", IN_MODIFY));
}

static int do_fanotify(struct subject *s)
{
	return SYS(fanotify_mark(s->fd[FANOTIFY], FAN_MARK_ADD, FAN_MODIFY | FAN_EVENT_ON_CHILD,
				 AT_FDCWD, "d"));
}

static int do_dnotify(struct subject *s)
{
	return SYS(fcntl(s->fd[WATCHED], F_NOTIFY, DN_MODIFY | DN_MULTISHOT));
}

/* Asked to watch for nothing, which it does where it is there. */
static const char *no_dnotify(void)
{
	int dir = open("/", O_RDONLY | O_CLOEXEC), err = SYS(fcntl(dir, F_NOTIFY, 0));

	close(dir);
	return err == -EINVAL ? "no dnotify here" : NULL;
}

/* A change in d is told. */
static bool told(struct subject *s)
{
	struct pollfd ways[WAYS];

	for (int i = 0; i < WAYS; i++)
		ways[i] = (struct pollfd){ .fd = s->fd[i], .events = POLLIN };
	return !put_file("d/f", "changed") && poll(ways, WAYS, 0) > 0;
}

HOOK(path_notify, FAMILY_PATH, .setup = watchers,
     .route = { { "inotify_add_watch", do_inotify },
		{ "fanotify_mark", do_fanotify },
		{ "dnotify", do_dnotify, .probe = no_dnotify } },
     .effect = told,
     .args = { WANT_FILE("path", "d"), WANT_BITS("mask", MODIFY, MODIFY),
	       WANT_NUM("obj_type", 0 /* an inode */) });
