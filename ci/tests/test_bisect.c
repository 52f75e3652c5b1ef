// SPDX-License-Identifier: GPL-2.0-only
/* Exit codes under git bisect run. */
#include <criterion/criterion.h>

#include "ci/array.h"
#include "ci/bisect.h"
#include "ci/tests/sample.h"
#include "ci/text.h"
#include "vm-images/err.h"

static int code_of(enum bisect b, const struct run *run)
{
	struct verdict v;
	int code;

	verdict_of(&v, run);
	code = bisect_code(b, &v);
	verdict_free(&v);
	return code;
}

static void expect(const struct run *run, int off, int broke, int fixed, const char *what)
{
	cr_expect_eq(code_of(BISECT_OFF, run), off, "%s", what);
	cr_expect_eq(code_of(BISECT_BROKE, run), broke, "%s", what);
	cr_expect_eq(code_of(BISECT_FIXED, run), fixed, "%s", what);
}

Test(bisect, only_a_kernel_that_was_judged_is_good_or_bad)
{
	struct run run;

	sample_plan(&run, 2);
	run.tests[0].done = run.tests[1].done = true;
	expect(&run, 0, 0, 1, "pass");
	run.tests[1].result = RESULT_FAIL;
	expect(&run, 1, 1, 0, "fail");
	run.tests[1].result = RESULT_TIMEOUT;
	expect(&run, 1, 1, 0, "timeout");
	run.tests[1].result = RESULT_BROKEN;
	expect(&run, 1, 125, 125, "broken");
	run.tests[0].result = RESULT_FAIL;
	expect(&run, 1, 125, 125, "a failure in a run that is broken");
	run.tests[0].result = run.tests[1].result = RESULT_SKIP;
	expect(&run, 1, 125, 125, "nothing shown");
	run.tests[0].result = RESULT_PASS;
	run_fault(&run, "a line was lost");
	expect(&run, 1, 125, 125, "fault");
	strs_free(&run.faults);
	text_set(&run.boots[0].outcome, "crash");
	expect(&run, 3, 1, 0, "crash");
	run.stop = RUN_NO_BOOT;
	expect(&run, 4, 125, 125, "no boot");
	run.stop = RUN_KERNEL_LACKS;
	expect(&run, 4, 125, 125, "lacks");
	run_free(&run);
}

Test(bisect, errors)
{
	cr_expect_eq(bisect_error(BISECT_OFF, KRSI_EXIT_USAGE, true), 2);
	cr_expect_eq(bisect_error(BISECT_BROKE, KRSI_EXIT_USAGE, true), 125, "a tree not built");
	cr_expect_eq(bisect_error(BISECT_BROKE, KRSI_EXIT_USAGE, false), 255, "a wrong option");
	cr_expect_eq(bisect_error(BISECT_FIXED, KRSI_EXIT_INFRA, true), 255, "the disk is full");
	cr_expect_eq(bisect_error(BISECT_FIXED, KRSI_EXIT_INFRA, false), 255);
}
