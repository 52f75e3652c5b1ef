// SPDX-License-Identifier: GPL-2.0-only
/* Executions that a supervisor looks at and lets go on: seccomp user notification. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/guest/exec.h"

#define STRINGS 64
#define TEXT	128

/* Shared with the supervisor. */
static volatile unsigned int *seen;

static bool read_memory(pid_t pid, uint64_t at, void *to, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)(uintptr_t)at, len };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) > 0;
}

/* Logs the variable, as a supervisor that knows only the arguments of the call can. */
static bool has_value(const struct seccomp_notif *n)
{
	uint64_t vector[STRINGS] = { 0 };
	char text[TEXT];

	if (!read_memory((pid_t)n->pid, n->data.args[2], vector, sizeof(vector)))
		return false;
	for (int i = 0; i < STRINGS && vector[i]; i++) {
		memset(text, 0, sizeof(text));
		if (read_memory((pid_t)n->pid, vector[i], text, sizeof(text) - 1) &&
		    !strcmp(text, EXEC_VALUE))
			return true;
	}
	return false;
}

static void supervise(int listener)
{
	for (;;) {
		struct seccomp_notif n = { 0 };
		struct seccomp_notif_resp r = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n)) {
			if (errno == EINTR || errno == ENOENT)
				continue;
			_exit(0);
		}
		*seen += has_value(&n);
		r.id = n.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

/*
 * The supervisor must not be under the filter, and must have the listener: it is forked first, and
 * shares the descriptors.
 */
static const char *start(void)
{
	static char why[128];
	int go[2], listener = -1;
	pid_t supervisor;

	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || pipe(go))
		return "no memory";
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	supervisor = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0L);
	if (!supervisor) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (read(go[0], &listener, sizeof(listener)) == sizeof(listener))
			supervise(listener);
		_exit(1);
	}
	listener = install();
	if (listener >= 0 && supervisor > 0 &&
	    write(go[1], &listener, sizeof(listener)) == sizeof(listener))
		return NULL;
	snprintf(why, sizeof(why), "seccomp user notification: %s", strerror(errno));
	kill(supervisor, SIGKILL);
	return why;
}

static unsigned int collect(unsigned int expected)
{
	unsigned int n = *seen;

	*seen = 0;
	return n;
}

EXEC_WAY(seccomp) = {
	.name = "exec/seccomp-notify",
	.boot = "plain",
	.start = start,
	.collect = collect,
	.proof = "the supervisor read LD_PRELOAD of every execution",
	.lasting = true,
};
