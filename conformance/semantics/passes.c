// SPDX-License-Identifier: GPL-2.0-only
/* How often a behaviour passes its hook, and in which order, where once is not the answer. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/case.h"
#include "conformance/semantics/scene.h"

#define NEEDS_EVENTS                                                                               \
	.needs = { .capabilities =                                                                 \
			   KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_ARGS | KRSI_CAP_PROCESS }

#define MOST 64

/* The events of a program that was armed, of which there must be so many. */
static const struct krsi_event *expect_events(struct krsi_run *t, size_t want)
{
	static struct krsi_event events[MOST];

	test__equal(t, want, scene__events(t, events, MOST), "events");
	return events;
}

/* What an event says of the argument of this name. */
static const struct krsi_arg *argument(struct krsi_run *t, const char *hook, const char *name,
				       const struct krsi_event *event)
{
	const struct krsi_param *param = case__param(test__hook(t, hook), name);

	if (!param || param->arg < 0)
		test__broken(t, "%s has no argument %s here", hook, name);
	return &event->arg[param->arg];
}

static void expect_inode(struct krsi_run *t, const char *path, const struct krsi_arg *arg)
{
	struct stat st;

	if (stat(path, &st))
		test__broken(t, "%s: %s", path, strerror(errno));
	test__equal(t, st.st_ino, arg->a, path);
}

KRSI_TEST(each_interpreter, .id = "order/each-interpreter",
	  .summary = "the exec of a script asks once for the script and once for each interpreter, "
		     "and each can be denied",
	  .requirements = { "HOOK-012" }, .hook = { "bprm_check_security" }, NEEDS_EVENTS)
{
	static const char hook[] = "bprm_check_security";
	static const char *const files[] = { "outer", "inner", "noop" };
	char *argv[] = { "outer", NULL }, *envp[] = { NULL };
	const struct krsi_event *events;
	struct scene_prog p;

	scene__begin(t);
	test__errno(t, 0,
		    put_noop("noop") ?: put_file("inner", "#!./noop\n") ?:
					put_file("outer", "#!./inner\n"),
		    "write programs");
	if (chmod("inner", 0700) || chmod("outer", 0700))
		test__broken(t, "chmod: %s", strerror(errno));
	p = scene__attach(t, hook);
	scene__arm(t, p.prog, 0);
	test__errno(t, 0, run_program("./outer", argv, envp), "exec");
	test__equal(t, 3, scene__calls(t, p.prog), "calls");
	events = expect_events(t, 3);
	for (int i = 0; i < 3; i++)
		expect_inode(t, files[i], argument(t, hook, "bprm", &events[i]));
	scene__arm(t, p.prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, run_program("./outer", argv, envp), "exec, denied");
	test__equal(t, 1, scene__calls(t, p.prog), "calls, the first of which denies");
}

KRSI_TEST(exchange, .id = "order/exchange",
	  .summary = "an exchange of two names asks once for each direction",
	  .requirements = { "HOOK-013" }, .hook = { "inode_rename" }, NEEDS_EVENTS)
{
	static const char hook[] = "inode_rename";
	const struct krsi_event *events;
	struct scene_prog p;

	scene__begin(t);
	test__errno(t, 0, put_file("a", "of a") ?: put_file("b", "of b"), "write files");
	p = scene__attach(t, hook);
	scene__arm(t, p.prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, SYS(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE)),
		    "exchange, denied");
	test__true(t, file_is("a", "of a") && file_is("b", "of b"), "nothing was exchanged");
	expect_events(t, 1);
	scene__arm(t, p.prog, 0);
	test__errno(t, 0, SYS(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE)),
		    "exchange");
	test__true(t, file_is("a", "of b") && file_is("b", "of a"), "the names are exchanged");
	test__equal(t, 2, scene__calls(t, p.prog), "calls");
	events = expect_events(t, 2);
	/* the way back is asked for first; the files have changed places by now */
	expect_inode(t, "a", argument(t, hook, "old_dentry", &events[0]));
	expect_inode(t, "b", argument(t, hook, "new_dentry", &events[0]));
	expect_inode(t, "b", argument(t, hook, "old_dentry", &events[1]));
	expect_inode(t, "a", argument(t, hook, "new_dentry", &events[1]));
}

/* @touch reaches the hook for a file, and for an eventfd it does not. */
static void check_private(struct krsi_run *t, const char *hook, int (*touch)(int fd))
{
	int fd = eventfd(0, EFD_CLOEXEC), file;
	struct scene_prog p;

	scene__begin(t);
	test__errno(t, 0, put_file("file", "x"), "write a file");
	file = open("file", O_RDONLY | O_CLOEXEC);
	p = scene__attach(t, hook);
	scene__arm(t, p.prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, touch(file), "the call on a file, denied");
	test__equal(t, 1, scene__calls(t, p.prog), "calls for the file");
	test__errno(t, 0, touch(fd), "the call on an eventfd");
	test__equal(t, 1, scene__calls(t, p.prog), "calls with those for the eventfd");
}

static int touch_attributes(int fd)
{
	struct stat st;

	return SYS(fstat(fd, &st));
}

static int touch_permission(int fd)
{
	return SYS(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH));
}

KRSI_TEST(private_inode, .id = "attach/private-inode",
	  .summary = "a private inode, that of an eventfd, passes no hook",
	  .requirements = { "HOOK-009" }, .hook = { "inode_getattr" }, NEEDS_EVENTS)
{
	check_private(t, "inode_getattr", touch_attributes);
}

KRSI_TEST(private_inode_permission, .id = "attach/private-inode-permission",
	  .summary = "nor is it asked who may use a private inode", .requirements = { "HOOK-009" },
	  .hook = { "inode_permission" }, NEEDS_EVENTS)
{
	check_private(t, "inode_permission", touch_permission);
}

#define ROUNDS 10

/* Makes directories, each after the other process has made one; runs on a CPU of its own. */
static void take_turns(int cpu, int from, int to)
{
	char name[32], turn;

	if (pin_to_cpu(cpu))
		_exit(1);
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "%d.%d", cpu, i);
		if (read(from, &turn, 1) != 1 || scene__mkdir(name) || write(to, &turn, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

KRSI_TEST(ring_order, .id = "audit/ring-order-across-cpus",
	  .summary = "records of two CPUs that take turns arrive in the order of the turns",
	  .requirements = { "AUD-007" }, .hook = { SCENE_HOOK }, NEEDS_EVENTS)
{
	int pipes[2][2], status[2];
	const struct krsi_event *events;
	struct scene_prog p;
	pid_t child[2];

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		test__skip(t, "one CPU only");
	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	if (pipe(pipes[0]) || pipe(pipes[1]))
		test__broken(t, "pipe: %s", strerror(errno));
	scene__arm(t, p.prog, 0);
	for (int i = 0; i < 2; i++) {
		child[i] = fork();
		if (!child[i])
			take_turns(i, pipes[i][0], pipes[!i][1]);
	}
	if (write(pipes[0][1], "", 1) != 1)
		test__broken(t, "write: %s", strerror(errno));
	for (int i = 0; i < 2; i++)
		if (waitpid(child[i], &status[i], 0) != child[i] || status[i])
			test__broken(t, "a child failed");
	events = expect_events(t, 2 * ROUNDS);
	for (int i = 0; i < 2 * ROUNDS; i++) {
		test__equal(t, child[i % 2], events[i].tgid, "process of an event");
		test__equal(t, i % 2, events[i].cpu, "CPU of an event");
	}
}
