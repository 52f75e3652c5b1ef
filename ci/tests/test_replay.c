// SPDX-License-Identifier: GPL-2.0-only
/* A kept stream is without a fault where it was when it came, and tells what was taken from it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ci/replay.h"

#define START                                                                                      \
	"\"suite-start\",\"suite\":{\"version\":\"1\"},\"kernel\":{\"release\":\"6\"},"            \
	"\"implementation\":\"i\",\"capabilities\":[],\"planned\":3,\"seed\":1}"
#define BEGIN(id) "\"test-start\",\"id\":\"" id "\"}"
#define END(id, how)                                                                               \
	"\"test-end\",\"id\":\"" id "\",\"result\":\"" how                                         \
	"\",\"seconds\":0,\"requirements\":[],\"reason\":\"r\"}"
#define LINES 9

static const char *const stream[LINES] = {
	START,
	BEGIN("x/a"),
	END("x/a", "pass"),
	BEGIN("x/b"),
	END("x/b", "fail"),
	"\"outcome\",\"name\":\"a/b\",\"value\":\"0\"}",
	BEGIN("x/c"),
	END("x/c", "skip"),
	"\"suite-end\",\"seconds\":1,\"totals\":{\"pass\":1,\"fail\":1,\"skip\":1}}",
};

/* The first @n lines without those from @from to below @to, with or without new numbers. */
static char *text_of(size_t n, size_t from, size_t to, bool renumber)
{
	char *text = xstrdup("");

	for (size_t i = 0, seq = 0; i < n; i++) {
		char *longer;

		if (i >= from && i < to)
			continue;
		longer = xasprintf("%s{\"v\":1,\"seq\":%zu,\"event\":%s\n", text,
				   renumber ? seq : i, stream[i]);
		free(text);
		text = longer;
		seq++;
	}
	return text;
}

static struct replay replayed(char *text, size_t len)
{
	struct replay r;

	replay(&r, text, len);
	free(text);
	return r;
}

Test(replay, a_whole_stream_is_in_order)
{
	char *text = text_of(LINES, 0, 0, false);
	struct replay r = replayed(text, strlen(text));

	cr_expect_eq(r.faults.n, 0, "%s", r.faults.n ? r.faults.v[0] : "");
	cr_expect_eq(r.planned, 3);
	cr_expect(r.ended);
	replay_free(&r);
}

/* A guest that went down leaves any beginning, down to the byte. */
Test(replay, a_beginning_is_in_order_and_has_no_end)
{
	size_t whole;
	char *all = text_of(LINES, 0, 0, false);

	whole = strlen(all);
	free(all);
	for (size_t len = 0; len < whole; len++) {
		struct replay r = replayed(text_of(LINES, 0, 0, false), len);

		cr_expect_eq(r.faults.n, 0, "%zu bytes: %s", len, r.faults.n ? r.faults.v[0] : "");
		cr_expect_not(r.ended, "%zu bytes", len);
		replay_free(&r);
	}
}

Test(replay, what_was_taken_out_is_missed)
{
	/* the last line is the end: without it the stream is a beginning */
	for (size_t from = 0; from + 1 < LINES; from++)
		for (size_t to = from + 1; to < LINES; to++) {
			char *text = text_of(LINES, from, to, false);
			struct replay r = replayed(text, strlen(text));

			cr_expect(r.faults.n, "lines %zu to %zu", from, to);
			replay_free(&r);
		}
}

/* Also where lines are numbered anew; an outcome that is gone leaves no other trace. */
Test(replay, a_test_that_was_taken_out_is_missed)
{
	static const size_t tests[][2] = { { 1, 3 }, { 3, 5 }, { 6, 8 }, { 1, 5 }, { 1, 8 } };

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		char *text = text_of(LINES, tests[i][0], tests[i][1], true);
		struct replay r = replayed(text, strlen(text));

		cr_expect(r.faults.n, "%zu", i);
		replay_free(&r);
	}
}

Test(replay, faults_name_no_boot)
{
	char *text = xstrdup("nothing\n");
	struct replay r = replayed(text, strlen(text));

	cr_assert_eq(r.faults.n, 1);
	cr_expect_eq(strncmp(r.faults.v[0], "event line 1: the line is no JSON", 33), 0, "%s",
		     r.faults.v[0]);
	cr_expect_eq(r.planned, 0);
	replay_free(&r);
}
