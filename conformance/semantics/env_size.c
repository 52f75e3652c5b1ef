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

/* Fits the last string so that exec just takes the whole; NULL-terminated. */
static void fill_up(struct env_scene *s, char **envp, size_t max)
{
	size_t low = 3, high = MAX_STRING, n = 1;

	for (; n < max - 1; n++) {
		envp[n] = filled('F', MAX_STRING);
		if (env__exec(s, argv, envp) == -E2BIG)
			break;
	}
	test__true(s->t, n < max - 1, "exec refuses a large environment");
	free(envp[n]);
	while (low < high) {
		size_t middle = (low + high + 1) / 2;

		envp[n] = filled('Z', middle);
		if (env__exec(s, argv, envp))
			high = middle - 1;
		else
			low = middle;
		free(envp[n]);
	}
	envp[n] = filled('Z', low);
	envp[n + 1] = filled('Y', 3);
	test__errno(s->t, -E2BIG, env__exec(s, argv, envp), "exec with one more string");
	envp[n + 1] = NULL;
}

ENV_TEST(largest, "largest-total", "the largest environment that exec takes is read whole", 0,
	 "ENV-026")
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct env_query query = { .title = "the first", .name = "A", .buf_len = 8 };
	char *envp[64] = { "A=1" };

	if (setrlimit(RLIMIT_STACK, &unlimited))
		test__broken(s->t, "setrlimit: %s", strerror(errno));
	fill_up(s, envp, sizeof(envp) / sizeof(envp[0]));
	env__check(s, &query, argv, envp);
	query = (struct env_query){ .title = "the last", .name = "Z", .buf_len = MAX_STRING };
	env__check(s, &query, argv, envp);
	query = (struct env_query){ .title = "all of it", .buf_len = ENV_BUF };
	env__check(s, &query, argv, envp);
}
