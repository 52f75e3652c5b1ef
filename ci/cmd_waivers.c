// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ci/array.h"
#include "ci/cli.h"
#include "ci/results.h"
#include "ci/waivers.h"

struct waivers_args {
	struct strs files, results;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct waivers_args *a = state->input;

	switch (key) {
	case 'w':
		strs_add(&a->files, arg);
		return 0;
	case ARGP_KEY_ARG:
		strs_add(&a->results, arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->files.n)
			strs_add(&a->files, "ci/waivers.conf");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "waivers", 'w', "FILE", 0,
	  "as for krsi test (default ci/waivers.conf); may be given again", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[RESULTS...]",
	.doc = "Lists the waivers of all layers, and which of the given results (results.json, or the "
	       "directories that hold them) each was of use in."
	       "\vWith results of all kernels of a matrix this is how waivers end: exit code 1 if one "
	       "has expired, is about no test that there is, or was of use in none of the results.\n\n"
	       "Examples:\n"
	       "  krsi waivers\n"
	       "  krsi waivers build/results/matrix/*/\n",
};

static bool used(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->n_tests; i++)
		if (strs_has(&run->tests[i].waivers, name))
			return true;
	return false;
}

/* The kernels of whose results @w explains a failure; free(). */
static char *users(const struct waiver *w, const struct run *runs, size_t n)
{
	struct strs who = { 0 };
	char *line;

	for (size_t i = 0; i < n; i++)
		if (runs[i].kernel_release && used(&runs[i], w->name))
			strs_add(&who, runs[i].kernel_release);
	line = who.n ? strs_join(&who, ", ") : NULL;
	strs_free(&who);
	return line;
}

/* Returns whether the waiver is one to get rid of. */
static bool show(const struct waiver *w, const struct run *runs, size_t n, time_t now)
{
	bool over = waivers_expired(w, now);
	char *who = users(w, runs, n);
	bool idle = n && !who;

	printf("%s  %s %s", w->name, over ? "EXPIRED" : "until", w->expires);
	if (n)
		printf(", used by %s", who ? who : "none");
	printf("\n    %s: %s\n", w->tests, w->reason);
	if (w->url)
		printf("    %s\n", w->url);
	free(who);
	return over || idle;
}

static int load(const struct waivers_args *a, struct waivers *ws, struct run *runs,
		struct krsi_err *err)
{
	for (size_t i = 0; i < a->results.n; i++)
		if (results_load(&runs[i], a->results.v[i], err))
			return -1;
	/* the architecture's layer is that of the results; by themselves all are x86_64's */
	return waivers_load_layers(ws, &a->files, a->results.n ? runs[0].kernel_machine : "x86_64",
				   err);
}

int cmd_waivers(int argc, char **argv)
{
	struct waivers_args a = { 0 };
	struct krsi_err err = { 0 };
	struct waivers ws = { 0 };
	struct catalogue c = { 0 };
	struct run none = { 0 }, *runs;
	bool bad = false;
	int rc;

	cli_parse(&argp, argc, argv, &a);
	runs = xcalloc(a.results.n + 1, sizeof(*runs));
	rc = load(&a, &ws, runs, &err) || catalogue_load(&c, NULL, &err) ? cli_error(&err)
									 : KRSI_EXIT_OK;
	if (!rc)
		waivers_check(&ws, &none, &c, time(NULL));
	for (size_t i = 0; i < none.stale.n; i++)
		printf("%s\n", none.stale.v[i]);
	bad = none.stale.n;
	for (size_t i = 0; !rc && i < ws.n_item; i++)
		bad |= show(&ws.item[i], runs, a.results.n, time(NULL));
	if (!rc && bad)
		rc = KRSI_EXIT_FAIL;
	for (size_t i = 0; i < a.results.n; i++)
		run_free(&runs[i]);
	free(runs);
	waivers_free(&ws);
	catalogue_free(&c);
	run_free(&none);
	strs_free(&a.files);
	strs_free(&a.results);
	return cli_flush(rc);
}
