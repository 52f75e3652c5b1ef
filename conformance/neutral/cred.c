// SPDX-License-Identifier: GPL-2.0-only
/* Changing who one is: ids, groups, capabilities, and what prctl keeps of them. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/workload.h"

/* In a child, so that what follows still has what it gave up. */
#define CHILD(name, expression)                                                                    \
	static int name(void)                                                                      \
	{                                                                                          \
		pid_t pid = fork();                                                                \
		int status;                                                                        \
                                                                                                   \
		if (!pid)                                                                          \
			_exit((expression) < 0 ? errno : 0);                                       \
		TRY(waitpid(pid, &status, 0));                                                     \
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;                         \
	}

static const gid_t some_groups[] = { 5, 12, 100 };

CHILD(set_uid_self, setuid(getuid()))
CHILD(set_uid_other, syscall(SYS_setuid, 1000))
CHILD(set_uid_root, syscall(SYS_setuid, 0))
CHILD(set_gid_other, syscall(SYS_setgid, 1000))
CHILD(set_reuid, syscall(SYS_setreuid, 1000, -1))
CHILD(set_resuid, syscall(SYS_setresuid, -1, 1000, -1))
CHILD(set_resgid, syscall(SYS_setresgid, -1, 0, -1))
CHILD(set_groups, syscall(SYS_setgroups, 3, some_groups))
CHILD(set_groups_none, syscall(SYS_setgroups, 0, NULL))
CHILD(set_groups_many, syscall(SYS_setgroups, 100000, some_groups))
CHILD(drop_and_regain, setresuid(-1, 1000, -1) ?: setresuid(-1, 0, -1))
CHILD(drop_for_good, setresuid(1000, 1000, 1000) ?: setresuid(-1, 0, -1))
CHILD(keep_caps, prctl(PR_SET_KEEPCAPS, 1) ?: setresuid(1000, 1000, 1000))
CHILD(drop_bounding, prctl(PR_CAPBSET_DROP, CAP_NET_RAW))
CHILD(securebits, prctl(PR_SET_SECUREBITS, SECBIT_NOROOT))
CHILD(ambient, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0))

static struct __user_cap_header_struct cap_header = { _LINUX_CAPABILITY_VERSION_3, 0 };
static struct __user_cap_header_struct cap_wrong = { 77, 0 };

/* Sets the process's own capabilities to these. */
static int set_caps(uint32_t effective, uint32_t permitted, uint32_t inheritable)
{
	struct __user_cap_data_struct data[2] = { { effective, permitted, inheritable } };

	return syscall(SYS_capset, &cap_header, data);
}

CHILD(caps_none, set_caps(0, 0, 0))
CHILD(caps_one, set_caps(1 << CAP_NET_RAW, 1 << CAP_NET_RAW, 0))
CHILD(caps_inheritable, set_caps(0, 0, 1 << CAP_CHOWN))
CHILD(caps_regain, set_caps(0, 0, 0) ?: set_caps(1, 1, 0))
CHILD(caps_of_init, (cap_header.pid = 1, set_caps(0, 0, 0)))

static const struct call cred_calls[] = {
	NUM("getuid", getuid, 0),
	NUM("geteuid", geteuid, 0),
	NUM("getgid", getgid, 0),
	MEM(12, "getresuid", getresuid, out, out + 4, out + 8),
	MEM(12, "getresgid", getresgid, out, out + 4, out + 8),
	NUM("getgroups", getgroups, 0, 0),
	FN("setuid-self", set_uid_self),
	FN("setuid-other", set_uid_other),
	FN("setuid-root", set_uid_root),
	FN("setgid-other", set_gid_other),
	FN("setreuid", set_reuid),
	FN("setresuid", set_resuid),
	FN("setresgid", set_resgid),
	FN("setgroups", set_groups),
	FN("setgroups-none", set_groups_none),
	FN("setgroups-many", set_groups_many),
	FN("drop-and-regain", drop_and_regain),
	FN("drop-for-good", drop_for_good),
	FN("keep-caps", keep_caps),
	NUM("setfsuid", setfsuid, -1),
	NUM("setfsgid", setfsgid, -1),
	NUM("setuid-wrong", setuid, -1),
	MEM(24, "capget", capget, &cap_header, out),
	NUM("capget-version", capget, &cap_wrong, out),
	FN("capset-none", caps_none),
	FN("capset-one", caps_one),
	FN("capset-inheritable", caps_inheritable),
	FN("capset-regain", caps_regain),
	FN("capset-init", caps_of_init),
	NUM("bounding-read", prctl, PR_CAPBSET_READ, CAP_NET_RAW),
	NUM("bounding-read-wrong", prctl, PR_CAPBSET_READ, 99),
	FN("bounding-drop", drop_bounding),
	NUM("securebits-get", prctl, PR_GET_SECUREBITS),
	FN("securebits-set", securebits),
	FN("ambient-raise", ambient),
	NUM("ambient-is-set", prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_RAW, 0, 0),
	NUM("ambient-clear", prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
	NUM("keepcaps-get", prctl, PR_GET_KEEPCAPS),
};
WORKLOAD(cred, cred_calls, .name = "cred", .as = AS_ANYONE);

static const struct call prctl_calls[] = {
	NUM("name-set", prctl, PR_SET_NAME, "neutral"),
	MEM(16, "name-get", prctl, PR_GET_NAME, out),
	NUM("dumpable-get", prctl, PR_GET_DUMPABLE),
	NUM("dumpable-set", prctl, PR_SET_DUMPABLE, 1),
	NUM("dumpable-wrong", prctl, PR_SET_DUMPABLE, 2),
	NUM("death-signal-set", prctl, PR_SET_PDEATHSIG, 9),
	MEM(4, "death-signal-get", prctl, PR_GET_PDEATHSIG, out),
	NUM("death-signal-wrong", prctl, PR_SET_PDEATHSIG, 99),
	NUM("no-new-privs-get", prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
	NUM("no-new-privs-wrong", prctl, PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0),
	NUM("subreaper-set", prctl, PR_SET_CHILD_SUBREAPER, 1),
	MEM(4, "subreaper-get", prctl, PR_GET_CHILD_SUBREAPER, out),
	NUM("seccomp-get", prctl, PR_GET_SECCOMP),
	NUM("seccomp-wrong", prctl, PR_SET_SECCOMP, 77, 0),
	NUM("tsc-get", prctl, PR_GET_TSC, out),
	NUM("timer-slack-get", prctl, PR_GET_TIMERSLACK),
	NUM("timing-get", prctl, PR_GET_TIMING),
	NUM("thp-get", prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0),
	NUM("ptracer-any", prctl, PR_SET_PTRACER, -1, 0, 0, 0),
	NUM("ptracer-missing", prctl, PR_SET_PTRACER, 4000000, 0, 0, 0),
	NUM("ptracer-none", prctl, PR_SET_PTRACER, 0, 0, 0, 0),
	NUM("speculation-get", prctl, PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0),
	NUM("io-flusher-get", prctl, PR_GET_IO_FLUSHER, 0, 0, 0, 0),
	NUM("mce-kill-get", prctl, PR_MCE_KILL_GET, 0, 0, 0, 0),
	NUM("mm-wrong", prctl, PR_SET_MM, 77, 0, 0, 0),
	NUM("mm-brk", prctl, PR_SET_MM, PR_SET_MM_BRK, 1, 0, 0),
	NUM("unknown", prctl, 0x7fffffff, 0, 0, 0, 0),
	NUM("vma-name-wrong", prctl, 0x53564d41, 77, 0, 0, 0),
	NUM("core-sched-wrong", prctl, 62, 77, 0, 0, 0),
	NUM("personality-get", personality, 0xffffffff),
	NUM("no-new-privs-set", prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
	NUM("no-new-privs-is-set", prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
};
WORKLOAD(prctl, prctl_calls, .name = "prctl", .as = AS_ANYONE);
