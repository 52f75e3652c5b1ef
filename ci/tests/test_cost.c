// SPDX-License-Identifier: GPL-2.0-only
/* What programs on hooks cost, held against another run. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "bench/host/figures.h"
#include "ci/array.h"
#include "ci/cost.h"
#include "ci/gate.h"
#include "ci/merge.h"
#include "ci/run.h"
#include "ci/tests/sample.h"
#include "ci/text.h"
#include "ci/verdict.h"
#include "vm-images/fs.h"

/* A run with a program on one hook, and one test that passes. */
static struct run one(struct cost cost)
{
	struct run run = { .suite_payload = xstrdup("00ff"),
			   .implementation = xstrdup("bpf-lsm"),
			   .accel = xstrdup("tcg") };
	struct run_test *t = run_add_test(&run, "x/y");
	struct run_hook *h = run_hook_add(&run, "file_open");

	t->done = true;
	h->ret = xstrdup("int");
	h->attachable = h->covered = true;
	h->cost = cost;
	return run;
}

static const struct {
	struct cost before, after;
	double limit;
	const char *line; /* NULL: none */
	size_t dearer;
} rows[] = {
	{ { 913, 6400, 2412 }, { 913, 6400, 2412 }, 0, NULL, 0 },
	{ { 100, 0, 0 }, { 105, 0, 0 }, 0.05, NULL, 0 },
	{ { 100, 0, 0 },
	  { 106, 0, 0 },
	  0.05,
	  "hook file_open: the verifier walks 100 -> 106 instructions (+6.0 %)",
	  1 },
	{ { 0, 800, 0 },
	  { 0, 840, 0 },
	  0.01,
	  "hook file_open: 800 -> 840 bytes of instructions (+5.0 %)",
	  1 },
	{ { 913, 6400, 412 },
	  { 1377, 6400, 388 },
	  0.05,
	  "hook file_open: the verifier walks 913 -> 1377 instructions (+50.8 %), 412 -> 388 bytes "
	  "of machine code (-5.8 %)",
	  1 },
	{ { 0, 0, 400 },
	  { 0, 0, 200 },
	  0,
	  "hook file_open: 400 -> 200 bytes of machine code (-50.0 %)",
	  0 },
	/* what one of the kernels does not tell is no change: 5.10 has no count of the verifier's
	 */
	{ { 0, 800, 400 }, { 900, 800, 400 }, 0, NULL, 0 },
	{ { 900, 800, 400 }, { 0, 800, 400 }, 0, NULL, 0 },
	/* it is, where the program is interpreted */
	{ { 900, 800, 400 },
	  { 900, 800, 0 },
	  1,
	  "hook file_open: 400 -> 0 bytes of machine code (-100.0 %)",
	  1 },
	/* who wants a judgement and gives nothing to judge by is told so */
	{ { 0 }, { 900, 800, 400 }, 0, "not compared: no hook has counts in both runs", 1 },
	{ { 900, 800, 400 }, { 0 }, 0.05, "not compared: no hook has counts in both runs", 1 },
	{ { 0 }, { 900, 800, 400 }, COST_NO_LIMIT, NULL, 0 },
	/* what is below the limit is told all the same */
	{ { 100, 0, 0 },
	  { 140, 0, 0 },
	  0.5,
	  "hook file_open: the verifier walks 100 -> 140 instructions (+40.0 %)",
	  0 },
};

Test(cost, lines_and_limits)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run before = one(rows[i].before), after = one(rows[i].after);
		struct strs lines = { 0 };
		size_t n = cost_compare(&lines, &before, &after, rows[i].limit);

		cr_expect_eq(n, rows[i].dearer, "row %zu: %zu", i, n);
		cr_assert_eq(lines.n, rows[i].line != NULL, "row %zu", i);
		if (rows[i].line)
			cr_expect_str_eq(lines.v[0], rows[i].line);
		strs_free(&lines);
		run_free(&before);
		run_free(&after);
	}
}

/* Another processor gets other machine code for the same program. */
Test(cost, machine_code_is_compared_on_equal_processors)
{
	struct run before = one((struct cost){ 100, 800, 400 }),
		   after = one((struct cost){ 200, 800, 500 });
	struct strs lines = { 0 };

	text_set(&after.accel, "kvm");
	cr_expect_eq(cost_compare(&lines, &before, &after, 0), 1);
	cr_assert_eq(lines.n, 1);
	cr_expect_str_eq(lines.v[0],
			 "hook file_open: the verifier walks 100 -> 200 instructions (+100.0 %)");
	strs_free(&lines);
	run_free(&before);
	run_free(&after);
}

/* ... but that there is none says something on any. */
Test(cost, machine_code_that_is_gone_is_seen_on_any_processor)
{
	static const struct {
		const char *before, *after;
		size_t dearer;
	} pairs[] = { { "kvm", "kvm", 1 }, { "tcg", "kvm", 1 }, { "tcg", "several", 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct run before = one((struct cost){ 100, 800, 400 }),
			   after = one((struct cost){ 100, 800, 0 });
		struct strs lines = { 0 };

		text_set(&before.accel, pairs[i].before);
		text_set(&after.accel, pairs[i].after);
		cr_expect_eq(cost_compare(&lines, &before, &after, 1), pairs[i].dearer, "%zu", i);
		cr_expect_eq(lines.n, pairs[i].dearer, "%zu", i);
		strs_free(&lines);
		run_free(&before);
		run_free(&after);
	}
}

/* Other programs cost something else: that says nothing about the kernel. */
Test(cost, another_suite_is_not_compared)
{
	static const char *const payloads[] = { NULL, "00fe" };

	for (int i = 0; i < 3; i++) {
		struct run before = one((struct cost){ 1, 1, 1 }),
			   after = one((struct cost){ 2, 2, 2 });
		struct strs lines = { 0 };

		if (i < 2)
			text_set(&before.suite_payload, payloads[i]);
		else
			text_set(&before.implementation, "krsi");
		run_hook_add(&before, "bpf")->cost = (struct cost){ 1, 1, 1 };
		run_hook_add(&after, "bpf")->cost = (struct cost){ 2, 2, 2 };
		cr_expect_eq(cost_compare(&lines, &before, &after, 0), 1);
		cr_assert_eq(lines.n, 1, "told once, not of each hook");
		cr_expect(strstr(lines.v[0], "not compared"));
		strs_free(&lines);
		run_free(&before);
		run_free(&after);
	}
}

/* Told in any case, and red only where a limit was set. */
Test(cost, the_gate_tells_and_judges)
{
	static const struct {
		double limit;
		size_t lines;
		int code;
	} cases[] = { { -1, 1, 0 }, { 0.05, 1, 6 }, { 0.2, 1, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run before = one((struct cost){ 100, 800, 400 }),
			   after = one((struct cost){ 110, 800, 400 });
		struct verdict v;

		ARRAY_PUSH(&after, boots)->outcome = xstrdup("done");
		gate_apply(&after, &(struct cost_side){ &before, "old.json" }, NULL,
			   cases[i].limit);
		cr_expect_eq(after.costs.n, cases[i].lines, "%zu", i);
		verdict_of(&v, &after);
		cr_expect_eq(v.code, cases[i].code, "%zu: %s", i, v.text);
		verdict_free(&v);
		run_free(&before);
		run_free(&after);
	}
}

/* ---- what krsi bench left beside the results ---------------------------------------------------
 */

static void put_figures(const char *dir, const char *results, const char *sha, double value)
{
	char *bench = xasprintf("%s/%s/bench", dir, results), *file;
	struct figures r = { .version = xstrdup("1"),
			     .kernel = xstrdup("k"),
			     .payload = xstrdup("p"),
			     .sha256 = xstrdup(sha),
			     .engine = xstrdup("icount"),
			     .qemu = xstrdup("q"),
			     .cpu = xstrdup("c"),
			     .command = xstrdup("krsi bench") };
	struct krsi_err err = { 0 };
	struct metric *m = figures_metric(&r, "exec/vanilla", true);

	*ARRAY_PUSH(&r, seeds) = 1;
	m->operations = 1;
	*ARRAY_PUSH(metric_series(m, 1), v) = value;
	figures_finish(&r);
	file = xasprintf("%s/bench.json", bench);
	cr_assert_eq(fs_mkdirs(bench, &err), 0, "%s", err.text);
	cr_assert_eq(figures_write(&r, file, &err), 0, "%s", err.text);
	figures_free(&r);
	free(file);
	free(bench);
}

/* Compares DIR/a/results.json with the directory DIR/b. */
static size_t compare(struct strs *lines, const char *dir, double limit)
{
	struct run a = { .kernel_sha256 = xstrdup("aa") }, b = { .kernel_sha256 = xstrdup("bb") };
	char *before = xasprintf("%s/a/results.json", dir), *after = xasprintf("%s/b", dir);
	size_t n = cost_figures(lines, &(struct cost_side){ &a, before },
				&(struct cost_side){ &b, after }, limit);

	free(before);
	free(after);
	run_free(&a);
	run_free(&b);
	return n;
}

Test(cost, figures_beside_the_results)
{
	const char *dir = sample_dir();
	struct strs lines = { 0 };

	cr_expect_eq(compare(&lines, dir, 0), 0);
	cr_expect_eq(lines.n, 0, "no figures, no word");
	put_figures(dir, "a", "aa", 100000);
	cr_expect_eq(compare(&lines, dir, COST_NO_LIMIT), 0);
	cr_expect_eq(lines.n, 0, "figures of one side are not compared with nothing");
	cr_expect_eq(compare(&lines, dir, 0), 1, "a limit, and nothing to judge by");
	cr_expect_eq(lines.n, 1);
	strs_free(&lines);
	put_figures(dir, "b", "bb", 100400);
	cr_expect_eq(compare(&lines, dir, 0), 0);
	cr_expect_eq(lines.n, 0, "noise");
	put_figures(dir, "b", "bb", 110000);
	cr_expect_eq(compare(&lines, dir, 0), 1);
	cr_assert_eq(lines.n, 1);
	cr_expect_str_eq(lines.v[0],
			 "bench exec/vanilla: 100000.0 -> 110000.0 (+10.0 %, noise 0.5 %)");
	cr_expect_eq(compare(&lines, dir, 0.2), 0, "allowed");
	strs_free(&lines);
}

Test(cost, figures_of_another_kernel_are_not_those_of_the_run)
{
	const char *dir = sample_dir();
	struct strs lines = { 0 };

	put_figures(dir, "a", "aa", 100000);
	put_figures(dir, "b", "aa", 110000);
	cr_expect_eq(compare(&lines, dir, COST_NO_LIMIT), 0);
	cr_expect_eq(compare(&lines, dir, 0), 1);
	cr_assert_eq(lines.n, 2);
	cr_expect(strstr(lines.v[0], "of another kernel"), "%s", lines.v[0]);
	strs_free(&lines);
}

/* ---- guests and machines that share a run ------------------------------------------------------
 */

/* A guest whose tests have no program on the hook tells no cost, and does not take it away. */
Test(cost, the_guest_that_has_the_program_tells)
{
	for (int i = 0; i < 2; i++) {
		struct run a = one(i ? (struct cost){ 0 } : (struct cost){ 1, 2, 3 }),
			   b = one(i ? (struct cost){ 1, 2, 3 } : (struct cost){ 0 });

		run_merge(&a, &b);
		cr_assert_eq(a.n_hooks, 1);
		cr_expect_eq(a.hooks[0].cost.jited, 3, "%d", i);
		run_free(&a);
	}
}

/* Two runs as those of two machines, each with a test of its own. */
static void as_parts(struct run parts[2])
{
	for (unsigned int p = 0; p < 2; p++) {
		parts[p].part = p + 1;
		parts[p].parts = 2;
		parts[p].of_tests = 2;
	}
	text_set(&parts[1].tests[0].id, "x/z");
}

/* Nor is the machine code of two processors that of one. */
Test(cost, parts_under_two_accelerators_have_no_machine_code)
{
	for (int i = 0; i < 2; i++) {
		struct run parts[2] = { one((struct cost){ 1, 2, 3 }),
					one((struct cost){ 1, 2, 4 }) };
		struct krsi_err err = { 0 };

		as_parts(parts);
		text_set(&parts[1].accel, i ? "kvm" : "tcg");
		cr_assert_eq(merge_parts(parts, 2, &err), 0, "%s", err.text);
		cr_expect_eq(parts[0].hooks[0].cost.xlated, 2);
		cr_expect_eq(parts[0].hooks[0].cost.jited == 0, i, "%d", i);
		cr_expect_str_eq(parts[0].accel, i ? "several" : "tcg");
		cr_expect_eq(parts[0].notes.n, !i, "two counts under one are told");
		run_free(&parts[0]);
		run_free(&parts[1]);
	}
}

/* Of two builds, equal as they may be but for a path, no program is known to be the other's. */
Test(cost, parts_of_two_builds_have_no_payload)
{
	static const char *const payloads[] = { "00ff", "00fe", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(payloads); i++) {
		struct run parts[2] = { one((struct cost){ 1, 1, 1 }),
					one((struct cost){ 1, 1, 1 }) };
		struct krsi_err err = { 0 };

		as_parts(parts);
		text_set(&parts[1].suite_payload, payloads[i]);
		cr_assert_eq(merge_parts(parts, 2, &err), 0, "%s", err.text);
		cr_expect_eq(parts[0].suite_payload != NULL, i == 0, "%zu", i);
		run_free(&parts[0]);
		run_free(&parts[1]);
	}
}
