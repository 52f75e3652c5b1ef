// SPDX-License-Identifier: GPL-2.0-only
/* Environments of every size: across pages, one long string, all that exec takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conformance/semantics/env_scene.h"

/* Most bytes of one string, its NUL included: MAX_ARG_STRLEN of the kernel. */
#define MAX_STRING (32 * sysconf(_SC_PAGESIZE))

/* Room for as many of them as fill ENV_BUF, and a few. */
#define STRINGS 72

static char *const argv[] = { "report", NULL };

/* "X=cc..c" of so many bytes, its NUL included. */
static char *filled(char name, size_t size)
{
	char *string = malloc(size);

	if (!string)
		abort();
	for (size_t i = 2; i < size; i++)
		string[i] = 'a' + i % 23;
	string[0] = name;
	string[1] = '=';
	string[size - 1] = '\0';
	return string;
}

static int execve_it(const struct env_exec *e)
{
	return execve(e->path, e->argv, e->envp);
}

/* How many bytes of the first string lie before a page boundary; 0: it is not told, or none. */
static size_t before_boundary(struct env_scene *s, char *const envp[], size_t size)
{
	const struct env_exec e = {
		.act = execve_it, .path = "./report", .argv = argv, .envp = envp
	};
	struct env_report report;
	size_t left;

	test__errno(s->t, 0, env__run(&e, &report), "exec");
	free(report.strings);
	left = -report.addr % sysconf(_SC_PAGESIZE);
	return left < size ? left : 0;
}

/*
 * A string in front of more and more others moves over a page boundary byte by byte. Its own
 * process tells where it was; the model of an implementation has no process to ask.
 */
static void across_pages(struct env_scene *s, const char *name)
{
	static char string[] = "KRSI_ENV=a value";
	const struct env_query query = { .title = "across pages", .name = name, .buf_len = 8192 };
	bool real = !KRSI_HAS(s->t->adapter, exec), seen[sizeof(string)] = {};
	size_t page = sysconf(_SC_PAGESIZE);

	for (size_t pad = page - 48; pad < page; pad++) {
		char *envp[] = { string, filled('P', pad), NULL };

		env__check(s, &query, argv, envp);
		if (real)
			seen[before_boundary(s, envp, sizeof(string))] = true;
		free(envp[1]);
	}
	for (size_t i = 1; real && i < sizeof(string); i++)
		test__true(s->t, seen[i], "the boundary came before every byte of the string");
}

ENV_TEST(pages, "page-boundary", "name, equals sign, value and NUL may lie across a page boundary",
	 0, "ENV-024")
{
	across_pages(s, "KRSI_ENV");
}

ENV_TEST(pages_all, "all-page-boundary", "a string of the whole environment may lie across pages",
	 0, "ENV-024", "ENV-028")
{
	across_pages(s, NULL);
}

ENV_TEST(many, "many-pages", "values are found in every page of an environment", 0, "ENV-006",
	 "ENV-024")
{
	const size_t n = 64;
	struct env_query query = { .title = "16 of 64", .name = "a", .buf_len = 16384 };
	char *envp[65] = {};

	for (size_t i = 0; i < n; i++)
		envp[i] = filled("abcd"[i % 4], 700 + 13 * i);
	query.name = "d";
	query.buf_len = 32768;
	env__check(s, &query, argv, envp);
	query.name = "a";
	env__check(s, &query, argv, envp);
	query.buf_len = 9000;
	env__check(s, &query, argv, envp);
}

ENV_TEST(longest, "longest-string", "one string of MAX_ARG_STRLEN bytes is read whole", 0,
	 "ENV-025")
{
	const size_t size = MAX_STRING;
	struct env_query query = { .title = "a value of 32 pages", .name = "L", .buf_len = size };
	char *envp[] = { "A=1", filled('L', size), "Z=2", NULL };

	env__check(s, &query, argv, envp);
	query.title = "what follows it";
	query.name = "Z";
	env__check(s, &query, argv, envp);
	query.title = "one byte too few";
	query.name = "L";
	query.buf_len = size - 3;
	env__check(s, &query, argv, envp);
	query.title = "the whole environment";
	query.name = NULL;
	query.buf_len = size + 8;
	env__check(s, &query, argv, envp);
}

/* An environment of so many bytes: "A=1", long strings, and the rest as Z. */
static void fill_up(char **envp, size_t total)
{
	size_t size = MAX_STRING - 16, n = 1;

	envp[0] = "A=1";
	for (total -= 4; total >= size + 3; total -= size)
		envp[n++] = filled('F', size);
	envp[n++] = filled('Z', total);
	envp[n] = NULL;
}

static void drop(char **envp)
{
	for (size_t n = 1; envp[n]; n++)
		free(envp[n]);
}

static bool takes(struct env_scene *s, size_t total)
{
	char *envp[STRINGS];
	int ret;

	fill_up(envp, total);
	ret = env__exec(s, argv, envp);
	drop(envp);
	if (ret != -E2BIG)
		test__errno(s->t, 0, ret, "exec with a large environment");
	return !ret;
}

/*
 * Most bytes of an environment that exec takes. As exec has it, strings and the pointers to them
 * fill three quarters of 8 MiB: that is tried first, and anything else is found by halving.
 */
static size_t find_largest(struct env_scene *s)
{
	size_t low = MAX_STRING, high = ENV_BUF, limit = 6 << 20, n = 2 + limit / MAX_STRING;
	size_t guess = limit - sizeof("./report") - sizeof("report") - (1 + n) * sizeof(char *);

	test__true(s->t, !takes(s, high), "exec refuses a large environment");
	for (size_t next = guess; low < high; next = (low + high + 1) / 2) {
		if (takes(s, next))
			low = next;
		else
			high = next - 1;
		if (next == guess && low == guess && !takes(s, guess + 1))
			high = guess;
	}
	return low;
}

ENV_TEST(largest, "largest-total", "the largest environment that exec takes is read whole", 0,
	 "ENV-026")
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct env_query query = { .title = "the first", .name = "A", .buf_len = 8 };
	char *envp[STRINGS];

	if (setrlimit(RLIMIT_STACK, &unlimited))
		test__broken(s->t, "setrlimit: %s", strerror(errno));
	fill_up(envp, find_largest(s));
	env__check(s, &query, argv, envp);
	query = (struct env_query){ .title = "the last", .name = "Z", .buf_len = MAX_STRING };
	env__check(s, &query, argv, envp);
	query = (struct env_query){ .title = "all of it", .buf_len = ENV_BUF };
	env__check(s, &query, argv, envp);
}
