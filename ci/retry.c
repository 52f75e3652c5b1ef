// SPDX-License-Identifier: GPL-2.0-only
#include "ci/retry.h"

#include <stdlib.h>

static bool wants(const struct run_test *t)
{
	return t->boot >= 0 && (t->result == RESULT_FAIL || t->result == RESULT_TIMEOUT ||
				t->result == RESULT_CRASH);
}

static void choose(struct selection *s, const struct run *run)
{
	for (size_t i = 0; i < run->n_tests; i++)
		if (wants(&run->tests[i]))
			strs_add(&s->ids, run->tests[i].id);
	strs_copy(&s->globs, &s->ids);
}

/* What the second run says of the tests goes to those of the first; its boots and faults stay. */
static void take(struct run *run, struct run *again)
{
	for (size_t i = 0; i < again->n_tests; i++) {
		struct run_test *to = run_test_find(run, again->tests[i].id);
		struct run one = { .tests = xcalloc(1, sizeof(*one.tests)), .n_tests = 1 };

		*one.tests = again->tests[i];
		if (to) {
			to->retried = true;
			to->second = one.tests->result;
			to->second_reason = one.tests->reason;
			one.tests->reason = NULL;
		}
		run_free(&one);
	}
	again->n_tests = 0;
	if (again->stop != RUN_GOES_ON)
		run_fault(run, "the second try was in vain: %s",
			  again->stop_text ? again->stop_text : "the kernel did not boot");
	again->stop = RUN_GOES_ON;
	run_merge(run, again);
	run_sort(run);
}

int retry(struct run *run, const struct conduct_opts *o, struct krsi_err *err)
{
	struct run again = { 0 };
	struct selection s = { 0 };
	struct conduct_opts second = *o;
	int rc = 0;

	if (run->stop != RUN_GOES_ON)
		return 0;
	choose(&s, run);
	if (s.ids.n > RETRY_MOST) {
		run_note(run, "%zu tests are red: too many for a second try", s.ids.n);
	} else if (s.ids.n) {
		meter_say(o->meter, "%zu red test%s: a second try in a fresh guest", s.ids.n,
			  s.ids.n == 1 ? "" : "s");
		meter_total(o->meter, s.ids.n);
		second.selection = &s;
		second.others = NULL;
		second.tag = "retry";
		second.jobs = 1;
		rc = conduct(&again, &second, err);
		if (!rc)
			take(run, &again);
		run_free(&again);
	}
	selection_free(&s);
	return rc;
}
