// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/cli.h"
#include "ci/report.h"
#include "ci/results.h"
#include "vm-images/fs.h"

struct report_args {
	const char *path;
	const struct report *form;
	const char *out;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_args *a = state->input;

	switch (key) {
	case 'f':
		a->form = report_find(arg);
		if (!a->form)
			cli_fail(state, "--format: '%s' is none of html, junit, ktap, text, json",
				 arg);
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			cli_fail(state, "one results.json at a time, not also '%s'", arg);
		a->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->path)
			cli_fail(state, "which results.json?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "format", 'f', "FORM", 0, "html, junit, ktap, text (default) or json", 0 },
	{ "out", 'o', "FILE", 0, "write there instead of to standard output", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "RESULTS",
	.doc = "Turns a results.json (or the directory that holds it) into a report."
	       "\vThe exit code says whether the report was made, not what is in it.\n\n"
	       "Examples:\n"
	       "  krsi report build/results/debian-6.1-bpf-lsm\n"
	       "  krsi report --format html --out page.html results.json\n",
};

int cmd_report(int argc, char **argv)
{
	struct report_args a = { .form = report_find("text") };
	struct krsi_err err = { 0 };
	struct run run;
	size_t len;
	char *text;
	int rc = 0;

	cli_parse(&argp, argc, argv, &a);
	if (results_load(&run, a.path, &err))
		return cli_error(&err);
	text = a.form->format(&run, &len);
	run_free(&run);
	if (a.out)
		rc = fs_write_atomic(a.out, text, len, &err) ? cli_error(&err) : 0;
	else
		fwrite(text, 1, len, stdout);
	free(text);
	return cli_flush(rc);
}
