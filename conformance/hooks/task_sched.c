// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on how processes are scheduled: nice value, I/O priority, policy, affinity. */
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* No answer of the kernel's. */
#define POISON -77
#define NICE   5
#define IOPRIO (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | 6)

static int know_sleeper(struct subject *s)
{
	int err = start_sleeper(s);

	s->val[0] = s->child;
	s->val[1] = POISON;
	return err ?: SYS(setpgid(s->child, s->child));
}

static int do_setpriority(struct subject *s)
{
	return SYS(setpriority(PRIO_PROCESS, s->child, NICE));
}

static int do_nice(struct subject *s)
{
	errno = 0;
	return SYS(nice(NICE));
}

static int do_setpriority_group(struct subject *s)
{
	return SYS(setpriority(PRIO_PGRP, s->child, NICE));
}

#define AUTOGROUP "/proc/self/autogroup"

/* Each session has a group of its own. */
static int do_autogroup(struct subject *s)
{
	int fd = open(AUTOGROUP, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = SYS(write(fd, "5", 1));
	close(fd);
	return ret;
}

static const char *no_autogroup(void)
{
	return access(AUTOGROUP, F_OK) ? "the kernel has no groups of sessions to schedule" : NULL;
}

static bool autogroup_is_nice(void)
{
	char line[64];
	FILE *file = fopen(AUTOGROUP, "re");
	bool nice = file && fgets(line, sizeof(line), file) && strstr(line, " nice 5");

	if (file)
		fclose(file);
	return nice;
}

static bool child_or_self_is_nice(struct subject *s)
{
	return getpriority(PRIO_PROCESS, s->child) == NICE ||
	       getpriority(PRIO_PROCESS, 0) == NICE || autogroup_is_nice();
}

HOOK(task_setnice, FAMILY_TASK, .setup = know_sleeper,
     .route = { { "setpriority", do_setpriority },
		{ "nice", do_nice },
		{ "setpriority-group", do_setpriority_group },
		{ "proc-autogroup", do_autogroup, .probe = no_autogroup } },
     .effect = child_or_self_is_nice, .args = { WANT_VAL("p", KRSI_A, 0), WANT_NUM("nice", NICE) });

static int do_ioprio_set(struct subject *s)
{
	return SYS(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, s->child, IOPRIO));
}

static int do_ioprio_set_group(struct subject *s)
{
	return SYS(syscall(SYS_ioprio_set, IOPRIO_WHO_PGRP, s->child, IOPRIO));
}

static bool has_ioprio(struct subject *s)
{
	return syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, s->child) == IOPRIO;
}

HOOK(task_setioprio, FAMILY_TASK, .setup = know_sleeper,
     .route = { { "ioprio_set", do_ioprio_set }, { "ioprio_set-group", do_ioprio_set_group } },
     .effect = has_ioprio, .args = { WANT_VAL("p", KRSI_A, 0), WANT_NUM("ioprio", IOPRIO) });

static int sleeper_with_ioprio(struct subject *s)
{
	return know_sleeper(s) ?: do_ioprio_set(s);
}

static int do_ioprio_get(struct subject *s)
{
	return SYS(s->val[1] = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, s->child));
}

static bool got_ioprio(struct subject *s)
{
	return s->val[1] == IOPRIO;
}

HOOK(task_getioprio, FAMILY_TASK, .setup = sleeper_with_ioprio,
     .route = { { "ioprio_get", do_ioprio_get } }, .effect = got_ioprio,
     .args = { WANT_VAL("p", KRSI_A, 0) });

static int do_setscheduler(struct subject *s)
{
	const struct sched_param param = { 0 };

	return SYS(syscall(SYS_sched_setscheduler, s->child, SCHED_BATCH, &param));
}

static int do_setattr(struct subject *s)
{
	struct sched_attr attr = { .size = sizeof(attr), .sched_policy = SCHED_BATCH };

	return SYS(syscall(SYS_sched_setattr, s->child, &attr, 0));
}

/* The first CPU alone. */
static const unsigned long first_cpu[1024 / 8 / sizeof(long)] = { 1 };

static int do_setaffinity(struct subject *s)
{
	return SYS(syscall(SYS_sched_setaffinity, s->child, sizeof(first_cpu), first_cpu));
}

static const char *one_cpu(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) < 2 ? "there is only one CPU to run on" : NULL;
}

static bool child_is_batch_or_bound(struct subject *s)
{
	unsigned long cpus[sizeof(first_cpu) / sizeof(long)] = {};

	return syscall(SYS_sched_getscheduler, s->child) == SCHED_BATCH ||
	       (sysconf(_SC_NPROCESSORS_ONLN) > 1 &&
		syscall(SYS_sched_getaffinity, s->child, sizeof(cpus), cpus) > 0 &&
		!memcmp(cpus, first_cpu, sizeof(cpus)));
}

HOOK(task_setscheduler, FAMILY_TASK, .setup = know_sleeper,
     .route = { { "sched_setscheduler", do_setscheduler },
		{ "sched_setattr", do_setattr },
		{ "sched_setaffinity", do_setaffinity, .probe = one_cpu } },
     .effect = child_is_batch_or_bound, .args = { WANT_VAL("p", KRSI_A, 0) });

static int poisoned_buffer(struct subject *s)
{
	memset(s->text, 0xa5, sizeof(s->text));
	return know_sleeper(s);
}

static int do_getparam(struct subject *s)
{
	return SYS(syscall(SYS_sched_getparam, s->child, s->text));
}

static int do_getscheduler(struct subject *s)
{
	int ret = SYS(syscall(SYS_sched_getscheduler, s->child));

	if (ret >= 0)
		s->text[0] = ret;
	return ret;
}

static int do_getattr(struct subject *s)
{
	return SYS(syscall(SYS_sched_getattr, s->child, s->text, sizeof(struct sched_attr), 0));
}

static int do_getaffinity(struct subject *s)
{
	return SYS(syscall(SYS_sched_getaffinity, s->child, sizeof(s->text), s->text));
}

static int do_rr_interval(struct subject *s)
{
	return SYS(syscall(SYS_sched_rr_get_interval, s->child, s->text));
}

static bool got_something(struct subject *s)
{
	return (unsigned char)s->text[0] != 0xa5;
}

HOOK(task_getscheduler, FAMILY_TASK, .setup = poisoned_buffer,
     .route = { { "sched_getparam", do_getparam },
		{ "sched_getscheduler", do_getscheduler },
		{ "sched_getattr", do_getattr },
		{ "sched_getaffinity", do_getaffinity },
		{ "sched_rr_get_interval", do_rr_interval } },
     .effect = got_something, .args = { WANT_VAL("p", KRSI_A, 0) });
