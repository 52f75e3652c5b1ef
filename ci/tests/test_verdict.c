// SPDX-License-Identifier: GPL-2.0-only
/* What is red, and which exit code wins when several things are wrong. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/gate.h"
#include "ci/tests/sample.h"
#include "ci/text.h"
#include "ci/verdict.h"

/* A run of one passing test. */
static struct run green(void)
{
	struct run run = { 0 };
	struct run_test *t = run_add_test(&run, "a/b");

	t->done = true;
	ARRAY_PUSH(&run, boots)->outcome = xstrdup("done");
	return run;
}

static void judged(struct run *run, int code, const char *word)
{
	struct verdict v;

	verdict_of(&v, run);
	cr_expect_eq(v.code, code, "%d (%s): %s", v.code, v.word, v.text);
	cr_expect_str_eq(v.word, word);
	cr_expect(v.text && *v.text);
	verdict_free(&v);
}

static void judged_free(struct run run, int code, const char *word)
{
	judged(&run, code, word);
	run_free(&run);
}

Test(verdict, green_is_green)
{
	judged_free(green(), 0, "PASS");
}

Test(verdict, nothing_is_not_green)
{
	struct run run = { 0 };

	judged(&run, 1, "FAIL");
}

Test(verdict, each_result)
{
	static const struct {
		enum result r;
		int code;
		const char *word;
	} cases[] = {
		{ RESULT_PASS, 0, "PASS" },  { RESULT_SKIP, 0, "PASS" },
		{ RESULT_XFAIL, 0, "PASS" }, { RESULT_FAIL, 1, "FAIL" },
		{ RESULT_XPASS, 1, "FAIL" }, { RESULT_TIMEOUT, 1, "FAIL" },
		{ RESULT_CRASH, 1, "FAIL" }, { RESULT_BROKEN, 1, "BROKEN" },
	};

	cr_assert_eq(ARRAY_SIZE(cases), RESULT_COUNT);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run = green();
		struct run_test *t = run_add_test(&run, "c/d");

		t->done = true;
		t->result = cases[i].r;
		judged_free(run, cases[i].code, cases[i].word);
	}
}

Test(verdict, a_fault_is_red)
{
	struct run run = green();

	run_fault(&run, "a line was lost");
	judged_free(run, 1, "BROKEN");
}

Test(verdict, a_stale_waiver_is_red)
{
	struct run run = green();

	strs_add(&run.stale, "waiver [w] of w.conf expired on 2026-12-31");
	judged_free(run, 1, "FAIL");
}

Test(verdict, a_second_try_changes_no_verdict)
{
	struct run run = green();
	struct run_test *t = run_add_test(&run, "c/d");
	struct verdict v;

	t->done = t->retried = true;
	t->result = RESULT_FAIL;
	t->second = RESULT_PASS;
	verdict_of(&v, &run);
	cr_expect_eq(v.code, 1);
	cr_expect_str_eq(v.text, "1 of 2 tests failed, 1 of them only the first time");
	verdict_free(&v);
	t->second = RESULT_FAIL;
	verdict_of(&v, &run);
	cr_expect_str_eq(v.text, "1 of 2 tests failed");
	verdict_free(&v);
	run_free(&run);
}

Test(verdict, uncovered_hooks_are_red_only_if_strict)
{
	for (int strict = 0; strict < 2; strict++) {
		struct run run = green();
		struct run_hook *h = run_hook_add(&run, "bpf");

		run.strict = strict;
		h->attachable = true;
		judged(&run, strict, strict ? "FAIL" : "PASS");
		h->attachable = false;
		judged(&run, 0, "PASS");
		h->attachable = h->covered = true;
		judged_free(run, 0, "PASS");
	}
}

Test(verdict, splats)
{
	static const struct {
		const char *kind;
		bool before_init;
		int code;
	} cases[] = {
		{ "warn", false, 1 },	 { "warn", true, 0 },	    { "oops", false, 1 },
		{ "lockdep", false, 1 }, { "sanitizer", false, 1 }, { "rcu-stall", false, 0 },
		{ "lockup", false, 0 },	 { "hung-task", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run = green();
		struct run_splat *s = ARRAY_PUSH(&run, splats);

		s->kind = xstrdup(cases[i].kind);
		s->title = xstrdup("t");
		s->text = xstrdup("t");
		s->before_init = cases[i].before_init;
		judged_free(run, cases[i].code, cases[i].code ? "FAIL" : "PASS");
	}
}

Test(verdict, crash_goes_before_failure)
{
	struct run run;

	sample_run(&run);
	judged(&run, 3, "CRASH");
	text_set(&run.boots[0].outcome, "hang");
	judged(&run, 3, "CRASH");
	run.stop = RUN_NO_BOOT;
	judged(&run, 4, "NO BOOT");
	run.stop = RUN_KERNEL_LACKS;
	judged(&run, 4, "NO BOOT");
	run_free(&run);
}

Test(verdict, the_baseline)
{
	struct run before, after;

	sample_run(&before);
	sample_run(&after);
	gate_apply(&after, &(struct cost_side){ &before, "old.json" }, NULL, -1);
	cr_expect_eq(after.worse.n, 0);
	/* The sample holds a broken test and a fault: those no baseline can allow. */
	judged(&after, 1, "BROKEN");
	strs_free(&after.faults);
	run_test_find(&after, "hook/bpf/deny")->result = RESULT_PASS;
	/* Its panic is known: it is the crash of a test that crashed before. */
	judged(&after, 0, "PASS");
	run_test_find(&after, "hook/file_open/fires")->result = RESULT_FAIL;
	run_free(&before);
	sample_run(&before);
	gate_apply(&after, &(struct cost_side){ &before, "old.json" }, NULL, -1);
	judged(&after, 6, "WORSE");
	run_free(&before);
	run_free(&after);
}
