// SPDX-License-Identifier: GPL-2.0-only
#include "ci/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "vm-images/err.h"

/* What speaks against a run, counted once for all rules. */
struct evidence {
	const struct run *run;
	size_t n[RESULT_COUNT];
	size_t failed;	/* tests that are fail, timeout, crash or xpass, and not known to be */
	size_t crashes; /* boots that ended in a crash or a hang */
	size_t orphans; /* of these, the ones that no test is blamed for */
	size_t splats;	/* that count, and that no test answers for */
	size_t uncovered;
	size_t flaky;	    /* red tests that passed when they were run again */
	size_t passed;	    /* tests that say something good */
	const char *guilty; /* the first test that took a guest down */
};

bool verdict_splat_is_red(const struct run_splat *s)
{
	static const char *const red[] = { "panic", "oops", "sanitizer", "lockdep", "warn" };

	for (size_t i = 0; i < ARRAY_SIZE(red) && !s->before_init; i++)
		if (!strcmp(s->kind, red[i]))
			return true;
	return false;
}

static void weigh(struct evidence *e, const struct run *run)
{
	*e = (struct evidence){ .run = run };
	run_totals(run, e->n);
	e->passed = e->n[RESULT_PASS];
	e->failed =
		e->n[RESULT_FAIL] + e->n[RESULT_TIMEOUT] + e->n[RESULT_CRASH] + e->n[RESULT_XPASS];
	for (size_t i = 0; i < run->n_boots; i++) {
		const struct run_boot *b = &run->boots[i];

		if (strcmp(b->outcome, "crash") && strcmp(b->outcome, "hang"))
			continue;
		e->crashes++;
		e->orphans += !b->test;
		if (!e->guilty)
			e->guilty = b->test;
	}
	for (size_t i = 0; i < run->n_splats; i++)
		e->splats += verdict_splat_is_red(&run->splats[i]) && !run->splats[i].test;
	for (size_t i = 0; i < run->n_tests; i++)
		e->flaky += run->tests[i].retried && run->tests[i].second == RESULT_PASS;
	e->uncovered = run->strict ? run_count_hooks(run).uncovered : 0;
	/* Red as before is what a baseline is there to allow. Broken never is. */
	if (run->baseline && !run->worse.n) {
		e->failed = 0;
		e->crashes = e->orphans;
	}
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static char *no_boot(const struct evidence *e)
{
	const struct run *run = e->run;

	if (run->stop != RUN_NO_BOOT && run->stop != RUN_KERNEL_LACKS)
		return NULL;
	return xasprintf("%s", run->stop_text ? run->stop_text : "the kernel did not boot");
}

static char *usage(const struct evidence *e)
{
	if (e->run->stop != RUN_FATAL || !e->run->stop_cause || strcmp(e->run->stop_cause, "usage"))
		return NULL;
	return xasprintf("%s", e->run->stop_text);
}

static char *worse(const struct evidence *e)
{
	size_t n = e->run->worse.n;

	if (!e->run->baseline || !n)
		return NULL;
	return xasprintf("%zu test%s worse than in the baseline", n, n == 1 ? " is" : "s are");
}

static char *crashed(const struct evidence *e)
{
	if (!e->crashes)
		return NULL;
	if (e->crashes == 1)
		return xasprintf("the guest went down%s%s", e->guilty ? " in " : "",
				 e->guilty ? e->guilty : " between tests");
	return xasprintf("the guest went down %zu times%s%s", e->crashes,
			 e->guilty ? ", first in " : "", e->guilty ? e->guilty : "");
}

static char *stopped(const struct evidence *e)
{
	if (e->run->stop != RUN_FATAL)
		return NULL;
	return xasprintf("the suite could not run: %s",
			 e->run->stop_text ? e->run->stop_text : "no reason given");
}

static char *failed(const struct evidence *e)
{
	size_t all = e->run->n_tests - e->n[RESULT_SKIP];
	char again[64] = "";

	if (!e->failed)
		return NULL;
	if (e->flaky)
		snprintf(again, sizeof(again), ", %zu of them only the first time", e->flaky);
	return xasprintf("%zu of %zu test%s failed%s%s", e->failed, all, plural(all), again,
			 e->n[RESULT_BROKEN] || e->run->faults.n ? ", and the run itself is broken"
								 : "");
}

static char *broken(const struct evidence *e)
{
	if (e->run->faults.n)
		return xasprintf("the run itself went wrong: %s", e->run->faults.v[0]);
	if (e->n[RESULT_BROKEN])
		return xasprintf("%zu test%s gave no usable result", e->n[RESULT_BROKEN],
				 plural(e->n[RESULT_BROKEN]));
	return NULL;
}

static char *stale(const struct evidence *e)
{
	size_t n = e->run->stale.n;

	if (!n)
		return NULL;
	if (n == 1)
		return xasprintf("%s", e->run->stale.v[0]);
	return xasprintf("%zu waivers are expired or about nothing, first: %s", n,
			 e->run->stale.v[0]);
}

static char *complained(const struct evidence *e)
{
	if (!e->splats)
		return NULL;
	return xasprintf("%zu complaint%s of the kernel on its console while tests ran", e->splats,
			 plural(e->splats));
}

static char *dearer(const struct evidence *e)
{
	size_t n = e->run->dearer;

	if (!e->run->baseline || !n)
		return NULL;
	return xasprintf("%zu cost%s above the baseline by more than the limit, or cannot be "
			 "compared",
			 n, n == 1 ? " is" : "s are");
}

static char *uncovered(const struct evidence *e)
{
	if (!e->uncovered)
		return NULL;
	return xasprintf("%zu attachable hook%s of this kernel ha%s no entry in the catalogue",
			 e->uncovered, plural(e->uncovered), e->uncovered == 1 ? "s" : "ve");
}

static char *nothing(const struct evidence *e)
{
	if (e->passed)
		return NULL;
	return xasprintf("nothing was shown: no test passed, %zu skipped", e->n[RESULT_SKIP]);
}

/* The first rule that has something to say decides. */
static const struct {
	char *(*says)(const struct evidence *e);
	int code;
	const char *word;
	bool of_kernel; /* it is about the kernel */
} rules[] = {
	{ no_boot, KRSI_EXIT_NOBOOT, "NO BOOT", false },
	{ usage, KRSI_EXIT_USAGE, "USAGE", false },
	{ worse, KRSI_EXIT_GATE, "WORSE", true },
	{ crashed, KRSI_EXIT_CRASH, "CRASH", true },
	{ stopped, KRSI_EXIT_FAIL, "BROKEN", false },
	{ failed, KRSI_EXIT_FAIL, "FAIL", true },
	{ broken, KRSI_EXIT_FAIL, "BROKEN", false },
	{ complained, KRSI_EXIT_FAIL, "FAIL", true },
	{ dearer, KRSI_EXIT_GATE, "WORSE", true },
	{ uncovered, KRSI_EXIT_FAIL, "FAIL", false },
	{ stale, KRSI_EXIT_FAIL, "FAIL", false },
};

void verdict_of(struct verdict *v, const struct run *run)
{
	struct evidence e;
	char *why = NULL;

	weigh(&e, run);
	*v = (struct verdict){ .code = KRSI_EXIT_OK, .word = "PASS", .judged = true };
	for (size_t i = 0; i < ARRAY_SIZE(rules) && !why; i++) {
		why = rules[i].says(&e);
		if (!why)
			continue;
		v->code = rules[i].code;
		v->word = rules[i].word;
		/* a run that went wrong may have failed for that reason */
		v->judged = rules[i].of_kernel && !run->faults.n && !e.n[RESULT_BROKEN];
	}
	/* With a baseline, "as before" may be all red; without one, silence is failure. A
	 * part may be all skips: what was shown is judged when the parts are merged. */
	if (!why && !run->baseline && !run->parts && (why = nothing(&e))) {
		v->code = KRSI_EXIT_FAIL;
		v->word = "FAIL";
		v->judged = false;
	}
	if (!why && run->known)
		why = xasprintf("no worse than the baseline; %zu test%s red as before", run->known,
				run->known == 1 ? " is" : "s are");
	if (!why && e.n[RESULT_XFAIL])
		why = xasprintf("%zu test%s passed, %zu failed as waived, %zu skipped",
				e.n[RESULT_PASS], plural(e.n[RESULT_PASS]), e.n[RESULT_XFAIL],
				e.n[RESULT_SKIP]);
	if (!why)
		why = xasprintf("%zu test%s passed, %zu skipped", e.passed, plural(e.passed),
				e.n[RESULT_SKIP]);
	v->text = why;
}

void verdict_free(struct verdict *v)
{
	free(v->text);
	*v = (struct verdict){ 0 };
}
