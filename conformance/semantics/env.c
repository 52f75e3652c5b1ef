// SPDX-License-Identifier: GPL-2.0-only
/* Reading the environment of a new process: every ruling, one line a case. */
#include <stdio.h>
#include <string.h>

#include "conformance/semantics/env_scene.h"
#include "conformance/semantics/scene.h"

#define ROWS(table) (table), sizeof(table) / sizeof((table)[0])
/* A query for a variable, and for the whole environment. */
#define VAR(text, variable, size) .query = { .title = text, .name = variable, .buf_len = size }
#define ALL(text, size)		  .query = { .title = text, .buf_len = size }
/* A name that must be refused. */
#define BAD(text, variable, ...)                                                                   \
	.query = { .title = text, .name = variable, .buf_len = 8, .err = -EINVAL, __VA_ARGS__ }

static const struct env_case matches[] = {
	{ VAR("alone", "A", 8), .env = { "A=1" } },
	{ VAR("first", "A", 8), .env = { "A=1", "B=2", "C=3" } },
	{ VAR("middle", "B", 8), .env = { "A=1", "B=2", "C=3" } },
	{ VAR("last", "C", 8), .env = { "A=1", "B=2", "C=3" } },
	{ VAR("a longer name that begins with it", "LD_PRELOAD", 32), .env = { "LD_PRELOAD_X=1" } },
	{ VAR("a longer name before it", "LD_PRELOAD", 32),
	  .env = { "LD_PRELOAD_X=1", "LD_PRELOAD=/x.so" } },
	{ VAR("a shorter name", "LD_PRELOAD", 32), .env = { "LD_PRELOA=1", "L=2" } },
	{ VAR("a name that ends with it", "PRELOAD", 32), .env = { "LD_PRELOAD=1" } },
	{ VAR("another case", "ld_preload", 32), .env = { "LD_PRELOAD=1" } },
	{ VAR("a value that looks like a setting", "A", 32), .env = { "B=A=1", "C=;A=2" } },
	{ VAR("a value with equals signs", "A", 32), .env = { "A==b=c=" } },
	{ VAR("a name with a space", "A B", 32), .env = { "A=1", "A B=2", "A BC=3" } },
	{ VAR("bytes above 127", "\xc3\xa4", 32), .env = { "\xc3=1", "\xc3\xa4=\xff\xfe" } },
	{ VAR("an empty name in the environment", "A", 8), .env = { "=1", "=A=2", "A=3" } },
	{ .query = { "bytes behind the name's NUL", "A", .name_len = 9, .buf_len = 8 },
	  .env = { "A=1", "B=2" } },
};

ENV_TEST(match, "match", "a variable matches by its exact name followed by an equals sign", 0,
	 "ENV-001", "ENV-005")
{
	env__table(s, ROWS(matches));
}

static const struct env_case absences[] = {
	{ VAR("no environment", "A", 8), .env = {} },
	{ VAR("not set", "A", 8), .env = { "B=1" } },
	{ VAR("set to nothing", "A", 8), .env = { "A=" } },
	{ VAR("set to nothing between others", "B", 8), .env = { "A=1", "B=", "C=3" } },
	{ VAR("an empty string in the environment", "A", 8), .env = { "", "A=1", "" } },
};

ENV_TEST(absent, "absent-or-empty", "not set and set to nothing are told apart", 0, "ENV-002",
	 "ENV-003")
{
	env__table(s, ROWS(absences));
}

static const struct env_case duplicates[] = {
	{ VAR("twice", "A", 16), .env = { "A=1", "A=2" } },
	{ VAR("apart", "A", 16), .env = { "A=first", "B=x", "A=last" } },
	{ VAR("three times", "A", 16), .env = { "A=1", "A=2", "B=", "A=3" } },
	{ VAR("equal values", "A", 16), .env = { "A=1", "A=1" } },
	{ VAR("empty ones", "A", 16), .env = { "A=", "A=", "A=x", "A=" } },
};

ENV_TEST(twice, "duplicates", "values of a variable come in order, each with its NUL, and counted",
	 0, "ENV-004", "ENV-006")
{
	env__table(s, ROWS(duplicates));
}

/* Every length of the buffer from none to more than enough. */
static void each_length(struct env_scene *s, const char *name, char *const envp[], uint32_t max)
{
	char *const argv[] = { "report", NULL };
	char title[64];

	for (uint32_t len = 0; len <= max; len++) {
		const struct env_query query = { .title = title, .name = name, .buf_len = len };

		snprintf(title, sizeof(title), "a buffer of %u bytes", len);
		env__check(s, &query, argv, envp);
	}
}

ENV_TEST(overflow, "overflow", "what fits is written and ends with a NUL, the rest is told", 0,
	 "ENV-007", "ENV-008", "ENV-009")
{
	each_length(s, "A", (char *[]){ "B=1", "A=0123456", "C=2", NULL }, 10);
}

ENV_TEST(overflow_twice, "overflow-counts-on", "after an overflow counting goes on", 0, "ENV-010",
	 "ENV-009")
{
	each_length(s, "A", (char *[]){ "A=01", "A=", "A=345", "A=67", NULL }, 14);
}

static const struct env_case fits[] = {
	{ VAR("one value", "A", 4), .env = { "A=123" } },
	{ VAR("two values", "A", 4), .env = { "A=1", "A=2" } },
	{ VAR("an empty value", "A", 1), .env = { "A=" } },
	{ VAR("an empty value after it", "A", 4), .env = { "A=123", "A=" } },
	{ VAR("a value after it", "A", 4), .env = { "A=123", "A=4" } },
	{ VAR("two empty values, room for one", "A", 1), .env = { "A=", "A=" } },
	{ VAR("another variable after it", "A", 4), .env = { "A=123", "B=4" } },
};

ENV_TEST(exact, "exact-fit", "values that just fit do not overflow, and any further one does", 0,
	 "ENV-011", "ENV-012")
{
	env__table(s, ROWS(fits));
}

static const struct env_case counts[] = {
	{ VAR("not set", "A", 0), .env = { "B=1" } },
	{ VAR("set", "A", 0), .env = { "A=1" } },
	{ VAR("set to nothing", "A", 0), .env = { "A=" } },
	{ VAR("set three times", "A", 0), .env = { "A=1", "B=2", "A=", "A=3" } },
};

ENV_TEST(count_only, "count-query", "without a buffer the count comes alone", 0, "ENV-018",
	 "ENV-019")
{
	env__table(s, ROWS(counts));
}

static const struct env_case bad_names[] = {
	{ BAD("empty", ""), .env = { "A=1", "=2" } },
	{ BAD("an equals sign", "="), .env = { "A=1", "==2" } },
	{ BAD("an equals sign at its end", "A="), .env = { "A=1", "A==2" } },
	{ BAD("an equals sign inside", "A=B"), .env = { "A=B=1" } },
	{ BAD("no NUL in name_len", "A", .name_len = 1), .env = { "A=1" } },
	{ BAD("no NUL in a longer name_len", "ABC", .name_len = 3), .env = { "ABC=1" } },
	{ BAD("name_len 0", "A", .no_name_len = true), .env = { "A=1" } },
	{ .query = { "empty, without a buffer", "", .err = -EINVAL }, .env = { "A=1" } },
};

ENV_TEST(refused, "bad-names", "a name that no variable can have is refused, with count 0", 0,
	 "ENV-013", "ENV-014", "ENV-015")
{
	env__table(s, ROWS(bad_names));
}

ENV_TEST(equals_refused, "bad-names-equals", "a name that holds an equals sign is refused", 0,
	 "ENV-016")
{
	env__table(s, &bad_names[1], 3);
}

static const struct env_case odd_strings[] = {
	{ VAR("the name alone", "A", 8), .env = { "A", "B" } },
	{ VAR("the name alone, then set", "A", 8), .env = { "A", "A=1" } },
	{ VAR("the name alone, last", "A", 8), .env = { "A=1", "A" } },
	{ VAR("no equals sign anywhere", "LD_PRELOAD", 32), .env = { "LD_PRELOAD", "x", "" } },
	{ VAR("the equals sign in the next string", "A", 8), .env = { "A", "=1", "B" } },
};

ENV_TEST(no_equals, "no-equals", "a string without an equals sign sets nothing", 0, "ENV-020",
	 "ENV-023")
{
	env__table(s, ROWS(odd_strings));
}

static const struct env_case look_alikes[] = {
	{ VAR("an argument", "A", 8), .env = { "B=1" }, .argv = { "report", "A=x" } },
	{ VAR("argv[0]", "A", 8), .env = { "B=1" }, .argv = { "A=x" } },
	{ VAR("the last argument", "A", 8), .env = {}, .argv = { "report", "x", "A=x" } },
	{ VAR("an argument and set", "A", 8), .env = { "A=1" }, .argv = { "A=x", "A=y" } },
	{ VAR("empty arguments", "A", 8), .env = { "A=1", "B=2" }, .argv = { "", "", "A=x" } },
	{ ALL("the whole environment", 32), .env = { "A=1", "B" }, .argv = { "A=x", "B=y" } },
};

ENV_TEST(look_alike, "argv", "no argument matches, whatever it looks like", 0, "ENV-021")
{
	env__table(s, ROWS(look_alikes));
}

static const struct env_case without_arguments[] = {
	{ VAR("one variable", "A", 8), .env = { "A=1" }, .no_argv = true },
	{ VAR("the first", "A", 8), .env = { "A=1", "B=2" }, .no_argv = true },
	{ VAR("the last", "B", 8), .env = { "A=1", "B=2" }, .no_argv = true },
	{ ALL("the whole environment", 32), .env = { "A=1", "B=2" }, .no_argv = true },
	{ ALL("nothing at all", 32), .env = {}, .no_argv = true },
};

ENV_TEST(argc_0, "argc-0", "an exec without arguments gives the same values", 0, "ENV-022")
{
	env__table(s, ROWS(without_arguments));
}

static const struct env_case whole[] = {
	{ ALL("no environment", 8), .env = {} },
	{ ALL("one string", 8), .env = { "A=1" } },
	{ ALL("several", 64), .env = { "A=1", "B=", "A=2", "no equals sign", "", "=x" } },
	{ ALL("an exact fit", 8), .env = { "A=1", "B=2" } },
	{ ALL("an empty string after an exact fit", 8), .env = { "A=1", "B=2", "" } },
	{ ALL("a long string between short ones", 8), .env = { "A=1", "B=0123456789", "C=2" } },
	{ ALL("no buffer, no environment", 0), .env = {} },
	{ ALL("no buffer", 0), .env = { "A=1", "B=2" } },
};

ENV_TEST(vars, "all", "the whole environment comes as whole strings, in order, and counted", 0,
	 "ENV-028", "ENV-029", "ENV-030")
{
	env__table(s, ROWS(whole));
}

ENV_TEST(vars_overflow, "all-overflow", "strings that fit whole come, the others are told", 0,
	 "ENV-030", "ENV-031")
{
	each_length(s, NULL, (char *[]){ "A=1", "BB=22", "", "C=", NULL }, 16);
}

/* Denies where the variable is set, and only there. */
ENV_TEST(deny, "deny", "a program denies an exec by its environment, and it does not start", 0,
	 "REF-018")
{
	const struct env_query query = {
		.title = "denied where it is set",
		.name = "LD_PRELOAD",
		.buf_len = 32,
		.denies = -EPERM,
	};
	char *const argv[] = { "report", NULL }, *with[] = { "LD_PRELOAD=/x.so", NULL };
	char *without[] = { "LD_PRELOAD_X=/x.so", NULL };

	env__ask(s, &query);
	test__errno(s->t, -EPERM, env__exec(s, argv, with), "exec with LD_PRELOAD");
	env__expect(s, &query, with);
	env__check(s, &query, argv, without);
}
