// SPDX-License-Identifier: GPL-2.0-only
/* Processes without a file: first both signals are reported, then both are denied. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/scenarios/policy.h"

/* self_delete.c as it was compiled. */
extern const char self_delete_image[], self_delete_image_end[];

static void put_self_delete(struct krsi_run *t)
{
	int fd = open("intruder", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t len = self_delete_image_end - self_delete_image;

	if (fd < 0 || write(fd, self_delete_image, len) != len)
		test__broken(t, "write a program: %s", strerror(errno));
	close(fd);
}

/* Runs it; `over` is a file that it is to be replaced by, NULL: it unlinks itself. */
static int run_intruder(char *over)
{
	char *argv[] = { "./intruder", over, NULL }, *envp[] = { NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		execve(argv[0], argv, envp);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? -WEXITSTATUS(status)
								    : -ECHILD;
}

static void expect_report(const struct policy *p, unsigned long n)
{
	test__equal(p->t, n, p->io->out[0], "reports");
	if (n)
		test__true(p->t, !strcmp((char *)p->io->out_data, "intruder"), "the file's name");
}

KRSI_TEST(delete_self, .id = "scenario/exec-then-delete",
	  .summary = "a process that deletes the file it was executed from is reported, or denied",
	  .requirements = { "SCN-002" }, .hook = { "inode_unlink", "inode_rename" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	struct policy unlinks, replaces;

	scene__begin(t);
	put_self_delete(t);
	test__errno(t, 0, put_file("other", "x"), "write a file");
	unlinks = policy__start(t, "exec_delete:unlinks_itself", NULL);
	replaces = policy__start(t, "exec_delete:replaces_itself", NULL);
	test__errno(t, 0, SYS(rename("other", "another")), "rename of another file");
	test__errno(t, 0, SYS(unlink("another")), "unlink of another file");
	expect_report(&unlinks, 0);
	expect_report(&replaces, 0);
	test__errno(t, 0, run_intruder(NULL), "a program that unlinks itself");
	test__true(t, !exists("intruder"), "it is only reported: the file is gone");
	expect_report(&unlinks, 1);
	put_self_delete(t);
	unlinks.io->verdict = replaces.io->verdict = -EUCLEAN;
	test__errno(t, -EUCLEAN, run_intruder(NULL), "once that is denied");
	test__true(t, exists("intruder"), "the file is there");
	expect_report(&unlinks, 2);
	test__errno(t, 0, put_file("other", "x"), "write a file");
	test__errno(t, -EUCLEAN, run_intruder("other"), "replacing itself");
	test__true(t, exists("intruder") && exists("other"), "both files are there");
	expect_report(&replaces, 1);
	test__errno(t, 0, SYS(unlink("other")), "unlink of another file");
}

/* Executes what is open as fd. */
static int exec_open(struct krsi_run *t, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return policy__exec(path, NULL);
}

KRSI_TEST(run_deleted, .id = "scenario/run-deleted",
	  .summary = "the exec of a file that was deleted is reported, or denied",
	  .requirements = { "SCN-002" }, .hook = { "bprm_check_security" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	struct policy p;
	int fd;

	scene__begin(t);
	test__errno(t, 0, put_noop("noop"), "write a program");
	test__errno(t, 0, put_noop("deleted"), "write a program");
	fd = open("deleted", O_RDONLY);
	p = policy__start(t, "exec_delete:runs_deleted", NULL);
	test__equal(t, NOOP_STATUS, exec_open(t, fd), "exec of a file with a name");
	test__equal(t, 0, p.io->out[0], "reports");
	test__errno(t, 0, SYS(unlink("deleted")), "unlink");
	test__equal(t, NOOP_STATUS, exec_open(t, fd), "exec of a deleted file");
	test__equal(t, 1, p.io->out[0], "reports");
	p.io->verdict = -EUCLEAN;
	test__errno(t, -EUCLEAN, exec_open(t, fd), "once that is denied");
	test__equal(t, NOOP_STATUS, policy__exec("./noop", NULL), "exec of a file with a name");
	test__equal(t, 2, p.io->out[0], "reports");
}
