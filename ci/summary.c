// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/report.h"
#include "ci/text.h"
#include "ci/verdict.h"

/* What fits on a screen with the rest; the report has them all. */
#define MOST_FAILURES 10
#define LINE_BYTES    300

static void line(FILE *f, const char *indent, const char *s)
{
	char *clean = text_line(s, LINE_BYTES);

	fprintf(f, "%s%s\n", indent, clean);
	free(clean);
}

static void outcome(FILE *f, const struct run_test *t)
{
	char *s = NULL;

	if (t->expected && t->got)
		s = xasprintf("expected %s, got %s", t->expected, t->got);
	if (s)
		line(f, "           ", s);
	free(s);
	if (t->reason)
		line(f, "           ", t->reason);
	if (t->retried)
		fprintf(f, "           run again in a fresh guest: %s\n", result_name(t->second));
}

static void failures(FILE *f, const struct run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n_tests; i++) {
		const struct run_test *t = &run->tests[i];
		char *again;

		if (!result_is_red(t->result) || n++ >= MOST_FAILURES)
			continue;
		fprintf(f, "  %-7s  %s\n", result_name(t->result), t->id);
		outcome(f, t);
		/* With nothing to judge, every test of the plan is here: no use in telling how. */
		if (t->boot < 0)
			continue;
		again = run_command(run, t->id);
		fprintf(f, "           again: %s\n", again);
		free(again);
	}
	if (n > MOST_FAILURES)
		fprintf(f, "  ... and %zu more\n", n - MOST_FAILURES);
	if (n)
		fputc('\n', f);
}

static void complaints(FILE *f, const struct run *run)
{
	for (size_t i = 0; i < run->faults.n && i < MOST_FAILURES; i++)
		line(f, "  fault    ", run->faults.v[i]);
	for (size_t i = 0; i < run->n_splats && i < MOST_FAILURES; i++) {
		const struct run_splat *s = &run->splats[i];
		char *what = xasprintf("%s%s%s%s", s->title, s->test ? " (in " : "",
				       s->test ? s->test : "", s->test ? ")" : "");

		fprintf(f, "  %-7s", s->kind);
		line(f, "  ", what);
		free(what);
	}
	if (run->faults.n || run->n_splats)
		fputc('\n', f);
}

/* What the baseline and the waivers say of the run. */
static void judgements(FILE *f, const struct run *run)
{
	const struct {
		const char *word;
		const struct strs *lines;
	} lists[] = {
		{ "  worse    ", &run->worse },	  { "  better   ", &run->better },
		{ "  hooks    ", &run->changes }, { "  cost     ", &run->costs },
		{ "  waiver   ", &run->stale },
	};
	size_t told = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		size_t n = lists[i].lines->n;

		for (size_t j = 0; j < n && j < MOST_FAILURES; j++)
			line(f, lists[i].word, lists[i].lines->v[j]);
		if (n > MOST_FAILURES)
			fprintf(f, "  ... and %zu more\n", n - MOST_FAILURES);
		told += n;
	}
	if (told)
		fputc('\n', f);
}

static void hooks(FILE *f, const struct run *run)
{
	struct run_hook_counts n = run_count_hooks(run);

	if (!run->n_hooks)
		return;
	fprintf(f, "  hooks: %zu in this kernel, %zu attachable, %zu sleepable, %zu shown to fire",
		run->n_hooks, n.attachable, n.sleepable, n.fire);
	fprintf(f, ", %zu proven unreachable, %zu not yet triggered, %zu not covered\n",
		n.unreachable, n.untriggered, n.uncovered);
}

static void totals(FILE *f, const struct run *run)
{
	size_t n[RESULT_COUNT];

	run_totals(run, n);
	fprintf(f, "  tests: %zu", run->n_tests);
	for (int i = 0; i < RESULT_COUNT; i++)
		if (n[i] || i == RESULT_PASS)
			fprintf(f, ", %zu %s", n[i], result_name(i));
	fputc('\n', f);
}

char *report_text(const struct run *run, size_t *len)
{
	struct verdict v;
	char *out = NULL;
	FILE *f = open_memstream(&out, len);
	size_t warm = 0;

	verdict_of(&v, run);
	if (run->stop == RUN_GOES_ON)
		failures(f, run);
	complaints(f, run);
	judgements(f, run);
	fprintf(f, "  kernel: %s%s%s%s\n", run->kernel_name ? run->kernel_name : "unknown",
		run->kernel_release ? " (" : "", run->kernel_release ? run->kernel_release : "",
		run->kernel_release ? ")" : "");
	fprintf(f, "  with:   %s%s%s, %s, %.1f s, %zu boot%s",
		run->implementation ? run->implementation : "no implementation",
		run->impl_version ? " " : "", run->impl_version ? run->impl_version : "",
		run->accel ? run->accel : "no accelerator", run->seconds, run->n_boots,
		run->n_boots == 1 ? "" : "s");
	for (size_t i = 0; i < run->n_boots; i++)
		warm += run->boots[i].warm;
	if (warm)
		fprintf(f, ", %zu of them warm", warm);
	fputc('\n', f);
	hooks(f, run);
	totals(f, run);
	fprintf(f, "%s: %s\n", v.word, v.text);
	verdict_free(&v);
	fclose(f);
	return out;
}
