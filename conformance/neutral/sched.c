// SPDX-License-Identifier: GPL-2.0-only
/* Scheduling, limits, priorities, and new processes and name spaces. */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/workload.h"

/* As in linux/sched/types.h, which cannot be had beside sched.h. */
struct sched_attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

#define IO_PRIORITY(class) ((class) << 13)

static struct sched_param normal, realtime = { 10 };
static struct sched_attributes attr_nice = { .size = sizeof(attr_nice), .nice = 5 };
static struct sched_attributes attr_deadline = {
	.size = sizeof(attr_deadline),
	.policy = 6 /* SCHED_DEADLINE */,
	.runtime = 20000000, /* more than the deadline leaves: none is to get it */
	.deadline = 10000000,
	.period = 10000000,
};
static unsigned long first_cpu = 1, no_cpu;
static struct rlimit files = { 512, 1024 }, more_files = { 512, 4096 }, upside_down = { 9, 5 };
static struct rlimit core = { 0, 0 };

static const struct call sched_calls[] = {
	NUM("priority", getpriority, PRIO_PROCESS, 0),
	NUM("priority-init", getpriority, PRIO_PROCESS, 1),
	NUM("nicer", setpriority, PRIO_PROCESS, 0, 3),
	NUM("less-nice", setpriority, PRIO_PROCESS, 0, -3),
	NUM("nicer-init", setpriority, PRIO_PROCESS, 1, 0),
	NUM("nicer-missing", setpriority, PRIO_PROCESS, 4000000, 0),
	NUM("nicer-user", setpriority, PRIO_USER, 12345, 3),
	NUM("priority-wrong", setpriority, 77, 0, 3),
	NUM("policy", sched_getscheduler, 0),
	NUM("policy-init", sched_getscheduler, 1),
	NUM("set-batch", sched_setscheduler, 0, SCHED_BATCH, &normal),
	NUM("set-idle", sched_setscheduler, 0, SCHED_IDLE, &normal),
	NUM("set-realtime", sched_setscheduler, 0, SCHED_FIFO, &realtime),
	NUM("set-other", sched_setscheduler, 0, SCHED_OTHER, &normal),
	NUM("set-init", sched_setscheduler, 1, SCHED_OTHER, &normal),
	NUM("set-wrong", sched_setscheduler, 0, 77, &normal),
	NUM("parameter", sched_getparam, 0, out),
	NUM("parameter-set", sched_setparam, 0, &realtime),
	NUM("attributes", sched_getattr, 0, out, 48, 0),
	NUM("attributes-nice", sched_setattr, 0, &attr_nice, 0),
	NUM("attributes-deadline", sched_setattr, 0, &attr_deadline, 0),
	NUM("attributes-init", sched_getattr, 1, out, 48, 0),
	NUM("affinity", sched_setaffinity, 0, 8, &first_cpu),
	NUM("affinity-none", sched_setaffinity, 0, 8, &no_cpu),
	NUM("affinity-init", sched_getaffinity, 1, 8, out),
	NUM("io-priority", ioprio_get, 1, 0),
	NUM("io-priority-init", ioprio_get, 1, 1),
	NUM("io-set-idle", ioprio_set, 1, 0, IO_PRIORITY(3)),
	NUM("io-set-realtime", ioprio_set, 1, 0, IO_PRIORITY(1)),
	NUM("io-set-wrong", ioprio_set, 1, 0, IO_PRIORITY(7)),
	MEM(16, "limit", getrlimit, RLIMIT_NOFILE, out),
	NUM("limit-set", setrlimit, RLIMIT_NOFILE, &files),
	NUM("limit-raise", setrlimit, RLIMIT_NOFILE, &more_files),
	NUM("limit-upside-down", setrlimit, RLIMIT_NOFILE, &upside_down),
	NUM("limit-wrong", setrlimit, 77, &files),
	NUM("limit-init-get", prlimit64, 1, RLIMIT_CORE, 0, out),
	NUM("limit-init-set", prlimit64, 1, RLIMIT_CORE, &core, 0),
	NUM("limit-missing", prlimit64, 4000000, RLIMIT_CORE, 0, out),
	NUM("usage-wrong", getrusage, 77, out),
	NUM("yield", sched_yield, 0),
	NUM("max-realtime", sched_get_priority_max, SCHED_FIFO),
};
WORKLOAD(sched, sched_calls, .name = "sched", .as = AS_ANYONE);

/* Makes a child with these flags; its exit status. */
static int clone_with(unsigned long flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	int status;

	if (!pid)
		_exit(7);
	if (pid < 0)
		return -errno;
	TRY(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

/* Leaves name spaces behind in a child. */
static int unshare_with(unsigned long flags)
{
	int pid = fork(), status;

	if (!pid)
		_exit(unshare((int)flags) ? errno : 0);
	TRY(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

#define WITH(name, fn, flags)                                                                      \
	static int name(void)                                                                      \
	{                                                                                          \
		return fn(flags);                                                                  \
	}

WITH(clone_plain, clone_with, 0)
WITH(clone_pid, clone_with, CLONE_NEWPID)
WITH(clone_user, clone_with, CLONE_NEWUSER)
WITH(clone_uts, clone_with, CLONE_NEWUTS)
WITH(clone_wrong, clone_with, CLONE_THREAD)
WITH(clone_both, clone_with, CLONE_NEWUSER | CLONE_FS)
WITH(clone_parent_tid, clone_with, CLONE_INTO_CGROUP)
WITH(unshare_files, unshare_with, CLONE_FILES)
WITH(unshare_fs, unshare_with, CLONE_FS)
WITH(unshare_user, unshare_with, CLONE_NEWUSER)
WITH(unshare_mount, unshare_with, CLONE_NEWNS)
WITH(unshare_uts, unshare_with, CLONE_NEWUTS)
WITH(unshare_pid, unshare_with, CLONE_NEWPID)
WITH(unshare_cgroup, unshare_with, CLONE_NEWCGROUP)
WITH(unshare_wrong, unshare_with, 0x7)

static const struct call clone_calls[] = {
	FN("plain", clone_plain),
	FN("pid", clone_pid),
	FN("user", clone_user),
	FN("uts", clone_uts),
	FN("thread-alone", clone_wrong),
	FN("user-shared-fs", clone_both),
	FN("cgroup-none", clone_parent_tid),
	FN("unshare-files", unshare_files),
	FN("unshare-fs", unshare_fs),
	FN("unshare-user", unshare_user),
	FN("unshare-mount", unshare_mount),
	FN("unshare-uts", unshare_uts),
	FN("unshare-pid", unshare_pid),
	FN("unshare-cgroup", unshare_cgroup),
	FN("unshare-wrong", unshare_wrong),
	NUM("setns-wrong", setns, 0, 0),
	NUM("setns-bad-fd", setns, 999, 0),
	NUM("exit-wrong", clone3, out, 4),
};
WORKLOAD(clone, clone_calls, .name = "clone", .as = AS_ANYONE);
