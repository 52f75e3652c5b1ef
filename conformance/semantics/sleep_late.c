// SPDX-License-Identifier: GPL-2.0-only
/* Sleepable programs that really sleep: the page from which they copy comes late. */
#include <fcntl.h>
#include <linux/types.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/late.h"

#define NEEDS_SLEEP                                                                                \
	.hook = { "file_open" },                                                                   \
	.needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE, .probe = no_userfaultfd }

static const char *no_userfaultfd(void)
{
	return needs__syscall(SYS_userfaultfd) ? NULL : "no userfaultfd";
}

/* One task, asleep in the program that copies. */
static void begin_asleep(struct krsi_run *t, struct late *l, int tasks, int verdict)
{
	if (!test__hook(t, "file_open")->sleepable)
		test__skip(t, "file_open is not in the sleepable set here");
	late__begin(t, l, tasks, "sleep:copy_sleepable", verdict);
	late__go(t, l);
	late__await(t, l, tasks);
	for (int i = 0; i < tasks; i++)
		test__equal(t, 1, l->shared->result[i], "open has not come back (1)");
}

static void expect_copied(struct krsi_run *t, const struct late *l, int calls)
{
	test__equal(t, calls, l->io->calls, "calls");
	test__equal(t, calls, l->io->out[2], "calls that came past the copy");
	test__errno(t, 0, (int)l->io->out[0], "bpf_copy_from_user");
	test__true(t, !memcmp(l->io->out_data, LATE_TEXT, sizeof(LATE_TEXT)),
		   "the bytes are those that came late");
}

KRSI_TEST(late_page, .id = "sleep/late-page",
	  .summary = "a program sleeps until the page from which it copies is served",
	  .requirements = { "SLP-003" }, NEEDS_SLEEP)
{
	struct late l;

	begin_asleep(t, &l, 1, 0);
	late__serve(t, &l);
	test__equal(t, 0, late__end(t, &l), "status of the sleeper");
	expect_copied(t, &l, 1);
	test__errno(t, 0, l.shared->result[0], "open");
	test__true(t, !late__intact(0), "the file is truncated");
}

KRSI_TEST(
	late_plain, .id = "sleep/late-page-plain",
	.summary = "a plain program that copies from a page not there gets EFAULT and nobody waits",
	.requirements = { "SLP-005" }, .hook = { "file_open" },
	.needs = { .capabilities = KRSI_CAP_NAMED, .probe = no_userfaultfd })
{
	struct late l;

	late__begin(t, &l, 1, "sleep:copy_plain", 0);
	late__go(t, &l);
	test__equal(t, 0, late__end(t, &l), "status of the opener");
	test__equal(t, 1, l.io->calls, "calls");
	test__errno(t, -EFAULT, (int)l.io->out[0], "bpf_probe_read_user");
	test__true(t, !late__wanted(&l), "nobody asked for the page");
	test__errno(t, 0, l.shared->result[0], "open");
}

KRSI_TEST(late_deny, .id = "sleep/deny-after-sleep",
	  .summary = "a denial by a program that slept takes effect", .requirements = { "SLP-006" },
	  NEEDS_SLEEP)
{
	struct late l;

	begin_asleep(t, &l, 1, -EUCLEAN);
	late__serve(t, &l);
	test__equal(t, 0, late__end(t, &l), "status of the sleeper");
	expect_copied(t, &l, 1);
	test__errno(t, -EUCLEAN, l.shared->result[0], "open");
	test__true(t, late__intact(0), "the file is as it was");
}

KRSI_TEST(late_detach, .id = "sleep/detach-while-asleep",
	  .summary = "detach and unload do not wait for a task asleep in the program, which still "
		     "gets its verdict",
	  .requirements = { "SLP-007" }, NEEDS_SLEEP)
{
	struct late l;
	uint32_t id;

	begin_asleep(t, &l, 1, -EUCLEAN);
	id = t->adapter->prog_id(l.prog);
	test__errno(t, 0, scene__find_program(id), "the program, found by its id");
	test__errno(t, 0, t->adapter->detach(l.link), "detach");
	t->adapter->unload(l.prog);
	test__errno(t, -ENOENT, scene__find_program(id), "the program, by its id, after detach");
	test__errno(t, 0, SYS(open("late.0", O_RDONLY | O_CLOEXEC)), "open by another task");
	test__equal(t, 1, l.shared->result[0], "open has not come back (1)");
	late__serve(t, &l);
	test__equal(t, 0, late__end(t, &l), "status of the sleeper");
	test__errno(t, -EUCLEAN, l.shared->result[0], "open");
	test__true(t, late__intact(0), "the file is as it was");
}

KRSI_TEST(
	late_killed, .id = "sleep/killed-while-asleep",
	.summary =
		"SIGKILL ends a task that sleeps in a program, and the program goes on for others",
	.requirements = { "SLP-008" }, NEEDS_SLEEP)
{
	struct late l;
	int status;

	begin_asleep(t, &l, 1, -EUCLEAN);
	kill(l.pid, SIGKILL);
	status = late__end(t, &l);
	test__true(t, WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the sleeper is killed");
	test__equal(t, 1, l.io->out[2], "calls that came past the copy");
	test__errno(t, -EFAULT, (int)l.io->out[0], "bpf_copy_from_user");
	test__true(t, late__intact(0), "the file is as it was");
	scene__begin(t);
	strcpy(l.page, LATE_TEXT);
	l.io->session = getpid();
	test__errno(t, -EUCLEAN, SYS(open("late.0", O_RDONLY | O_CLOEXEC)), "open by another task");
	l.io->session = 0;
	expect_copied(t, &l, 2);
}

KRSI_TEST(late_signal, .id = "sleep/signal-while-asleep",
	  .summary = "a signal with a handler waits until the program that sleeps is done",
	  .requirements = { "SLP-011" }, NEEDS_SLEEP)
{
	struct late l;

	begin_asleep(t, &l, 1, -EUCLEAN);
	kill(l.pid, SIGUSR1);
	test__equal(t, 0, l.io->out[2], "calls that came past the copy");
	test__equal(t, 0, l.shared->signals, "signals handled");
	late__serve(t, &l);
	test__equal(t, 0, late__end(t, &l), "status of the sleeper");
	expect_copied(t, &l, 1);
	test__errno(t, -EUCLEAN, l.shared->result[0], "open");
	test__equal(t, 1, l.shared->signals, "signals handled");
}

KRSI_TEST(
	late_many, .id = "sleep/many-asleep",
	.summary = "32 tasks sleep in one program while others pass it, and each gets its verdict",
	.requirements = { "SLP-009", "SLP-006" }, NEEDS_SLEEP)
{
	struct late l;

	begin_asleep(t, &l, LATE_TASKS, -EUCLEAN);
	l.io->in[2] = getpid();
	test__errno(t, 0, SYS(open("late.0", O_RDONLY | O_CLOEXEC)), "open by another task");
	test__equal(t, 1, l.io->out[3], "calls by another task");
	test__equal(t, 0, l.io->out[2], "calls that came past the copy");
	late__serve(t, &l);
	test__equal(t, 0, late__end(t, &l), "status of the sleeper");
	expect_copied(t, &l, LATE_TASKS);
	for (int i = 0; i < LATE_TASKS; i++) {
		test__errno(t, -EUCLEAN, l.shared->result[i], "open");
		test__true(t, late__intact(i), "the file is as it was");
	}
}
