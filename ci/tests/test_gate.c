// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/gate.h"
#include "ci/text.h"

static struct run one(const char *id, enum result r)
{
	struct run run = { 0 };
	struct run_test *t = run_add_test(&run, id);

	t->done = true;
	t->result = r;
	return run;
}

enum { SAME, WORSE, BETTER, OTHER, DEFECT };

/* Rows: before; columns: after; in the order of enum result. */
static const int table[RESULT_COUNT][RESULT_COUNT] = {
	/* pass fail skip xfail xpass timeout crash broken */
	[RESULT_PASS] = { SAME, WORSE, WORSE, DEFECT, WORSE, WORSE, WORSE, WORSE },
	[RESULT_FAIL] = { BETTER, SAME, BETTER, BETTER, OTHER, WORSE, WORSE, WORSE },
	[RESULT_SKIP] = { BETTER, WORSE, SAME, DEFECT, WORSE, WORSE, WORSE, WORSE },
	[RESULT_XFAIL] = { DEFECT, WORSE, WORSE, SAME, WORSE, WORSE, WORSE, WORSE },
	[RESULT_XPASS] = { BETTER, WORSE, BETTER, BETTER, SAME, WORSE, WORSE, WORSE },
	[RESULT_TIMEOUT] = { BETTER, OTHER, BETTER, BETTER, OTHER, SAME, WORSE, WORSE },
	[RESULT_CRASH] = { BETTER, OTHER, BETTER, BETTER, OTHER, OTHER, SAME, WORSE },
	[RESULT_BROKEN] = { BETTER, OTHER, BETTER, BETTER, OTHER, OTHER, OTHER, SAME },
};

Test(gate, every_pair_of_results)
{
	for (int a = 0; a < RESULT_COUNT; a++) {
		for (int b = 0; b < RESULT_COUNT; b++) {
			struct run before = one("x/y", a), after = one("x/y", b);
			struct gate g;
			int is;

			gate_compare(&g, &before, &after);
			is = g.worse.n	   ? WORSE
			     : g.better.n  ? BETTER
			     : g.other.n   ? OTHER
			     : g.defects.n ? DEFECT
					   : SAME;
			cr_expect_eq(is, table[a][b], "%s -> %s: %d", result_name(a),
				     result_name(b), is);
			cr_expect_eq(g.known, result_is_red(b) && is != WORSE);
			gate_free(&g);
			run_free(&before);
			run_free(&after);
		}
	}
}

Test(gate, tests_that_come_and_go)
{
	struct run before = one("old/test", RESULT_PASS), after = one("new/test", RESULT_PASS);
	struct gate g;

	gate_compare(&g, &before, &after);
	cr_expect_eq(g.worse.n, 0);
	cr_expect_eq(g.added.n, 1);
	cr_expect_eq(g.removed.n, 1);
	gate_free(&g);
	after.tests[0].result = RESULT_FAIL;
	gate_compare(&g, &before, &after);
	cr_expect_eq(g.worse.n, 1, "a new test that fails is no improvement");
	gate_free(&g);
	run_free(&before);
	run_free(&after);
}

static void add_hook(struct run *run, const char *name, const char *ret, bool attach, bool sleep)
{
	struct run_hook *h = run_hook_add(run, name);

	h->ret = xstrdup(ret);
	h->attachable = attach;
	h->sleepable = sleep;
}

Test(gate, hooks)
{
	struct run before = { 0 }, after = { 0 };
	struct gate g;

	add_hook(&before, "gone", "int", true, false);
	add_hook(&before, "same", "int", true, true);
	add_hook(&before, "sleepy", "int", true, false);
	add_hook(&before, "typed", "int", true, false);
	add_hook(&after, "fresh", "int", true, true);
	add_hook(&after, "same", "int", true, true);
	add_hook(&after, "sleepy", "int", true, true);
	add_hook(&after, "typed", "void", true, false);
	gate_compare(&g, &before, &after);
	cr_assert_eq(g.hooks.n, 4);
	cr_expect_str_eq(g.hooks.v[0], "new hook fresh (attachable, also sleepable)");
	cr_expect_str_eq(
		g.hooks.v[1],
		"hook sleepy: was attachable, not sleepable, is attachable, also sleepable");
	cr_expect_str_eq(g.hooks.v[2], "hook typed: returned int, returns void");
	cr_expect_str_eq(g.hooks.v[3], "hook gone is gone");
	gate_free(&g);
	gate_apply(&after, &(struct cost_side){ &before, "old.json" }, NULL, -1);
	cr_assert_eq(after.changes.n, 4, "a run that is gated keeps them");
	cr_expect_str_eq(after.changes.v[3], "hook gone is gone");
	run_free(&before);
	run_free(&after);
}
