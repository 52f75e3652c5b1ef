// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "bench/host/compare.h"
#include "bench/host/figures.h"
#include "ci/array.h"
#include "ci/cli.h"
#include "ci/gate.h"
#include "ci/html.h"
#include "ci/results.h"
#include "vm-images/fs.h"

#define MAX_RESULTS 32

struct compare_args {
	const char *path[MAX_RESULTS];
	size_t n;
	bool html, markdown;
	const char *out;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *a = state->input;

	switch (key) {
	case 'f':
		a->html = !strcmp(arg, "html");
		if (!a->html && strcmp(arg, "text"))
			cli_fail(state, "--format: '%s' is neither text nor html", arg);
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case 'm':
		a->markdown = true;
		return 0;
	case ARGP_KEY_ARG:
		/* figures stand side by side, results of tests do not */
		if (a->n == MAX_RESULTS || (a->n == 2 && !figures_is(a->path[0])))
			cli_fail(state, "two results are compared, not also '%s'", arg);
		a->path[a->n++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->n < 2)
			cli_fail(state, "two results are needed: before and after");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "format", 'f', "FORM", 0, "text (default), or html: one page, to be read in a minute",
	  0 },
	{ "out", 'o', "PATH", 0,
	  "write to that file instead of to standard output; of figures, a page with plots to that "
	  "directory",
	  0 },
	{ "markdown", 'm', NULL, 0, "of figures: print tables for a results page", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "BEFORE AFTER...",
	.doc = "Shows what differs between two results.json (or the directories that hold them)."
	       "\vA test is worse if it is red and was not, or is a worse red, and also if it passed and is "
	       "skipped now: what is no longer shown is lost. Exit code 6 if anything is worse, else 0. What "
	       "programs on hooks cost, and figures of krsi bench --out RESULTS/bench, are told only.\n\n"
	       "The same for figures of krsi bench (bench.json); more than two stand in columns.\n\n"
	       "Examples:\n"
	       "  krsi compare build/results/debian-6.12-bpf-lsm build/results/debian-7.3-bpf-lsm\n"
	       "  krsi compare --format html --out page.html 6.12/results.json 7.3/results.json\n"
	       "  krsi compare yesterday.json today.json\n"
	       "  krsi compare --out build/bench/all build/bench/debian-6.1 build/bench/debian-7.3\n",
};

static const char *release(const struct run *run)
{
	return run->kernel_release ? run->kernel_release : "a kernel that did not boot";
}

static void section(FILE *f, const char *title, const struct strs *lines)
{
	if (!lines->n)
		return;
	fprintf(f, "\n%s (%zu)\n", title, lines->n);
	for (size_t i = 0; i < lines->n; i++)
		fprintf(f, "  %s\n", lines->v[i]);
}

static char *text_of(const struct gate *g, const struct run *a, const struct run *b, size_t *len)
{
	const struct {
		const char *title;
		const struct strs *lines;
	} sections[] = {
		{ "worse", &g->worse },
		{ "better", &g->better },
		{ "known defects that came or are gone", &g->defects },
		{ "still red, less so", &g->other },
		{ "hooks", &g->hooks },
		{ "new tests", &g->added },
		{ "tests that are gone", &g->removed },
		{ "cost", &g->costs },
	};
	size_t n = 0;
	char *out = NULL;
	FILE *f = open_memstream(&out, len);

	fprintf(f, "before: %s with %s\nafter:  %s with %s\n", release(a), a->implementation,
		release(b), b->implementation);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		section(f, sections[i].title, sections[i].lines);
		n += sections[i].lines->n;
	}
	if (g->known)
		fprintf(f, "\n%zu test%s red in both.\n", g->known,
			g->known == 1 ? " is" : "s are");
	if (!n)
		fprintf(f, "\nNothing differs.\n");
	fclose(f);
	return out;
}

static int figures(const struct compare_args *a)
{
	struct krsi_err err;

	/* their page has its plots beside it */
	if (!a->html || a->out)
		return compare_figures(a->path, a->n, a->out, a->markdown);
	krsi_err_set(&err, KRSI_EXIT_USAGE,
		     "of figures, report.html goes to the directory of --out");
	return cli_error(&err);
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args a = { 0 };
	struct krsi_err err = { 0 };
	struct run before = { 0 }, after = { 0 };
	struct gate g;
	size_t len;
	char *text;
	int rc;

	cli_parse(&argp, argc, argv, &a);
	if (figures_is(a.path[0]))
		return figures(&a);
	if (results_load(&before, a.path[0], &err) || results_load(&after, a.path[1], &err)) {
		run_free(&before);
		return cli_error(&err);
	}
	gate_compare(&g, &before, &after);
	cost_figures(&g.costs, &(struct cost_side){ &before, a.path[0] },
		     &(struct cost_side){ &after, a.path[1] }, COST_NO_LIMIT);
	text = a.html ? html_compare(&before, &after, &g.costs, &len)
		      : text_of(&g, &before, &after, &len);
	rc = g.worse.n ? KRSI_EXIT_GATE : KRSI_EXIT_OK;
	if (!a.out)
		fwrite(text, 1, len, stdout);
	else if (fs_write_atomic(a.out, text, len, &err))
		rc = cli_error(&err);
	free(text);
	gate_free(&g);
	run_free(&before);
	run_free(&after);
	return cli_flush(rc);
}
