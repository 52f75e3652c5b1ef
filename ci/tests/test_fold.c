// SPDX-License-Identifier: GPL-2.0-only
/* What may follow what in a stream; everything else makes the run red and says why. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/tests/sample.h"
#include "ci/verdict.h"
#include "vm-images/lines.h"

#define E(seq, rest) "{\"v\":1,\"seq\":" #seq ",\"event\":" rest "}\n"
#define START(seq, planned)                                                                        \
	E(seq, "\"suite-start\",\"suite\":{\"version\":\"1\"},\"implementation\":\"bpf-lsm\","     \
	       "\"kernel\":{\"release\":\"6.1\"},\"capabilities\":[],\"planned\":" #planned        \
	       ",\"seed\":1")
#define HOOK(seq, name)                                                                            \
	E(seq, "\"hook\",\"name\":\"" name "\",\"ret\":\"int\",\"attachable\":true,"               \
	       "\"sleepable\":true,\"covered\":true")
#define PROGRAM(seq, hook, n)                                                                      \
	E(seq, "\"program\",\"hook\":\"" hook "\",\"verified\":" #n ",\"xlated\":8,\"jited\":9")
#define BEGIN(seq, id) E(seq, "\"test-start\",\"id\":\"" id "\"")
#define DONE(seq, id, result)                                                                      \
	E(seq, "\"test-end\",\"id\":\"" id "\",\"result\":\"" result                               \
	       "\",\"seconds\":0.1,\"requirements\":[],\"reason\":\"because\"")
#define FINISH(seq, totals) E(seq, "\"suite-end\",\"seconds\":1,\"totals\":{" totals "}")

#define DENY  "hook/file_open/deny"
#define ERRNO "hook/file_open/errno"
#define FIRES "hook/file_open/fires"

static const char complete[] = START(0, 2) HOOK(1, "file_open") BEGIN(2, DENY) DONE(3, DENY, "pass")
	BEGIN(4, FIRES) DONE(5, FIRES, "pass") FINISH(6, "\"pass\":2");

/* Folds @text as the only boot of a run of two tests. Returns the exit code of its verdict. */
static int fold_all(struct run *run, const char *text, enum fold_end how)
{
	struct verdict v;
	struct fold *f;
	int code;

	sample_plan(run, 2);
	f = fold_new(run, 0, 2, NULL);
	/* The plan of sample_plan(run, 2) is fires and deny. */
	sample_feed(f, text);
	fold_finish(f, how, "it went down");
	fold_free(f);
	run_close(run, "not run");
	verdict_of(&v, run);
	code = v.code;
	verdict_free(&v);
	return code;
}

Test(fold, a_complete_stream_is_green)
{
	struct run run;

	cr_expect_eq(fold_all(&run, complete, FOLD_ORDERLY), 0);
	cr_expect_eq(run.faults.n, 0, "%s", run.faults.n ? run.faults.v[0] : "");
	cr_expect_str_eq(run.kernel_release, "6.1");
	cr_expect_eq(run.n_hooks, 1);
	cr_expect_eq(run.tests[0].result, RESULT_PASS);
	cr_expect_eq(run.boots[0].tests, 2);
	run_free(&run);
}

Test(fold, what_a_program_costs)
{
	struct run run;

	cr_expect_eq(fold_all(&run,
			      START(0, 2) HOOK(1, "file_open") PROGRAM(2, "file_open", 913)
				      BEGIN(3, DENY) DONE(4, DENY, "pass") BEGIN(5, FIRES)
					      DONE(6, FIRES, "pass") FINISH(7, "\"pass\":2"),
			      FOLD_ORDERLY),
		     0);
	cr_expect_eq(run.hooks[0].cost.verified, 913);
	cr_expect_eq(run.hooks[0].cost.jited, 9);
	run_free(&run);
}

static const struct {
	const char *name, *stream, *says;
} broken[] = {
	{ "nothing at all", "", "said nothing" },
	{ "a lost line", START(0, 2) BEGIN(1, DENY) DONE(3, DENY, "pass"), "comes where 2 should" },
	{ "a doubled line", START(0, 2) BEGIN(1, DENY) BEGIN(1, DENY), "comes where 2 should" },
	{ "a late start", START(5, 2), "comes where 0 should" },
	{ "two starts", START(0, 2) START(1, 2), "suite-start came twice" },
	{ "a test before the start", BEGIN(0, DENY), "before suite-start" },
	{ "a plan that is too small", START(0, 1), "plans 1 tests, 2 were asked for" },
	{ "a plan that is too large", START(0, 3), "plans 3 tests, 2 were asked for" },
	{ "an end without a start", START(0, 2) DONE(1, DENY, "pass"), "an end and no start" },
	{ "the end of another", START(0, 2) BEGIN(1, DENY) DONE(2, FIRES, "pass"),
	  "an end and no start" },
	{ "a start without an end", START(0, 2) BEGIN(1, DENY) BEGIN(2, FIRES),
	  "a start and no end" },
	{ "a test twice",
	  START(0, 2) BEGIN(1, DENY) DONE(2, DENY, "fail") BEGIN(3, DENY) DONE(4, DENY, "pass"),
	  "came twice" },
	{ "a test no one asked for", START(0, 2) BEGIN(1, "order/lifo"), "was not asked for" },
	{ "a hook twice", START(0, 2) HOOK(1, "bpf") HOOK(2, "bpf"), "came twice" },
	{ "a program on no hook", START(0, 2) PROGRAM(1, "bpf", 7), "on hook bpf, which did not" },
	{ "a missing suite-end",
	  START(0, 2) BEGIN(1, DENY) DONE(2, DENY, "pass") BEGIN(3, FIRES) DONE(4, FIRES, "pass"),
	  "stops before suite-end" },
	{ "a suite-end that comes early",
	  START(0, 2) BEGIN(1, DENY) DONE(2, DENY, "pass") FINISH(3, "\"pass\":1"),
	  "2 tests were asked for, 1 came" },
	{ "a count that is wrong",
	  START(0, 2) BEGIN(1, DENY) DONE(2, DENY, "pass") BEGIN(3, FIRES) DONE(4, FIRES, "pass")
		  FINISH(5, "\"pass\":1,\"skip\":1"),
	  "counts 1 pass, 2 came" },
	{ "more after the end", START(0, 2) FINISH(1, "") BEGIN(2, DENY), "after the end" },
	{ "a line of garbage", START(0, 2) "garbage\n" BEGIN(2, DENY), "no JSON object" },
	{ "a failure without a reason",
	  START(0, 2) BEGIN(1, DENY)
		  E(2, "\"test-end\",\"id\":\"" DENY "\",\"result\":\"fail\",\"seconds\":0,"
		       "\"requirements\":[],\"reason\":\"\""),
	  "gives no reason" },
};

Test(fold, whatever_is_wrong_is_red_and_named)
{
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct run run;

		cr_expect_eq(fold_all(&run, broken[i].stream, FOLD_ORDERLY), 1, "%s",
			     broken[i].name);
		cr_expect(sample_fault(&run, broken[i].says), "%s: '%s' does not say '%s'",
			  broken[i].name, run.faults.n ? run.faults.v[0] : "", broken[i].says);
		run_free(&run);
	}
}

/* Every prefix of a good stream, at every byte: never green. */
Test(fold, no_prefix_is_green)
{
	for (size_t len = 0; len + 1 < sizeof(complete) - 1; len++) {
		char *text = xstrndup(complete, len);
		struct run run;

		cr_expect_neq(fold_all(&run, text, FOLD_ORDERLY), 0, "%zu bytes", len);
		run_free(&run);
		free(text);
	}
}

/* Every stream that lacks one of its lines: never green. */
Test(fold, no_stream_with_a_lost_line_is_green)
{
	for (const char *p = complete; *p; p = strchr(p, '\n') + 1) {
		char *text =
			xasprintf("%.*s%s", (int)(p - complete), complete, strchr(p, '\n') + 1);
		struct run run;

		cr_expect_neq(fold_all(&run, text, FOLD_ORDERLY), 0, "without %.60s", p);
		run_free(&run);
		free(text);
	}
}

Test(fold, a_crash_is_laid_on_the_test_that_ran)
{
	struct run run;

	cr_expect_neq(fold_all(&run, START(0, 2) BEGIN(1, DENY), FOLD_CRASH), 0);
	cr_expect_eq(run_test_find(&run, DENY)->result, RESULT_CRASH);
	cr_expect_str_eq(run_test_find(&run, DENY)->reason, "it went down");
	cr_expect_eq(run_test_find(&run, FIRES)->result, RESULT_BROKEN);
	cr_expect_eq(run.faults.n, 0, "a dead guest cannot finish its stream");
	run_free(&run);
}

Test(fold, a_hang_is_a_timeout_of_the_test_that_ran)
{
	struct run run;

	cr_expect_neq(fold_all(&run, START(0, 2) BEGIN(1, DENY), FOLD_HANG), 0);
	cr_expect_eq(run_test_find(&run, DENY)->result, RESULT_TIMEOUT);
	run_free(&run);
}

Test(fold, an_orderly_end_within_a_test_is_broken)
{
	struct run run;

	cr_expect_eq(fold_all(&run, START(0, 2) BEGIN(1, DENY), FOLD_ORDERLY), 1);
	cr_expect_eq(run_test_find(&run, DENY)->result, RESULT_BROKEN);
	run_free(&run);
}

Test(fold, a_cut_line_is_a_fault_only_of_a_guest_that_lived)
{
	for (int i = 0; i < 2; i++) {
		struct run run;
		struct fold *f;

		sample_plan(&run, 2);
		f = fold_new(&run, 0, 2, NULL);
		sample_feed(f, START(0, 2));
		fold_line(f, "{\"v\":1", 6, LINE_CUT);
		fold_finish(f, i ? FOLD_CRASH : FOLD_ORDERLY, "x");
		cr_expect_eq(sample_fault(&run, "cut off"), !i);
		fold_free(f);
		run_free(&run);
	}
}

Test(fold, a_flood_is_bounded)
{
	static char line[60000];
	struct run run;
	struct fold *f;

	memset(line, 'x', sizeof(line));
	sample_plan(&run, 2);
	f = fold_new(&run, 0, 2, NULL);
	for (size_t n = 0; n < FOLD_STREAM_MAX + 10 * sizeof(line); n += sizeof(line))
		fold_line(f, line, sizeof(line), 0);
	cr_expect(fold_flooded(f));
	cr_expect_leq(run.faults.n, 102, "%zu faults kept", run.faults.n);
	fold_free(f);
	run_free(&run);
}

Test(fold, fatal_causes)
{
	static const struct {
		const char *cause;
		enum run_stop stop;
		int code;
	} cases[] = {
		{ "no-btf", RUN_KERNEL_LACKS, 4 },
		{ "no-bpf-lsm", RUN_KERNEL_LACKS, 4 },
		{ "lsm-order", RUN_KERNEL_LACKS, 4 },
		{ "adapter", RUN_FATAL, 1 },
		{ "usage", RUN_FATAL, 2 },
		{ "of-tomorrow", RUN_FATAL, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *line = xasprintf("{\"v\":1,\"seq\":0,\"event\":\"fatal\",\"cause\":\"%s\","
				       "\"text\":\"do this\"}\n",
				       cases[i].cause);
		struct run run;

		cr_expect_eq(fold_all(&run, line, FOLD_ORDERLY), cases[i].code, "%s", line);
		cr_expect_eq(run.stop, cases[i].stop);
		cr_expect_str_eq(run.stop_text, "do this");
		run_free(&run);
		free(line);
	}
}

Test(fold, unknown_events_are_notes)
{
	struct run run;

	cr_expect_eq(fold_all(&run,
			      START(0, 2) E(1, "\"later\"") BEGIN(2, DENY) DONE(3, DENY, "pass")
				      BEGIN(4, FIRES) DONE(5, FIRES, "pass")
					      FINISH(6, "\"pass\":2"),
			      FOLD_ORDERLY),
		     0);
	cr_expect_eq(run.notes.n, 1);
	cr_expect(strstr(run.notes.v[0], "later"));
	run_free(&run);
}

Test(fold, the_second_boot_has_to_tell_the_same_story)
{
	struct run run;
	struct fold *f;

	fold_all(&run, START(0, 2) HOOK(1, "bpf") BEGIN(2, DENY), FOLD_CRASH);
	ARRAY_PUSH(&run, boots)->outcome = xstrdup("done");
	run_test_find(&run, FIRES)->done = false;
	f = fold_new(&run, 1, 1, NULL);
	sample_feed(f, "{\"v\":1,\"seq\":0,\"event\":\"suite-start\",\"suite\":{\"version\":\"2\"},"
		       "\"implementation\":\"bpf-lsm\",\"kernel\":{\"release\":\"6.2\"},"
		       "\"capabilities\":[],\"planned\":1,\"seed\":1}\n");
	sample_feed(f, E(1, "\"hook\",\"name\":\"bpf\",\"ret\":\"int\",\"attachable\":false,"
			    "\"sleepable\":true,\"covered\":true"));
	cr_expect(sample_fault(&run, "boot 2: the kernel's release is \"6.2\" now"));
	cr_expect(sample_fault(&run, "the suite's version"));
	cr_expect(sample_fault(&run, "other properties"));
	sample_feed(f, BEGIN(2, DENY));
	cr_expect(sample_fault(&run, "test " DENY " came twice"));
	fold_free(f);
	run_free(&run);
}

Test(fold, a_later_boot_without_the_module_proves_nothing)
{
	static const char *const says[] = { "false", "true", "false", "true" };
	struct run run;

	sample_plan(&run, 4);
	for (int boot = 0; boot < 4; boot++) {
		struct fold *f = fold_new(&run, boot, boot, NULL);
		char *line = xasprintf(START(0, 2) "{\"v\":1,\"seq\":1,\"event\":\"hook\",\"name\":"
						   "\"bpf\",\"ret\":\"int\",\"attachable\":true,"
						   "\"sleepable\":true,\"covered\":true,"
						   "\"unreachable\":%s}\n",
				       says[boot]);

		sample_feed(f, line);
		cr_expect_not(run_hook_find(&run, "bpf")->unreachable, "boot %d", boot);
		fold_free(f);
		free(line);
	}
	run_free(&run);
}
