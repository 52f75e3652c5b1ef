// SPDX-License-Identifier: GPL-2.0-only
/*
 * A target under AFL++, in persistent mode with inputs in shared memory: one process judges many.
 *
 * AFL++'s own loop stops the process by a signal after each input and has a third process watch it:
 * two thirds of the time then goes to the kernel. Here the process that judges answers the fuzzer
 * itself, and its parent only waits for it to die.
 *
 * What is left of the kernel's share is two processes that wake each other. So the process says who
 * it is together with its answer: the fuzzer, which only needs to know in order to end what hangs,
 * is then woken once for an input, and not twice. An input that takes long makes a timer say it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/drivers/forkserver.h"
#include "fuzz/target.h"

/* Inputs until the process is replaced: leaks and stray writes do not pile up for ever. */
#define INPUTS 100000
/* How it says then that its last answer was given. */
#define REPLACE_ME 125

/* An input takes long if it is not done at the second tick. */
#define TICK_USEC 5000

#define STDIN_MAX (1 << 20)

/* afl-fuzz looks for these words in the file. */
static const char *volatile words[] = { "##SIG_AFL_DEFER_FORKSRV##", "##SIG_AFL_PERSISTENT##" };

/* Of AFL++'s runtime: the number of the last edge. */
extern uint32_t __afl_final_loc;

static struct fuzz_input *shared;

/* The process that judges, and whether the fuzzer knows of it; its parent wants to know both. */
static volatile struct {
	pid_t pid;
	sig_atomic_t told, judging, ticks;
} * judging;

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

static void on_tick(int sig)
{
	if (!judging->judging || judging->told || ++judging->ticks < 2)
		return;
	judging->told = 1;
	say(judging->pid);
}

static bool start_ticks(void)
{
	const struct itimerval each = { { 0, TICK_USEC }, { 0, TICK_USEC } };
	const struct sigaction act = { .sa_handler = on_tick, .sa_flags = SA_RESTART };

	return !sigaction(SIGALRM, &act, NULL) && !setitimer(ITIMER_REAL, &each, NULL);
}

/* How an input ended, for whom the fuzzer has not heard of: with the pid first. */
static bool answer(uint32_t status)
{
	const uint32_t both[] = { judging->pid, status };

	if (judging->told)
		return say(status);
	return write(TO_FUZZER, both, sizeof(both)) == sizeof(both);
}

__attribute__((noreturn)) static void judge(void)
{
	judging->pid = getpid();
	if (!start_ticks())
		_exit(0);
	for (int i = 0; i < INPUTS; i++) {
		if (!hear())
			_exit(0);
		judging->told = judging->ticks = 0;
		judging->judging = 1;
		LLVMFuzzerTestOneInput(shared->data, shared->size);
		judging->judging = 0;
		answer(0);
	}
	_exit(REPLACE_ME);
}

int main(void)
{
	if (!attach())
		return judge_stdin();
	judging = mmap(NULL, sizeof(*judging), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (judging == MAP_FAILED)
		return 1;
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
		if (!answer(status))
			return 0;
	}
}
