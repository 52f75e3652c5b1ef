// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/host/verdict.h"
#include "bench/tests/sample.h"
#include "ci/text.h"

static enum change compare(const char *before, const char *after, size_t *past)
{
	struct figures a = sample_figures(before), b = sample_figures(after);
	size_t n;
	struct comparison *c = verdict_compare(&a, &b, &n);
	enum change change = c[0].change;

	cr_assert_eq(n, 1);
	*past = verdict_past(c, n, 0);
	free(c);
	figures_free(&a);
	figures_free(&b);
	return change;
}

struct row {
	char before[80], after[80];
	enum change change;
	size_t past;
};

#define HOOK(v) "unit hook/a/one 1 median\nsample hook/a/one " #v "\n"
#define EXEC(v) "unit exec/a 1 mean\nsample exec/a " #v "\n"

ParameterizedTestParameters(verdict, change)
{
	static struct row rows[] = {
		{ HOOK(600), HOOK(600), CHANGE_NOISE, 0 },
		{ HOOK(600), HOOK(604), CHANGE_NOISE, 0 },
		{ HOOK(600), HOOK(605), CHANGE_WORSE, 1 },
		{ HOOK(600), HOOK(620), CHANGE_WORSE, 1 },
		{ HOOK(600), HOOK(580), CHANGE_BETTER, 0 },
		{ HOOK(100000), HOOK(100020), CHANGE_WORSE, 1 },
		/* allocates */
		{ "unit hook/exec-text/none 1 median\nsample hook/exec-text/none 34000\n",
		  "unit hook/exec-text/none 1 median\nsample hook/exec-text/none 34600\n",
		  CHANGE_NOISE, 0 },
		{ "unit hook/create/off 1 mean\nsample hook/create/off 1000\n",
		  "unit hook/create/off 1 mean\nsample hook/create/off 1020\n", CHANGE_NOISE, 0 },
		{ EXEC(100000), EXEC(100499), CHANGE_NOISE, 0 },
		{ EXEC(100000), EXEC(100501), CHANGE_WORSE, 1 },
		{ EXEC(100000), EXEC(99000), CHANGE_BETTER, 0 },
		{ EXEC(100000), "absent exec/a no\n", CHANGE_LOST, 1 },
		{ EXEC(100000), "failed exec/a no\n", CHANGE_LOST, 1 },
		{ EXEC(100000), "", CHANGE_LOST, 1 },
		{ "absent exec/a no\n", EXEC(1), CHANGE_NEW, 0 },
		{ "absent exec/a no\n", "absent exec/a no\n", CHANGE_NEITHER, 0 },
		{ "count buffer/a 3\n", "count buffer/a 3\n", CHANGE_NOISE, 0 },
		{ "count buffer/a 3\n", "count buffer/a 4\n", CHANGE_OTHER, 0 },
	};

	return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct row *r, verdict, change)
{
	size_t past;
	enum change got = compare(r->before, r->after, &past);

	cr_assert_eq(got, r->change, "%s to %s: %s", r->before, r->after, change_name(got));
	cr_assert_eq(past, r->past);
}

Test(verdict, threshold)
{
	struct figures a = sample_figures(HOOK(1000)), b = sample_figures(HOOK(1020));
	size_t n;
	struct comparison *c = verdict_compare(&a, &b, &n);

	cr_assert_eq(verdict_past(c, n, 0.01), 1);
	cr_assert_eq(verdict_past(c, n, 0.03), 0);
	free(c);
	figures_free(&a);
	figures_free(&b);
}

/* What varies from seed to seed is no regression. */
Test(verdict, spread_widens_the_band)
{
	struct figures a = sample_figures(HOOK(1000)), b = sample_figures(HOOK(1015));
	size_t n;
	struct comparison *c;

	a.metrics[0].low = 990;
	a.metrics[0].high = 1010;
	c = verdict_compare(&a, &b, &n);
	cr_assert_eq(c[0].change, CHANGE_NOISE);
	free(c);
	figures_free(&a);
	figures_free(&b);
}

struct other {
	size_t member;
	char says[40];
};

ParameterizedTestParameters(verdict, not_comparable)
{
	static struct other others[] = {
		{ offsetof(struct figures, engine), "the engine is" },
		{ offsetof(struct figures, cpu), "the processor is" },
		{ offsetof(struct figures, kernel), "the kernel is" },
		{ offsetof(struct figures, qemu), "QEMU is" },
		{ offsetof(struct figures, seeds), "seeds" },
	};

	return cr_make_param_array(struct other, others, sizeof(others) / sizeof(others[0]));
}

ParameterizedTest(struct other *o, verdict, not_comparable)
{
	struct figures a = sample_figures(""), b = sample_figures("");
	struct krsi_err err = { 0 };

	cr_assert_eq(verdict_comparable(&a, &b, false, &err), 0);
	if (o->member == offsetof(struct figures, seeds))
		*ARRAY_PUSH(&b, seeds) = 2;
	else
		text_set((char **)((char *)&b + o->member), "another");
	cr_assert_eq(verdict_comparable(&a, &b, false, &err), -1);
	cr_assert_eq(err.code, KRSI_EXIT_USAGE);
	cr_assert_not_null(strstr(err.text, o->says), "'%s' does not say '%s'", err.text, o->says);
	figures_free(&a);
	figures_free(&b);
}

Test(verdict, any_kernel_on_request)
{
	struct figures a = sample_figures(""), b = sample_figures("");
	struct krsi_err err = { 0 };

	text_set(&b.kernel, "another");
	cr_assert_eq(verdict_comparable(&a, &b, true, &err), 0);
	figures_free(&a);
	figures_free(&b);
}
