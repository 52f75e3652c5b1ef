// SPDX-License-Identifier: GPL-2.0-only
/* Lines that a guest may send: each is taken as it is meant, or refused with the reason. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/events.h"
#include "vm-images/lines.h"

static struct event good(const char *line)
{
	struct event ev = { 0 };
	char *why = NULL;

	cr_assert_eq(event_read(&ev, line, strlen(line), 0, &why), 0, "%s: %s", line, why);
	return ev;
}

#define HEAD "{\"v\":1,\"seq\":0,\"event\":"

Test(events, suite_start)
{
	struct event ev = good(
		HEAD "\"suite-start\",\"suite\":{\"version\":\"0.1\",\"commit\":\"c\","
		     "\"dirty\":true},\"implementation\":\"bpf-lsm\",\"impl_version\":"
		     "\"1\",\"kernel\":{\"release\":\"6.1\",\"version\":\"#1\","
		     "\"machine\":\"x86_64\",\"cmdline\":\"quiet\\n::error::x\"},\"lsm\":\"bpf\","
		     "\"capabilities\":[\"attach\"],\"planned\":3,\"seed\":9}");

	cr_expect_eq(ev.kind, EVENT_SUITE_START);
	cr_expect_str_eq(ev.suite_version, "0.1");
	cr_expect(ev.suite_dirty);
	cr_expect_str_eq(ev.kernel_cmdline, "quiet ::error::x", "it is told within a line");
	cr_expect_eq(ev.planned, 3);
	cr_expect_eq(ev.seed, 9);
	cr_expect_str_eq(ev.capabilities.v[0], "attach");
	event_free(&ev);
}

Test(events, test_end)
{
	struct event ev =
		good(HEAD "\"test-end\",\"id\":\"a/b\",\"result\":\"fail\",\"seconds\":0.5,"
			  "\"requirements\":[\"R-1\"],\"reason\":\"r\",\"expected\":-1,"
			  "\"got\":\"0\"}");

	cr_expect_eq(ev.kind, EVENT_TEST_END);
	cr_expect_eq(ev.result, RESULT_FAIL);
	cr_expect_str_eq(ev.expected, "-EPERM", "a number is told by its name");
	cr_expect_str_eq(ev.got, "0");
	cr_expect_float_eq(ev.seconds, 0.5, 1e-9);
	event_free(&ev);
}

Test(events, the_others)
{
	struct event ev = good(HEAD "\"hook\",\"name\":\"bpf\",\"ret\":\"int\",\"attachable\":true,"
				    "\"sleepable\":false,\"covered\":true}");

	cr_expect_eq(ev.kind, EVENT_HOOK);
	cr_expect(ev.attachable && !ev.sleepable && ev.covered);
	event_free(&ev);
	ev = good(HEAD "\"program\",\"hook\":\"bpf\",\"verified\":0,\"xlated\":800,"
		       "\"jited\":412}");
	cr_expect_eq(ev.kind, EVENT_PROGRAM);
	cr_expect_str_eq(ev.name, "bpf");
	cr_expect_eq(ev.cost.xlated, 800);
	cr_expect_eq(ev.cost.jited, 412);
	event_free(&ev);
	ev = good(HEAD "\"note\",\"text\":\"t\"}");
	cr_expect_eq(ev.kind, EVENT_NOTE);
	cr_expect_null(ev.id);
	event_free(&ev);
	ev = good(HEAD "\"outcome\",\"name\":\"root:a/b\",\"value\":\"-EPERM\"}");
	cr_expect_eq(ev.kind, EVENT_OUTCOME);
	cr_expect_str_eq(ev.id, "root:a/b");
	cr_expect_str_eq(ev.value, "-EPERM");
	event_free(&ev);
	ev = good(HEAD "\"test-end\",\"id\":\"a\",\"result\":\"fail\",\"seconds\":0,"
		       "\"requirements\":[],\"differs\":[\"root:a/b\",\"root:a/c\"]}");
	cr_expect_eq(ev.differs.n, 2);
	cr_expect_str_eq(ev.differs.v[1], "root:a/c");
	event_free(&ev);
	ev = good(HEAD "\"fatal\",\"cause\":\"no-btf\",\"text\":\"t\"}");
	cr_expect_str_eq(ev.cause, "no-btf");
	event_free(&ev);
	ev = good(HEAD "\"suite-end\",\"totals\":{\"pass\":2,\"broken\":1},\"seconds\":1}");
	cr_expect_eq(ev.totals[RESULT_PASS], 2);
	cr_expect_eq(ev.totals[RESULT_BROKEN], 1);
	event_free(&ev);
	ev = good(HEAD "\"of-tomorrow\",\"x\":[{}]}");
	cr_expect_eq(ev.kind, EVENT_UNKNOWN);
	cr_expect_str_eq(ev.text, "of-tomorrow");
	event_free(&ev);
}

Test(events, text_is_made_harmless)
{
	struct event ev = good(HEAD "\"note\",\"text\":\"\\u001b[31m<b>\\u202e\"}");

	cr_expect_str_eq(ev.text, "?[31m<b>?");
	event_free(&ev);
}

Test(events, long_text_is_cut)
{
	char *text = xcalloc(EVENT_TEXT_MAX + 100, 1), *line;
	struct event ev;

	memset(text, 'x', EVENT_TEXT_MAX + 50);
	line = xasprintf(HEAD "\"note\",\"text\":\"%s\"}", text);
	ev = good(line);
	cr_expect_eq(strlen(ev.text), EVENT_TEXT_MAX);
	event_free(&ev);
	free(line);
	free(text);
}

#define END(fields) HEAD "\"test-end\",\"id\":\"a\"," fields "}"

/* Each with what the message has to say. */
static const char *const bad[][2] = {
	{ "", "no JSON object" },
	{ "garbage", "no JSON object" },
	{ "[1,2]", "no JSON object" },
	{ "\"text\"", "no JSON object" },
	{ "{\"v\":1", "no JSON object" },
	{ "{\"v\":1,\"v\":1}", "duplicate" },
	{ "{} {}", "no JSON object" },
	{ "{\"v\":NaN}", "no JSON object" },
	{ "{\"v\":1e999}", "no JSON object" },
	{ "{\"v\":99999999999999999999999}", "no JSON object" },
	{ "{\"v\":1,\"seq\":0,\"event\":\"note\",\"text\":\"\xff\"}", "no JSON object" },
	{ "{\"v\":1,\"seq\":0,\"event\":\"note\",\"text\":\"\\u0000\"}", "no JSON object" },
	{ "{}", "no \"event\"" },
	{ "{\"v\":2,\"seq\":0,\"event\":\"note\",\"text\":\"\"}", "different versions" },
	{ "{\"seq\":0,\"event\":\"note\",\"text\":\"\"}", "no \"v\"" },
	{ "{\"v\":1,\"event\":\"note\",\"text\":\"\"}", "no \"seq\"" },
	{ "{\"v\":1,\"seq\":-1,\"event\":\"note\",\"text\":\"\"}", "\"seq\"" },
	{ "{\"v\":1,\"seq\":0.5,\"event\":\"note\",\"text\":\"\"}", "\"seq\"" },
	{ "{\"v\":1,\"seq\":\"0\",\"event\":\"note\",\"text\":\"\"}", "\"seq\"" },
	{ "{\"v\":1,\"seq\":0,\"event\":7}", "\"event\" is no string" },
	{ HEAD "\"note\"}", "no \"text\"" },
	{ HEAD "\"note\",\"text\":[]}", "\"text\" is no string" },
	{ HEAD "\"note\",\"text\":\"t\",\"id\":\"../x\"}", "\"id\"" },
	{ HEAD "\"test-start\"}", "no \"id\"" },
	{ HEAD "\"test-start\",\"id\":\"\"}", "\"id\"" },
	{ HEAD "\"test-start\",\"id\":\"../../etc/passwd\"}", "\"id\"" },
	{ HEAD "\"test-start\",\"id\":\"a\\nb\"}", "\"id\"" },
	{ END("\"result\":\"good\",\"seconds\":0,\"requirements\":[]"), "\"result\"" },
	{ END("\"result\":\"xfail\",\"seconds\":0,\"requirements\":[]"), "\"result\"" },
	{ END("\"result\":true,\"seconds\":0,\"requirements\":[]"), "\"result\"" },
	{ END("\"seconds\":0,\"requirements\":[]"), "no \"result\"" },
	{ END("\"result\":\"pass\",\"requirements\":[]"), "no \"seconds\"" },
	{ END("\"result\":\"pass\",\"seconds\":-1,\"requirements\":[]"), "\"seconds\"" },
	{ END("\"result\":\"pass\",\"seconds\":1e300,\"requirements\":[]"), "\"seconds\"" },
	{ END("\"result\":\"pass\",\"seconds\":\"1\",\"requirements\":[]"), "\"seconds\"" },
	{ END("\"result\":\"pass\",\"seconds\":0"), "no \"requirements\"" },
	{ END("\"result\":\"pass\",\"seconds\":0,\"requirements\":{}"), "\"requirements\"" },
	{ END("\"result\":\"pass\",\"seconds\":0,\"requirements\":[1]"), "\"requirements\"" },
	{ END("\"result\":\"pass\",\"seconds\":0,\"requirements\":[\"a b\"]"), "\"requirements\"" },
	{ END("\"result\":\"fail\",\"seconds\":0,\"requirements\":[],\"got\":{}"), "\"got\"" },
	{ HEAD "\"hook\",\"name\":\"a/b\",\"ret\":\"int\",\"attachable\":true,\"sleepable\":true,"
	       "\"covered\":true}",
	  "\"name\"" },
	{ HEAD "\"hook\",\"name\":\"a\",\"ret\":\"long\",\"attachable\":true,\"sleepable\":true,"
	       "\"covered\":true}",
	  "\"ret\"" },
	{ HEAD "\"hook\",\"name\":\"a\",\"ret\":\"int\",\"attachable\":1,\"sleepable\":true,"
	       "\"covered\":true}",
	  "\"attachable\"" },
	{ HEAD "\"suite-end\",\"totals\":[],\"seconds\":0}", "\"totals\"" },
	{ HEAD "\"suite-end\",\"totals\":{\"good\":1},\"seconds\":0}", "\"totals\"" },
	{ HEAD "\"suite-end\",\"totals\":{\"pass\":-1},\"seconds\":0}", "\"pass\"" },
	{ "{\"v\":1,\"seq\":9223372036854775807,\"event\":\"note\",\"text\":\"x\"}",
	  "\"seq\" is no number of a line" },
	{ HEAD "\"suite-start\"}", "no \"suite\"" },
	{ HEAD "\"test-start\",\"id\":null}", "no \"id\"" },
	{ HEAD "\"outcome\"}", "no \"value\"" },
	{ HEAD "\"outcome\",\"name\":null,\"value\":\"0\"}", "no \"name\"" },
	{ HEAD "\"outcome\",\"name\":\"a\",\"value\":null}", "no \"value\"" },
	{ HEAD "\"outcome\",\"name\":\"a\",\"value\":0}", "\"value\" is no string" },
	{ HEAD "\"outcome\",\"name\":\"a b\",\"value\":\"0\"}", "\"name\"" },
	{ END("\"result\":\"fail\",\"seconds\":0,\"requirements\":[],\"differs\":{}"),
	  "\"differs\"" },
	{ END("\"result\":\"fail\",\"seconds\":0,\"requirements\":[],\"differs\":[1]"),
	  "\"differs\"" },
	{ HEAD "\"suite-start\",\"suite\":1}", "\"suite\" is no object" },
	{ HEAD "\"fatal\",\"cause\":\"<x>\",\"text\":\"\"}", "\"cause\"" },
};

Test(events, bad_lines)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct event ev;
		char *why = NULL;

		cr_expect_neq(event_read(&ev, bad[i][0], strlen(bad[i][0]), 0, &why), 0, "%s",
			      bad[i][0]);
		cr_expect(why && strstr(why, bad[i][1]), "%s: '%s' does not say '%s'", bad[i][0],
			  why, bad[i][1]);
		free(why);
	}
}

Test(events, flaws_of_the_line)
{
	static const struct {
		unsigned int flaw;
		const char *says;
	} flaws[] = { { LINE_TOO_LONG, "too long" },
		      { LINE_BINARY, "binary" },
		      { LINE_CUT, "cut off" } };

	for (size_t i = 0; i < ARRAY_SIZE(flaws); i++) {
		struct event ev;
		char *why = NULL;

		cr_expect_neq(event_read(&ev, "{}", 2, flaws[i].flaw, &why), 0);
		cr_expect(strstr(why, flaws[i].says));
		free(why);
	}
}

Test(events, deep_nesting_is_refused)
{
	size_t depth = 60000;
	char *line = xcalloc(depth + 100, 1), *why = NULL;
	struct event ev;

	memset(line, '[', depth);
	cr_expect_neq(event_read(&ev, line, depth, 0, &why), 0);
	cr_expect(strstr(why, "no JSON object"), "%s", why);
	free(why);
	free(line);
}

Test(events, many_requirements_are_refused)
{
	char *list = xcalloc(1, 10000), *line, *why = NULL;
	struct event ev;

	for (int i = 0; i < 200; i++)
		strcat(list, i ? ",\"R-1\"" : "\"R-1\"");
	line = xasprintf(END("\"result\":\"pass\",\"seconds\":0,\"requirements\":[%s]"), list);
	cr_expect_neq(event_read(&ev, line, strlen(line), 0, &why), 0);
	cr_expect(strstr(why, "at most 128"), "%s", why);
	free(why);
	free(line);
	free(list);
}

/* Whatever a line is cut to or flipped to: no crash, no leak (the sanitizers watch). */
Test(events, any_damage_is_survived)
{
	static const char line[] =
		END("\"result\":\"fail\",\"seconds\":0.5,\"requirements\":[\"R\"],"
		    "\"reason\":\"r\",\"expected\":\"e\",\"got\":1");
	char copy[sizeof(line)];

	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		for (int c = 0; c < 256; c++) {
			struct event ev;
			char *why = NULL;

			memcpy(copy, line, sizeof(line));
			copy[i] = (char)c;
			if (!event_read(&ev, copy, sizeof(line) - 1, 0, &why))
				event_free(&ev);
			else
				cr_assert_not_null(why);
			free(why);
		}
	}
}
