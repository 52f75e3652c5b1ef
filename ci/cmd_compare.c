// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/cli.h"
#include "ci/gate.h"
#include "ci/results.h"

struct compare_args {
	const char *path[2];
	int n;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *a = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (a->n == 2)
			cli_fail(state, "two results are compared, not also '%s'", arg);
		a->path[a->n++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->n != 2)
			cli_fail(state, "two results are needed: before and after");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "BEFORE AFTER",
	.doc = "Shows what differs between two results.json (or the directories that hold them)."
	       "\vA test is worse if it is red and was not, or is a worse red, and also if it passed and is "
	       "skipped now: what is no longer shown is lost. Exit code 6 if anything is worse, else 0.\n\n"
	       "Examples:\n"
	       "  krsi compare build/results/debian-6.12-bpf-lsm build/results/debian-7.3-bpf-lsm\n"
	       "  krsi compare yesterday.json today.json\n",
};

static const char *release(const struct run *run)
{
	return run->kernel_release ? run->kernel_release : "a kernel that did not boot";
}

static void section(const char *title, const struct strs *lines)
{
	if (!lines->n)
		return;
	printf("\n%s (%zu)\n", title, lines->n);
	for (size_t i = 0; i < lines->n; i++)
		printf("  %s\n", lines->v[i]);
}

static void print(const struct gate *g, const struct run *a, const struct run *b)
{
	const struct {
		const char *title;
		const struct strs *lines;
	} sections[] = {
		{ "worse", &g->worse },
		{ "better", &g->better },
		{ "still red, less so", &g->other },
		{ "hooks", &g->hooks },
		{ "new tests", &g->added },
		{ "tests that are gone", &g->removed },
	};
	size_t n = 0;

	printf("before: %s with %s\nafter:  %s with %s\n", release(a), a->implementation,
	       release(b), b->implementation);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		section(sections[i].title, sections[i].lines);
		n += sections[i].lines->n;
	}
	if (g->known)
		printf("\n%zu test%s red in both.\n", g->known, g->known == 1 ? " is" : "s are");
	if (!n)
		printf("\nNothing differs.\n");
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args a = { 0 };
	struct krsi_err err = { 0 };
	struct run before = { 0 }, after = { 0 };
	struct gate g;
	int rc;

	cli_parse(&argp, argc, argv, &a);
	if (results_load(&before, a.path[0], &err) || results_load(&after, a.path[1], &err)) {
		run_free(&before);
		return cli_error(&err);
	}
	gate_compare(&g, &before, &after);
	print(&g, &before, &after);
	rc = g.worse.n ? KRSI_EXIT_GATE : KRSI_EXIT_OK;
	gate_free(&g);
	run_free(&before);
	run_free(&after);
	return cli_flush(rc);
}
