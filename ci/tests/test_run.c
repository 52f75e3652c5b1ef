// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/run.h"
#include "ci/tests/sample.h"
#include "ci/text.h"

static void add(struct run *run, const char *id, enum result r)
{
	struct run_test *t = run_add_test(run, id);

	t->done = true;
	t->result = r;
}

Test(run, semantics_come_in_a_readers_order)
{
	static const char *const want[] = { "fires", "args", "deny", "restore", "route", "alpha" };
	struct strs sems = { 0 };
	struct run run = { 0 };

	add(&run, "hook/a/route/open", RESULT_PASS);
	add(&run, "hook/a/alpha", RESULT_PASS);
	add(&run, "hook/b/restore", RESULT_PASS);
	add(&run, "hook/b/deny", RESULT_PASS);
	add(&run, "hook/b/fires", RESULT_PASS);
	add(&run, "hook/a/fires", RESULT_PASS);
	add(&run, "hook/a/args", RESULT_PASS);
	add(&run, "hook/nothing", RESULT_PASS);
	add(&run, "order/fires", RESULT_PASS);
	run_sort(&run);
	run_semantics(&run, &sems);
	cr_assert_eq(sems.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < sems.n; i++)
		cr_expect_str_eq(sems.v[i], want[i]);
	strs_free(&sems);
	run_free(&run);
}

Test(run, a_hooks_result_is_the_worst_below)
{
	struct run run = { 0 };
	enum result r = RESULT_PASS;

	add(&run, "hook/a/routes/one", RESULT_PASS);
	add(&run, "hook/a/routes/two", RESULT_FAIL);
	add(&run, "hook/a/routes/three", RESULT_SKIP);
	add(&run, "hook/a/routes-of-another", RESULT_BROKEN);
	add(&run, "hook/ab/routes", RESULT_CRASH);
	run_sort(&run);
	cr_expect_eq(run_hook_result(&run, "a", "routes", &r), 0);
	cr_expect_eq(r, RESULT_FAIL);
	cr_expect_eq(run_hook_result(&run, "ab", "routes", &r), 0);
	cr_expect_eq(r, RESULT_CRASH);
	cr_expect_eq(run_hook_result(&run, "a", "deny", &r), -1);
	cr_expect_eq(run_hook_result(&run, "", "", &r), -1);
	run_free(&run);
}

Test(run, a_pass_outweighs_a_skip)
{
	struct run run = { 0 };
	enum result r = RESULT_BROKEN;

	add(&run, "hook/a/routes/one", RESULT_SKIP);
	add(&run, "hook/a/routes/two", RESULT_PASS);
	run_sort(&run);
	cr_expect_eq(run_hook_result(&run, "a", "routes", &r), 0);
	cr_expect_eq(r, RESULT_PASS);
	run_free(&run);
}

Test(run, faults_and_notes_are_bounded_lines)
{
	struct run run = { 0 };
	char *longest = xcalloc(5001, 1);

	memset(longest, 'x', 5000);
	for (int i = 0; i < 5000; i++) {
		run_fault(&run, "%s", longest);
		run_note(&run, "a\nb");
	}
	cr_expect_lt(run.faults.n, 200);
	cr_expect_lt(run.notes.n, 1000);
	cr_expect_leq(strlen(run.faults.v[0]), 1000);
	cr_expect_str_eq(run.notes.v[0], "a b");
	cr_expect_str_eq(run.faults.v[run.faults.n - 1], "... and more of these");
	free(longest);
	run_free(&run);
}

Test(run, hooks_stay_sorted)
{
	static const char *const names[] = { "m", "a", "z", "b", "m" };
	struct run run = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		run_hook_add(&run, names[i]);
	cr_assert_eq(run.n_hooks, 4);
	for (size_t i = 1; i < run.n_hooks; i++)
		cr_expect_lt(strcmp(run.hooks[i - 1].name, run.hooks[i].name), 0);
	cr_expect_not_null(run_hook_find(&run, "z"));
	cr_expect_null(run_hook_find(&run, "zz"));
	run_free(&run);
}

Test(run, close_leaves_nothing_open)
{
	struct run run;

	sample_plan(&run, 4);
	run.tests[0].done = true;
	cr_expect_eq(run_close(&run, "why"), 3);
	cr_expect_eq(run_close(&run, "why"), 0);
	for (size_t i = 1; i < 4; i++) {
		cr_expect_eq(run.tests[i].result, RESULT_BROKEN);
		cr_expect_str_eq(run.tests[i].reason, "why");
	}
	run_free(&run);
}

Test(run, merge_keeps_boots_apart)
{
	struct run a, b;

	sample_run(&a);
	sample_run(&b);
	run_hook_find(&b, "bpf")->sleepable = true;
	run_merge(&a, &b);
	cr_expect_eq(a.n_boots, 2);
	cr_expect_eq(a.n_tests, 16);
	cr_expect_eq(a.tests[8].boot, 1);
	cr_expect_eq(a.splats[1].boot, 1);
	cr_expect_eq(a.n_hooks, 2);
	cr_expect(sample_fault(&a, "hook bpf has other properties"));
	cr_expect_eq(b.n_tests, 0);
	run_free(&a);
}

/* What is known of "bpf" once one guest's word was followed by another's. */
static const struct run_hook *merged(struct run *a, struct run *b, bool first, bool second)
{
	sample_run(a);
	sample_run(b);
	run_hook_find(a, "bpf")->unreachable = first;
	run_hook_find(a, "bpf")->untriggered = !first;
	run_hook_find(b, "bpf")->unreachable = second;
	run_hook_find(b, "bpf")->untriggered = !second;
	run_merge(a, b);
	return run_hook_find(a, "bpf");
}

Test(run, merge_believes_the_guest_that_can_reach_a_hook)
{
	for (int i = 0; i < 4; i++) {
		const struct run_hook *h;
		struct run a, b;

		h = merged(&a, &b, i & 1, i & 2);
		cr_expect_eq(h->unreachable, i == 3, "%d", i);
		cr_expect_eq(h->untriggered, i != 3, "%d", i);
		run_free(&a);
		run_free(&b);
	}
}

/* A guest that did not get as far as a number has none to give, and one that did not boot says more
 * of the kernel than one whose suite gave up. */
Test(run, merge_keeps_the_seed_and_the_worst_end)
{
	for (int i = 0; i < 2; i++) {
		struct run a = { .suite_version = i ? NULL : xstrdup("1"), .seed = i ? 0 : 7 },
			   b = { .suite_version = i ? xstrdup("1") : NULL, .seed = i ? 7 : 0 };

		a.stop = i ? RUN_NO_BOOT : RUN_FATAL;
		a.stop_text = xstrdup(i ? "dead" : "lost");
		b.stop = i ? RUN_FATAL : RUN_NO_BOOT;
		b.stop_text = xstrdup(i ? "lost" : "dead");
		run_merge(&a, &b);
		cr_expect_eq(a.seed, 7, "%d", i);
		cr_expect_eq(a.stop, RUN_NO_BOOT, "%d", i);
		cr_expect_str_eq(a.stop_text, "dead");
		run_free(&a);
	}
}

Test(run, the_command)
{
	struct run run = { 0 };
	char *c;

	run.command = xstrdup("krsi test --kernel k");
	run.selection = xstrdup("*");
	c = run_command(&run, NULL);
	cr_expect_str_eq(c, "krsi test --kernel k");
	free(c);
	c = run_command(&run, "a/b");
	cr_expect_str_eq(c, "krsi test --kernel k --tests a/b");
	free(c);
	text_set(&run.selection, "hook/*");
	c = run_command(&run, NULL);
	cr_expect_str_eq(c, "krsi test --kernel k --tests 'hook/*'");
	free(c);
	run_free(&run);
}
