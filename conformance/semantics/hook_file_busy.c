// SPDX-License-Identifier: GPL-2.0-only
/* A program of a hook file goes while a call runs the one before it. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/bpf/opaque_io.h"
#include "conformance/semantics/hook_file.h"
#include "conformance/semantics/program.h"

#define HOOK	"bprm_check_security"
#define STRING	(128 << 10)
#define STRINGS 15

/* So many strings that the other processor gets its turn while they are read. */
static int execute(void)
{
	char *argv[] = { (char *)"noop", NULL }, *envp[STRINGS + 1] = {};

	for (int i = 0; i < STRINGS; i++) {
		envp[i] = calloc(1, STRING);
		if (!envp[i])
			return -ENOMEM;
		memset(envp[i], 'v', STRING - 1);
	}
	return run_program("./noop", argv, envp);
}

static int status_of(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

KRSI_TEST(busy, .id = "attach/hook-file/detach-while-running",
	  .summary = "a call that runs when a program is detached ends with those it began with",
	  .requirements = { "REF-040" }, .hook = { HOOK },
	  .needs = { .capabilities = KRSI_CAP_HOOK_FILE | KRSI_CAP_STEER | KRSI_CAP_OPAQUE |
				     KRSI_CAP_SLEEPABLE | KRSI_CAP_PROCESS })
{
	struct target last;
	struct io *io;
	pid_t pid;

	scene__begin(t);
	if (put_noop("noop"))
		test__broken(t, "noop: %s", strerror(errno));
	/* reads all strings again and again until it is told to stop */
	io = program__start_on(t, HOOK, "opaque:sleepable", NULL);
	io->in[0] = OPAQUE_BUSY;
	last = hook_file__load(t, HOOK, "last", false);
	test__errno(t, 0, hook_file__attach(&last, 0), "attach of the second");
	scene__arm(t, last.prog, -EPERM);
	pid = fork();
	if (!pid)
		_exit(-execute());
	while (!__atomic_load_n(&io->out[1], __ATOMIC_ACQUIRE) && !waitpid(pid, NULL, WNOHANG))
		sched_yield();
	test__equal(t, 1, io->out[1], "calls in the first program");
	test__errno(t, 0, hook_file__detach(&last), "detach of the second");
	__atomic_store_n(&io->in[1], 1, __ATOMIC_RELEASE);
	test__equal(t, EPERM, status_of(pid), "errno of the execve that was under way");
	test__equal(t, 1, io->out[2], "reads that were cut short");
	test__equal(t, 1, scene__calls(t, last.prog), "calls of the second program");
	test__errno(t, 0, execute(), "execve after that");
	test__equal(t, 1, scene__calls(t, last.prog), "calls of the second program in all");
}
