// SPDX-License-Identifier: GPL-2.0-only
/* Other processes: signals, tracing, reading their memory, and waiting for them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

/* Slot 1: a child of ours that waits to be killed; slot 2: this process. */
static int start_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	slot[1] = pid;
	slot[2] = getpid();
	return pid < 0 ? -errno : 0;
}

/* Root's, which knows of a group of processes that may be signalled: slot 3. */
static int start_roots_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	slot[3] = pid;
	return pid < 0 ? -errno : 0;
}

static siginfo_t info_queue = { .si_signo = SIGCONT, .si_code = SI_QUEUE };
static siginfo_t info_user = { .si_signo = SIGCONT, .si_code = SI_USER };
static sigset_t no_signals;

static int end_child(void)
{
	int status;

	TRY(kill((pid_t)slot[1], SIGKILL));
	TRY(waitpid((pid_t)slot[1], &status, 0));
	return status;
}

static const struct call signal_calls[] = {
	FN("start", start_child),
	NUM("probe-self", kill, SLOT(2), 0),
	NUM("probe-child", kill, SLOT(1), 0),
	NUM("probe-init", kill, 1, 0),
	NUM("probe-roots", kill, SLOT(3), 0),
	NUM("probe-missing", kill, 4000000, 0),
	NUM("wrong-signal", kill, SLOT(1), 99),
	NUM("continue-child", kill, SLOT(1), SIGCONT),
	NUM("continue-init", kill, 1, SIGCONT),
	NUM("continue-roots", kill, SLOT(3), SIGCONT),
	NUM("thread", tgkill, SLOT(1), SLOT(1), SIGCONT),
	NUM("thread-init", tgkill, 1, 1, SIGCONT),
	NUM("thread-wrong", tgkill, SLOT(1), 1, SIGCONT),
	NUM("queue-child", rt_sigqueueinfo, SLOT(1), SIGCONT, &info_queue),
	NUM("queue-init", rt_sigqueueinfo, 1, SIGCONT, &info_queue),
	NUM("queue-forged", rt_sigqueueinfo, SLOT(1), SIGCONT, &info_user),
	NUM("queue-thread", rt_tgsigqueueinfo, SLOT(1), SLOT(1), SIGCONT, &info_queue),
	KEEP(4, "pidfd", pidfd_open, SLOT(1), 0),
	KEEP(5, "pidfd-init", pidfd_open, 1, 0),
	OK("pidfd-missing", pidfd_open, 4000000, 0),
	OK("pidfd-flags", pidfd_open, SLOT(1), 0x77),
	NUM("pidfd-signal", pidfd_send_signal, SLOT(4), SIGCONT, 0, 0),
	NUM("pidfd-signal-init", pidfd_send_signal, SLOT(5), SIGCONT, 0, 0),
	OK("pidfd-take", pidfd_getfd, SLOT(4), 0, 0),
	OK("pidfd-take-init", pidfd_getfd, SLOT(5), 0, 0),
	NUM("process-release", process_mrelease, SLOT(4), 0),
	NUM("mask", rt_sigprocmask, SIG_BLOCK, &no_signals, out, 8),
	NUM("mask-size", rt_sigprocmask, SIG_BLOCK, &no_signals, out, 4),
	NUM("pending", rt_sigpending, out, 8),
	OK("signalfd", signalfd4, -1, &no_signals, 8, 0),
	NUM("group-get", getpgid, 1),
	NUM("session-get", getsid, 1),
	OK("group-of-child", getpgid, SLOT(1)),
	NUM("group-set-init", setpgid, 1, 0),
	NUM("group-set-child", setpgid, SLOT(1), 0),
	NUM("session-set", setsid, 0),
	NUM("wait-none", wait4, SLOT(1), 0, WNOHANG, 0),
	NUM("wait-not-ours", wait4, 1, 0, WNOHANG, 0),
	NUM("waitid-wrong", waitid, P_PID, SLOT(1), out, 0, 0),
	FN("end", end_child),
	NUM("wait-gone", wait4, -1, 0, WNOHANG, 0),
};
WORKLOAD(signal, signal_calls, .name = "signal", .as = AS_ANYONE, .prepare = start_roots_child);

static char here[8] = "content";
static struct iovec iov_local = { out, 8 }, iov_here = { here, 8 }, iov_bad = { (void *)1, 8 };

static int wait_stopped(void)
{
	int status;

	TRY(waitpid((pid_t)slot[1], &status, WUNTRACED));
	return status;
}

static int trace_me(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(ptrace(PTRACE_TRACEME, 0, 0, 0) ? errno : 0);
	TRY(waitpid(pid, &status, 0));
	return status;
}

#define READS(name, path)                                                                          \
	static int name(void)                                                                      \
	{                                                                                          \
		int ret = read_into_out(path, 64);                                                 \
                                                                                                   \
		return ret < 0 ? ret : 0;                                                          \
	}

READS(init_environ, "/proc/1/environ")
READS(init_maps, "/proc/1/maps")
READS(init_mem, "/proc/1/mem")
READS(init_stack, "/proc/1/stack")
READS(init_syscall, "/proc/1/syscall")
READS(init_auxv, "/proc/1/auxv")
READS(init_io, "/proc/1/io")
READS(init_fd, "/proc/1/fd/0")
READS(init_exe, "/proc/1/exe")
READS(init_cwd, "/proc/1/cwd/krsi")
READS(init_stat, "/proc/1/stat")
READS(init_wchan, "/proc/1/wchan")
READS(init_pagemap, "/proc/1/pagemap")
READS(init_timers, "/proc/1/timers")

static const struct call ptrace_calls[] = {
	FN("start", start_child),
	FN("traceme", trace_me),
	NUM("attach-missing", ptrace, PTRACE_ATTACH, 4000000, 0, 0),
	NUM("attach-init", ptrace, PTRACE_ATTACH, 1, 0, 0),
	NUM("seize-init", ptrace, PTRACE_SEIZE, 1, 0, 0),
	NUM("seize-wrong", ptrace, PTRACE_SEIZE, SLOT(1), 0, 0x77777777),
	NUM("cont-untraced", ptrace, PTRACE_CONT, SLOT(1), 0, 0),
	NUM("attach", ptrace, PTRACE_ATTACH, SLOT(1), 0, 0),
	FN("stopped", wait_stopped),
	NUM("attach-again", ptrace, PTRACE_ATTACH, SLOT(1), 0, 0),
	NUM("options", ptrace, PTRACE_SETOPTIONS, SLOT(1), 0, 0x100000),
	NUM("options-wrong", ptrace, PTRACE_SETOPTIONS, SLOT(1), 0, 0x77777777),
	NUM("detach", ptrace, PTRACE_DETACH, SLOT(1), 0, 0),
	MEM(8, "read-self", process_vm_readv, SLOT(2), &iov_local, 1, &iov_here, 1, 0),
	MEM(8, "read-child", process_vm_readv, SLOT(1), &iov_local, 1, &iov_here, 1, 0),
	NUM("read-init", process_vm_readv, 1, &iov_local, 1, &iov_bad, 1, 0),
	NUM("write-child", process_vm_writev, SLOT(1), &iov_local, 1, &iov_here, 1, 0),
	NUM("write-init", process_vm_writev, 1, &iov_local, 1, &iov_bad, 1, 0),
	NUM("compare-files", kcmp, SLOT(2), SLOT(2), KCMP_FILES, 0, 0),
	NUM("compare-child", kcmp, SLOT(2), SLOT(2), KCMP_VM, 0, 0),
	NUM("compare-init", kcmp, SLOT(2), 1, KCMP_IO, 99, 99),
	NUM("robust-list-init", get_robust_list, 1, out, out + 8),
	NUM("migrate-init", migrate_pages, 1, 8, out, out),
	FN("environ-init", init_environ),
	FN("maps-init", init_maps),
	FN("mem-init", init_mem),
	FN("stack-init", init_stack),
	FN("syscall-init", init_syscall),
	FN("auxv-init", init_auxv),
	FN("io-init", init_io),
	FN("fd-init", init_fd),
	FN("exe-init", init_exe),
	FN("cwd-init", init_cwd),
	FN("stat-init", init_stat),
	FN("wchan-init", init_wchan),
	FN("pagemap-init", init_pagemap),
	FN("timers-init", init_timers),
	FN("end", end_child),
};
WORKLOAD(ptrace, ptrace_calls, .name = "ptrace", .as = AS_ANYONE);
