// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/cli.h"
#include "ci/kcidb.h"
#include "ci/report.h"
#include "ci/results.h"
#include "ci/table.h"
#include "vm-images/fs.h"

struct report_args {
	struct strs paths;
	const struct report *form; /* NULL: the table, or KCIDB's */
	bool kcidb;
	struct kcidb_opts opts;
	const char *out;
};

enum { OPT_ORIGIN = 0x100, OPT_BUILD_ID };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_args *a = state->input;

	switch (key) {
	case 'f':
		a->form = report_find(arg);
		a->kcidb = !strcmp(arg, "kcidb");
		if (!a->form && !a->kcidb && strcmp(arg, "table"))
			cli_fail(state,
				 "--format: '%s' is none of html, junit, ktap, text, json, kcidb, "
				 "table",
				 arg);
		return 0;
	case OPT_ORIGIN:
		if (!kcidb_origin_ok(arg))
			cli_fail(state, "--origin: '%s' is not of a-z, 0-9 and _ alone", arg);
		a->opts.origin = arg;
		return 0;
	case OPT_BUILD_ID:
		if (!strchr(arg, ':'))
			cli_fail(state, "--build-id: '%s' is no id such as origin:name", arg);
		a->opts.build_id = arg;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case ARGP_KEY_ARG:
		strs_add(&a->paths, arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->paths.n)
			cli_fail(state, "which results.json?");
		if (a->kcidb && !a->opts.origin)
			cli_fail(state, "--origin is missing: who reports to the database?");
		if ((a->form || a->kcidb) && a->paths.n > 1)
			cli_fail(state,
				 "one results.json at a time, not also '%s' (except with "
				 "--format table)",
				 a->paths.v[1]);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "format", 'f', "FORM", 0, "html, junit, ktap, text (default), json, kcidb, or table", 0 },
	{ "origin", OPT_ORIGIN, "NAME", 0, "with kcidb: who reports, as the database knows it", 0 },
	{ "build-id", OPT_BUILD_ID, "ID", 0,
	  "with kcidb: the build that was tested, if it is in the database already", 0 },
	{ "out", 'o', "FILE", 0, "write there instead of to standard output", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "RESULTS...",
	.doc = "Turns a results.json (or the directory that holds it) into a report, or several into a "
	       "table with a line for each."
	       "\vThe exit code says whether the report was made, not what is in it.\n\n"
	       "Examples:\n"
	       "  krsi report build/results/debian-6.1-bpf-lsm\n"
	       "  krsi report --format html --out page.html results.json\n"
	       "  krsi report --format kcidb --origin mylab build/results/debian-6.1-bpf-lsm\n"
	       "  krsi report --format table build/results/*\n",
};

/* The text, or NULL with @err. */
static char *make(const struct report_args *a, size_t *len, struct krsi_err *err)
{
	struct run *runs = xcalloc(a->paths.n, sizeof(*runs));
	char *text = NULL;
	size_t n = 0;

	while (n < a->paths.n && !results_load(&runs[n], a->paths.v[n], err))
		n++;
	if (n == a->paths.n)
		text = a->form	  ? a->form->format(runs, len)
		       : a->kcidb ? kcidb_text(runs, &a->opts, len)
				  : table_text(runs, n, len);
	while (n)
		run_free(&runs[--n]);
	free(runs);
	return text;
}

int cmd_report(int argc, char **argv)
{
	struct report_args a = { .form = report_find("text") };
	struct krsi_err err = { 0 };
	size_t len;
	char *text;
	int rc = 0;

	cli_parse(&argp, argc, argv, &a);
	text = make(&a, &len, &err);
	strs_free(&a.paths);
	if (!text)
		return cli_error(&err);
	if (a.out)
		rc = fs_write_atomic(a.out, text, len, &err) ? cli_error(&err) : 0;
	else
		fwrite(text, 1, len, stdout);
	free(text);
	return cli_flush(rc);
}
