// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>

#include "bench/host/stream.h"
#include "bench/tests/sample.h"

Test(stream, values_are_of_one_operation)
{
	struct figures r = sample_figures("unit exec/a 100 mean\nsample exec/a 1000\n"
					  "sample exec/a 3000\nproof exec/a it did\n");
	struct metric *m = figures_metric(&r, "exec/a", false);

	cr_assert_eq(m->status, STATUS_OK);
	cr_assert_eq(m->value, 20);
	cr_assert_eq(m->operations, 100);
	cr_assert_str_eq(m->proof, "it did");
	figures_free(&r);
}

Test(stream, median_where_it_is_asked_for)
{
	struct figures r = sample_figures("unit hook/a/off 1 median\nsample hook/a/off 1\n"
					  "sample hook/a/off 2\nsample hook/a/off 900\n");

	cr_assert_eq(figures_metric(&r, "hook/a/off", false)->value, 2);
	figures_free(&r);
}

Test(stream, absent_and_failed_have_no_value)
{
	struct figures r =
		sample_figures("absent exec/a no such thing\n"
			       "unit exec/b 1 mean\nsample exec/b 5\nfailed exec/b 3 of 4\n");

	cr_assert_eq(figures_metric(&r, "exec/a", false)->status, STATUS_ABSENT);
	cr_assert_str_eq(figures_metric(&r, "exec/a", false)->reason, "no such thing");
	cr_assert_eq(figures_metric(&r, "exec/b", false)->status, STATUS_FAILED);
	cr_assert_eq(figures_metric(&r, "exec/b", false)->value, 0);
	figures_free(&r);
}

/* A benchmark that was announced and then said nothing must not come out as 0. */
Test(stream, silence_is_failure)
{
	struct figures r = sample_figures("unit exec/a 1 mean\n");

	cr_assert_eq(figures_metric(&r, "exec/a", false)->status, STATUS_FAILED);
	figures_free(&r);
}

Test(stream, a_boot_that_did_not_measure_is_failure)
{
	struct figures r = { .engine = xstrdup("icount") };
	struct krsi_err err;

	*ARRAY_PUSH(&r, seeds) = 1;
	*ARRAY_PUSH(&r, seeds) = 2;
	cr_assert_eq(stream_read(&r, "krsi-bench 1 icount plain\nunit a 1 mean\nsample a 1\nend\n",
				 1, "icount", "plain", &err),
		     0);
	cr_assert_eq(
		stream_read(&r, "krsi-bench 1 icount plain\nend\n", 2, "icount", "plain", &err), 0);
	figures_finish(&r);
	cr_assert_eq(figures_metric(&r, "a", false)->status, STATUS_FAILED);
	figures_free(&r);
}

/* Of a boot that takes minutes there is one, whatever the number of seeds. */
Test(stream, a_long_boot_measures_once)
{
	struct figures r = { .engine = xstrdup("icount") };
	struct krsi_err err;

	*ARRAY_PUSH(&r, seeds) = 1;
	*ARRAY_PUSH(&r, seeds) = 2;
	cr_assert_eq(stream_read(&r, "krsi-bench 1 icount cpus64\ncount a 7\nend\n", 1, "icount",
				 "cpus64", &err),
		     0);
	figures_finish(&r);
	cr_assert_eq(figures_metric(&r, "a", false)->status, STATUS_OK);
	cr_assert_eq(figures_metric(&r, "a", false)->value, 7);
	figures_free(&r);
}

Test(stream, what_two_boots_measured_is_failure)
{
	struct figures r = sample_figures("count a 1\ncount a 1\nunit b 1 mean\nsample b 1\n"
					  "unit b 1 mean\nsample b 1\n");

	cr_assert_eq(figures_metric(&r, "a", false)->status, STATUS_FAILED);
	cr_assert_eq(figures_metric(&r, "b", false)->status, STATUS_FAILED);
	figures_free(&r);
}

struct bad {
	char text[120];
};

ParameterizedTestParameters(stream, refused)
{
	static struct bad bads[] = {
		{ "" },
		{ "end\n" },
		{ "krsi-bench 2 icount plain\nend\n" },
		{ "krsi-bench 1 wall plain\nend\n" },
		{ "krsi-bench 1 icount audit\nend\n" },
		{ "krsi-bench 1 icount plain\n" },
		{ "krsi-bench 1 icount plain\nunit a 1 mean\nsample a 1\n" },
		{ "krsi-bench 1 icount plain\nsample a 1\nend\n" },
		{ "krsi-bench 1 icount plain\nunit a 0 mean\nend\n" },
		{ "krsi-bench 1 icount plain\nunit a 1 mode\nend\n" },
		{ "krsi-bench 1 icount plain\nunit a 1 mean\nsample a 1x\nend\n" },
		{ "krsi-bench 1 icount plain\nunit a 1 mean\nsample a -1\nend\n" },
		{ "krsi-bench 1 icount plain\nnonsense\nend\n" },
		{ "krsi-bench 1 icount plain\nproof a/../b x\nend\n" },
		{ "krsi-bench 1 icount plain\nend\ncount a 1\n" },
	};

	return cr_make_param_array(struct bad, bads, sizeof(bads) / sizeof(bads[0]));
}

ParameterizedTest(struct bad *b, stream, refused)
{
	struct figures r = { 0 };
	struct krsi_err err = { 0 };

	cr_assert_eq(stream_read(&r, b->text, 1, "icount", "plain", &err), -1, "%s", b->text);
	cr_assert_eq(err.code, KRSI_EXIT_CRASH);
	figures_free(&r);
}
