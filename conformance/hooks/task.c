// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on processes: how they begin and end, their groups and limits, signals, prctl. */
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/compat.h"

/* A user that no test's machine has. */
#define STRANGER 64321
/* What a child of the task_alloc entry says when it ran. */
#define RAN 7
/* No answer of the kernel's. */
#define POISON -77

static int know_self(struct subject *s)
{
	s->val[0] = getpid();
	return 0;
}

static int know_sleeper(struct subject *s)
{
	int err = start_sleeper(s);

	s->val[0] = s->child;
	return err;
}

static int do_clone(struct subject *s)
{
	s->child = syscall(SYS_clone, CLONE_IO | SIGCHLD, NULL, NULL, NULL, 0);
	if (!s->child)
		_exit(RAN);
	return SYS(s->child);
}

static int do_clone3(struct subject *s)
{
	struct clone_args args = { .flags = CLONE_IO, .exit_signal = SIGCHLD };

	s->child = syscall(SYS_clone3, &args, sizeof(args));
	if (!s->child)
		_exit(RAN);
	return SYS(s->child);
}

static int do_fork(struct subject *s)
{
	s->child = fork();
	if (!s->child)
		_exit(RAN);
	return SYS(s->child);
}

static int do_vfork(struct subject *s)
{
	s->child = vfork();
	if (!s->child)
		_exit(RAN);
	return SYS(s->child);
}

static void *thread_main(void *data)
{
	struct subject *s = data;

	s->val[1] = RAN;
	return NULL;
}

static int do_thread(struct subject *s)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, thread_main, s);

	return err ? -err : -pthread_join(thread, NULL);
}

static bool child_ran(struct subject *s)
{
	int status;

	if (s->child > 0 && waitpid(s->child, &status, 0) == s->child)
		s->val[1] = WEXITSTATUS(status);
	s->child = 0;
	return s->val[1] == RAN;
}

/* The new task is still a copy of its parent, without a number of its own. */
HOOK(task_alloc, FAMILY_TASK, .setup = know_self,
     .route = { { "clone", do_clone },
		{ "clone3", do_clone3 },
		{ "fork", do_fork },
		{ "vfork", do_vfork },
		{ "thread", do_thread } },
     .effect = child_ran,
     .args = { WANT_VAL("task", KRSI_A, 0), WANT_NUM("clone_flags", CLONE_IO) });

static int do_reap(struct subject *s)
{
	TRY(kill(s->child, SIGKILL));
	TRY(waitpid(s->child, NULL, 0));
	s->child = 0;
	return 0;
}

VOID_HOOK(task_free, FAMILY_TASK, .setup = know_sleeper, .route = { { "exit", do_reap } },
	  .anyone = true, .async = true, .only = WANT_VAL("task", KRSI_B, 0),
	  .args = { WANT_VAL("task", KRSI_A, 0), WANT_VAL("task", KRSI_B, 0) });

static int do_setpgid(struct subject *s)
{
	return SYS(setpgid(s->child, s->child));
}

static bool child_leads_group(struct subject *s)
{
	return getpgid(s->child) == s->child;
}

HOOK(task_setpgid, FAMILY_TASK, .setup = know_sleeper, .route = { { "setpgid", do_setpgid } },
     .effect = child_leads_group,
     .args = { WANT_VAL("p", KRSI_A, 0), WANT_VAL("pgid", KRSI_RAW, 0) });

static int do_getpgid(struct subject *s)
{
	return SYS(s->val[1] = getpgid(s->child));
}

static int do_getsid(struct subject *s)
{
	return SYS(s->val[1] = getsid(s->child));
}

/* The subject leads its group and its session. */
static bool got_own_pid(struct subject *s)
{
	return s->val[1] == getpid();
}

HOOK(task_getpgid, FAMILY_TASK, .setup = know_sleeper, .route = { { "getpgid", do_getpgid } },
     .effect = got_own_pid, .args = { WANT_VAL("p", KRSI_A, 0) });

HOOK(task_getsid, FAMILY_TASK, .setup = know_sleeper, .route = { { "getsid", do_getsid } },
     .effect = got_own_pid, .args = { WANT_VAL("p", KRSI_A, 0) });

static int become_stranger(struct subject *s)
{
	TRY(setresuid(STRANGER, STRANGER, STRANGER));
	return 0;
}

/* Subject and child differ in their real user, and both from everybody else. */
static int two_strangers(struct subject *s)
{
	int err = start_helper(s, become_stranger, NULL);

	if (err)
		return err;
	TRY(setresuid(STRANGER + 1, -1, -1));
	return 0;
}

static const struct rlimit limit = { .rlim_cur = 4096, .rlim_max = 8192 };

static bool is_limited(pid_t pid)
{
	struct rlimit now;

	return !prlimit(pid, RLIMIT_CORE, NULL, &now) && now.rlim_cur == limit.rlim_cur &&
	       now.rlim_max == limit.rlim_max;
}

static int do_prlimit_child(struct subject *s)
{
	return SYS(prlimit(s->child, RLIMIT_CORE, &limit, NULL));
}

static bool child_is_limited(struct subject *s)
{
	return is_limited(s->child);
}

/* Asked for another process only; LSM_PRLIMIT_WRITE is 2. */
HOOK(task_prlimit, FAMILY_TASK, .setup = two_strangers,
     .route = { { "prlimit64", do_prlimit_child } }, .effect = child_is_limited,
     .args = { WANT_WORD("cred", KRSI_A, STRANGER + 1), WANT_WORD("tcred", KRSI_A, STRANGER),
	       WANT_NUM("flags", 2) });

static int do_prlimit(struct subject *s)
{
	return SYS(prlimit(0, RLIMIT_CORE, &limit, NULL));
}

/* libc calls prlimit64 for its setrlimit. */
static int do_setrlimit(struct subject *s)
{
	return SYS(syscall(SYS_setrlimit, RLIMIT_CORE, &limit));
}

static bool self_is_limited(struct subject *s)
{
	return is_limited(0);
}

HOOK(task_setrlimit, FAMILY_TASK, .setup = know_self,
     .route = { { "prlimit64", do_prlimit }, { "setrlimit", do_setrlimit } },
     .effect = self_is_limited,
     .args = { WANT_VAL("p", KRSI_A, 0), WANT_NUM("resource", RLIMIT_CORE),
	       WANT_WORD("new_rlim", KRSI_A, 4096), WANT_WORD("new_rlim", KRSI_B, 8192) });

static int page_status(struct subject *s)
{
	s->val[1] = POISON;
	return know_sleeper(s);
}

/* Without target nodes it only asks where the page is: of the child, at the same address. */
static int do_move_pages(struct subject *s)
{
	void *page = s;
	int status = s->val[1];
	int ret = SYS(syscall(SYS_move_pages, s->child, 1, &page, NULL, &status, 0));

	s->val[1] = status;
	return ret;
}

/* From the first node to the first: it tells that nothing is left to be moved. */
static int do_migrate(struct subject *s)
{
	unsigned long node = 1;
	int ret = SYS(syscall(SYS_migrate_pages, s->child, 2, &node, &node));

	if (ret >= 0)
		s->val[1] = ret;
	return ret;
}

static const char *no_move_pages(void)
{
	return needs__syscall(SYS_move_pages) ? NULL : "pages are not moved here";
}

static const char *no_migrate(void)
{
	return needs__syscall(SYS_migrate_pages) ? NULL : "no nodes to migrate between here";
}

static bool got_status(struct subject *s)
{
	return s->val[1] != POISON;
}

HOOK(task_movememory, FAMILY_TASK, .setup = page_status,
     .route = { { "move_pages", do_move_pages },
		{ "migrate_pages", do_migrate, .probe = no_migrate } },
     .effect = got_status, .args = { WANT_VAL("p", KRSI_A, 0) }, .needs.probe = no_move_pages);

/* The child has the signal blocked: it stays pending, for the process or for its thread. */
static int deaf_child(struct subject *s)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	TRY(sigprocmask(SIG_BLOCK, &set, NULL));
	err = know_sleeper(s);
	if (err)
		return err;
	TRY(setpgid(s->child, s->child));
	return keep_fd(s, 0, syscall(SYS_pidfd_open, s->child, 0));
}

static int do_kill(struct subject *s)
{
	return SYS(kill(s->child, SIGUSR1));
}

static int do_killpg(struct subject *s)
{
	return SYS(kill(-s->child, SIGUSR1));
}

static int do_tkill(struct subject *s)
{
	return SYS(syscall(SYS_tkill, s->child, SIGUSR1));
}

static int do_tgkill(struct subject *s)
{
	return SYS(syscall(SYS_tgkill, s->child, s->child, SIGUSR1));
}

static int do_sigqueue(struct subject *s)
{
	return SYS(sigqueue(s->child, SIGUSR1, (union sigval){ .sival_int = 1 }));
}

static int do_pidfd_signal(struct subject *s)
{
	return SYS(syscall(SYS_pidfd_send_signal, s->fd[0], SIGUSR1, NULL, 0));
}

static int do_tgsigqueue(struct subject *s)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };

	return SYS(syscall(SYS_rt_tgsigqueueinfo, s->child, s->child, SIGUSR1, &info));
}

static int do_compat_kill(struct subject *s)
{
	return compat_call(COMPAT_KILL, s->child, SIGUSR1, 0, 0, 0, 0);
}

static bool signal_pends(struct subject *s)
{
	unsigned long long mask, pending = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", s->child);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "SigPnd: %llx", &mask) == 1 ||
		    sscanf(line, "ShdPnd: %llx", &mask) == 1)
			pending |= mask;
	fclose(file);
	return pending >> (SIGUSR1 - 1) & 1;
}

/* kill(2) need not fill in a siginfo (SEND_SIG_NOINFO); a queued signal brings one. */
HOOK(task_kill, FAMILY_TASK, .setup = deaf_child,
     .route = { { "rt_sigqueueinfo", do_sigqueue },
		{ "kill", do_kill },
		{ "kill-group", do_killpg },
		{ "tkill", do_tkill },
		{ "tgkill", do_tgkill },
		{ "pidfd_send_signal", do_pidfd_signal },
		{ "rt_tgsigqueueinfo", do_tgsigqueue },
		{ "int80-kill", do_compat_kill, .probe = no_compat } },
     .effect = signal_pends,
     .args = { WANT_VAL("p", KRSI_A, 0), WANT_NUM("sig", SIGUSR1),
	       WANT_WORD("info", KRSI_A, SIGUSR1), WANT_WORD("info", KRSI_B, SI_QUEUE) });

static int do_set_name(struct subject *s)
{
	return SYS(prctl(PR_SET_NAME, s->text, 0, 0, 0));
}

static int choose_name(struct subject *s)
{
	strcpy(s->text, "krsi-renamed");
	s->val[0] = (long)s->text;
	return 0;
}

static bool is_renamed(struct subject *s)
{
	return file_is("/proc/self/comm", "krsi-renamed\n");
}

/* The hook's own answer is -ENOSYS, "not mine": then the kernel goes on. */
HOOK(task_prctl, FAMILY_TASK, .default_ret = -ENOSYS, .setup = choose_name,
     .route = { { "prctl", do_set_name } }, .effect = is_renamed,
     .args = { WANT_NUM("option", PR_SET_NAME), WANT_VAL("arg2", KRSI_RAW, 0) });

/* A procfs of its own has no inode of the child's directory yet. */
static int fresh_procfs(struct subject *s)
{
	int err = know_sleeper(s) ?: private_mounts();

	if (err)
		return err;
	snprintf(s->text, sizeof(s->text), "p/%d", s->child);
	TRY(mkdir("p", 0700));
	TRY(mount("none", "p", "proc", 0, NULL));
	return 0;
}

static int do_stat(struct subject *s)
{
	struct stat st;

	return SYS(stat(s->text, &st));
}

/* Once when proc_pid_make_inode makes the inode, once when pid_update_inode sets its owner. */
VOID_HOOK(task_to_inode, FAMILY_TASK, .setup = fresh_procfs, .route = { { "stat", do_stat } },
	  .count = 2, .args = { WANT_VAL("p", KRSI_A, 0) });
