// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/report.h"
#include "ci/text.h"
#include "ci/verdict.h"

#define LINE_BYTES 1000

/* KTAP knows ok and not ok, and refines them with a directive. */
static const struct {
	const char *word;
	const char *directive;
} forms[RESULT_COUNT] = {
	[RESULT_PASS] = { "ok", NULL },		[RESULT_FAIL] = { "not ok", NULL },
	[RESULT_SKIP] = { "ok", "SKIP" },	[RESULT_XFAIL] = { "not ok", "XFAIL" },
	[RESULT_XPASS] = { "not ok", NULL },	[RESULT_TIMEOUT] = { "not ok", "TIMEOUT" },
	[RESULT_CRASH] = { "not ok", "ERROR" }, [RESULT_BROKEN] = { "not ok", "ERROR" },
};

/* One diagnostic, on one line whatever the guest wrote. */
static void diagnose(FILE *f, const char *what, const char *s)
{
	char *line;

	if (!s || !*s)
		return;
	line = text_line(s, LINE_BYTES);
	fprintf(f, "# %s: %s\n", what, line);
	free(line);
}

static void diagnose_test(FILE *f, const struct run *run, const struct run_test *t)
{
	char *again, *second;

	diagnose(f, "test", t->summary);
	for (size_t i = 0; i < t->requirements.n; i++) {
		const struct run_requirement *q = run_requirement_find(run, t->requirements.v[i]);

		diagnose(f, t->requirements.v[i], q ? q->text : NULL);
	}
	diagnose(f, "expected", t->expected);
	diagnose(f, "got", t->got);
	diagnose(f, "reason", t->reason);
	second = run_second(t);
	diagnose(f, "second try", second);
	free(second);
	again = run_command(run, t->id);
	diagnose(f, "again", again);
	free(again);
}

static void one_test(FILE *f, const struct run *run, const struct run_test *t, size_t number)
{
	const char *directive = forms[t->result].directive;

	if (result_is_red(t->result))
		diagnose_test(f, run, t);
	fprintf(f, "%s %zu %s", forms[t->result].word, number, t->id);
	if (directive) {
		char *reason = text_line(t->reason ? t->reason : "", LINE_BYTES);

		fprintf(f, " # %s%s%s", directive, *reason ? " " : "", reason);
		free(reason);
	}
	fputc('\n', f);
}

char *report_ktap(const struct run *run, size_t *len)
{
	struct verdict v;
	char *out = NULL;
	FILE *f = open_memstream(&out, len);

	verdict_of(&v, run);
	fprintf(f, "KTAP version 1\n");
	diagnose(f, "kernel", run->kernel_release ? run->kernel_release : run->kernel_name);
	diagnose(f, "implementation", run->implementation);
	fprintf(f, "1..%zu\n", run->n_tests + 1);
	for (size_t i = 0; i < run->n_tests; i++)
		one_test(f, run, &run->tests[i], i + 1);
	for (size_t i = 0; i < run->faults.n; i++)
		diagnose(f, "fault", run->faults.v[i]);
	for (size_t i = 0; i < run->n_splats; i++)
		diagnose(f, run->splats[i].kind, run->splats[i].title);
	diagnose(f, v.word, v.text);
	fprintf(f, "%s %zu %s\n", v.code ? "not ok" : "ok", run->n_tests + 1, REPORT_RUN_ROW);
	verdict_free(&v);
	fclose(f);
	return out;
}
