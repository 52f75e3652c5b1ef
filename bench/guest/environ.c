// SPDX-License-Identifier: GPL-2.0-only
/*
 * What reading the environment of a new process costs with the reference, by the size of the
 * environment: of one execution,
 *
 *   env/SHAPE/none             no program
 *   env/SHAPE/unused           a program that does not read it: nothing is copied
 *   env/SHAPE/copied           one that could, and does not: its strings are copied up front all
 * the same (precompute) env/SHAPE/one, all         one variable, the last one; all of them; from
 * that copy env/SHAPE/copied-s, one-s, all-s the same by programs that sleep, for which nothing is
 * copied up front env/SHAPE/bytes            of the environment
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/types.h>

#include "bench/bpf/bench_environ.h"
#include "bench/guest/bench.h"
#include "bench/guest/exec.h"
#include "bench/guest/object.h"
#include "reference/linux/uapi.h"

#define PAGE	4096
#define ROUNDS	10
#define SAMPLES 5
#define MOST	512

/** struct shape - of an environment: @count strings of @size bytes with their NUL, and LD_PRELOAD.
 */
struct shape {
	const char *name;
	unsigned int count;
	size_t size;
};

static const struct shape shapes[] = {
	{ "empty", 0, 0 },
	{ "10x50", 10, 50 },
	{ "100x50", 100, 50 },
	{ "1x1page", 1, PAGE },
	{ "1x8pages", 1, 8 * PAGE },
	/* the longest string that exec accepts */
	{ "1x32pages", 1, 32 * PAGE },
	/* a quarter of the stack's limit of 8 MiB, less what else is there */
	{ "15x32pages", 15, 32 * PAGE },
};

/** struct reader - one way to read it. */
struct reader {
	const char *name;
	const char *program; /* NULL: none */
	bool ask, all;
};

static const struct reader readers[] = {
	{ "none", NULL, false, false },
	{ "unused", "bench_environ:unused", false, false },
	{ "copied", "bench_environ:one", false, false },
	{ "one", "bench_environ:one", true, false },
	{ "all", "bench_environ:all", true, true },
	{ "copied-s", "bench_environ:one_sleepable", false, false },
	{ "one-s", "bench_environ:one_sleepable", true, false },
	{ "all-s", "bench_environ:all_sleepable", true, true },
};

static char *vector[MOST + 2];

/* The last one is looked for: what stands before it has to be passed over. */
static size_t fill(const struct shape *s)
{
	static char value[] = EXEC_VALUE;
	size_t bytes = s->count ? sizeof(value) : 0, i;

	for (i = 0; i < s->count; i++) {
		vector[i] = malloc(s->size);
		memset(vector[i], 'x', s->size);
		vector[i][0] = 'V';
		vector[i][3] = '=';
		vector[i][s->size - 1] = '\0';
		bytes += s->size;
	}
	if (s->count)
		vector[i++] = value;
	vector[i] = NULL;
	return bytes;
}

static void empty(const struct shape *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(vector[i]);
}

/* Was the answer right? */
static const char *wrong(const struct reader *r, const struct shape *s, size_t bytes,
			 const struct environ_state *state)
{
	static char text[96];
	uint32_t n = (uint32_t)state->result, count = (uint32_t)(state->result >> 32);
	uint32_t expected = (uint32_t)(r->all ? bytes : sizeof("/bench/preload.so"));

	if (state->calls != ROUNDS * (SAMPLES + 1))
		snprintf(text, sizeof(text), "the program ran %llu times", state->calls);
	else if (!r->ask || (!s->count && !state->result))
		return NULL;
	else if (n == expected && count == (r->all ? s->count + 1 : 1))
		return NULL;
	else
		snprintf(text, sizeof(text), "%u strings in %u bytes were read, not %u bytes",
			 count, n, expected);
	return text;
}

static bool execute(void)
{
	static char *const arguments[] = { (char *)"noop", NULL };
	int status;
	pid_t pid = vfork();

	if (!pid) {
		execve(EXEC_PATH, arguments, vector);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 42;
}

static bool measure(const char *name)
{
	out__unit(name, ROUNDS, "median");
	for (int i = 0; i <= SAMPLES; i++) {
		uint64_t start = clock__now(), value;

		for (int j = 0; j < ROUNDS; j++)
			if (!execute())
				return false;
		value = clock__now() - start;
		if (i)
			out__sample(name, value);
	}
	return true;
}

static const char *start(const struct reader *r, size_t bytes, struct attached *a,
			 struct environ_state **state)
{
	const char *why = object__start(a, r->program, "process_execution");

	if (why)
		return why;
	*state = mmap(NULL, sizeof(**state), PROT_READ | PROT_WRITE, MAP_SHARED,
		      object__map(a, "state"), 0);
	if (*state == MAP_FAILED)
		return "the state cannot be mapped";
	(*state)->ask = r->ask;
	(*state)->len = (uint32_t)(r->all ? bytes : 128);
	return NULL;
}

static void run_reader(const struct shape *s, const struct reader *r, size_t bytes)
{
	struct attached a = { .hook_file = -1, .program = -1 };
	struct environ_state *state = NULL;
	char name[96];
	const char *why = NULL;

	snprintf(name, sizeof(name), "env/%s/%s", s->name, r->name);
	if (!bench__wanted(name))
		return;
	if (r->program)
		why = start(r, bytes, &a, &state);
	if (why) {
		out__absent(name, "%s", why);
	} else {
		quiet__begin();
		if (!measure(name))
			out__failed(name, "it was not executed: %s", strerror(errno));
		else if (state && (why = wrong(r, s, bytes, state)))
			out__failed(name, "%s", why);
		else if (r->ask)
			out__proof(name, "the program returned what the environment holds");
		quiet__end();
	}
	object__stop(&a);
}

static void run_environ(const struct bench *b)
{
	char name[96];

	if (access(KRSI_SECURITYFS, F_OK)) {
		out__absent("env/krsi", "no KRSI in this kernel");
		return;
	}
	if (!exec__prepare()) {
		out__failed("env/set-up", "cannot write %s", EXEC_PATH);
		return;
	}
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		size_t bytes = fill(&shapes[i]);

		for (size_t j = 0; j < sizeof(readers) / sizeof(readers[0]); j++)
			run_reader(&shapes[i], &readers[j], bytes);
		snprintf(name, sizeof(name), "env/%s/bytes", shapes[i].name);
		out__count(name, bytes);
		empty(&shapes[i]);
		out__flush();
	}
}

BENCH(environ_) = { .name = "env/", .boot = "krsi", .run = run_environ };
