// SPDX-License-Identifier: GPL-2.0-only
/*
 * A target under AFL++, in persistent mode with inputs in shared memory: one process judges many.
 *
 * AFL++'s own loop stops the process by a signal after each input and has a third process watch it:
 * two thirds of the time then goes to the kernel. Here the process that judges answers the fuzzer
 * itself, and its parent only waits for it to die.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/drivers/forkserver.h"
#include "fuzz/target.h"

/* Inputs until the process is replaced: leaks and stray writes do not pile up for ever. */
#define INPUTS 100000
/* How it says then that its last answer was given. */
#define REPLACE_ME 125

#define STDIN_MAX (1 << 20)

/* afl-fuzz looks for these words in the file. */
static const char *volatile words[] = { "##SIG_AFL_DEFER_FORKSRV##", "##SIG_AFL_PERSISTENT##" };

/* Of AFL++'s runtime: the number of the last edge. */
extern uint32_t __afl_final_loc;

static struct fuzz_input *shared;

/* Without a fuzzer, or with a tool that starts a process for each input. */
static int judge_stdin(void)
{
	uint8_t *data = malloc(STDIN_MAX);

	LLVMFuzzerTestOneInput(data, fread(data, 1, STDIN_MAX, stdin));
	free(data);
	return 0;
}

static uint32_t options(void)
{
	uint32_t all = forkserver_options((__afl_final_loc + 64) & ~63u);

	return getenv("__AFL_CMPLOG_SHM_ID") ? all | OPTION_CMPLOG : all;
}

static int attach(void)
{
	const char *id = getenv("__AFL_SHM_FUZZ_ID");

	if (!id || !words[0] || !say(options()))
		return 0;
	shared = shmat(atoi(id), NULL, 0);
	return shared != (void *)-1 && hear();
}

__attribute__((noreturn)) static void judge(void)
{
	pid_t self = getpid();

	for (int i = 0; i < INPUTS; i++) {
		if (!hear())
			_exit(0);
		say(self);
		LLVMFuzzerTestOneInput(shared->data, shared->size);
		say(0);
	}
	_exit(REPLACE_ME);
}

int main(void)
{
	if (!attach())
		return judge_stdin();
	for (;;) {
		pid_t pid = fork();
		int status;

		if (!pid)
			judge();
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		if (WIFEXITED(status) && WEXITSTATUS(status) == REPLACE_ME)
			continue;
		/* the end of the fuzzer, or of an input that is a finding */
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			return 0;
		if (!say(status))
			return 0;
	}
}
