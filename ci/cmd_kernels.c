// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/cli.h"
#include "ci/meter.h"
#include "vm-images/fetch.h"
#include "vm-images/fs.h"
#include "vm-images/kernels.h"

struct kernels_args {
	const char *file;
	bool check;
};

enum { OPT_KERNELS = 0x100, OPT_CHECK };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct kernels_args *a = state->input;

	switch (key) {
	case OPT_KERNELS:
		a->file = arg;
		return 0;
	case OPT_CHECK:
		a->check = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_fail(state, "'%s' is too much: all names are listed", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "kernels", OPT_KERNELS, "FILE", 0, "a kernels.conf with more names", 0 },
	{ "check", OPT_CHECK, NULL, 0,
	  "ask the archive whether those that are not in the cache can still be had", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Lists the kernels that have names: what can be given to --kernel."
	       "\vStates: cached (fetched; no network is needed), not fetched, available and unavailable "
	       "(with --check), own (a path of yours), missing (a path of yours where nothing is).\n\n"
	       "Examples:\n"
	       "  krsi kernels\n"
	       "  krsi kernels --check\n",
};

static void row(const struct kernel_def *d, const char *state, const char *what)
{
	printf("%-16s %-12s %s%s%s\n", d->name, state, what, *d->description ? "  # " : "",
	       d->description);
}

static void ask(const struct kernel_def *d, const struct progress *progress)
{
	struct krsi_err err = { 0 };
	char *found = fetch_look(d, progress, &err);

	if (found)
		row(d, "available", found);
	else
		row(d, "unavailable", err.text);
	free(found);
}

static void one(const struct kernel_def *d, bool check, const struct progress *progress)
{
	struct fetched f;
	char *wanted;

	if (d->image) {
		row(d, fs_exists(d->image) ? "own" : "missing", d->image);
		return;
	}
	if (!fetch_cached(&f, d)) {
		row(d, "cached", f.package);
		fetched_free(&f);
		return;
	}
	if (check) {
		ask(d, progress);
		return;
	}
	wanted = xasprintf("%s %s of %s", d->package, d->version, d->suite);
	row(d, "not fetched", wanted);
	free(wanted);
}

int cmd_kernels(int argc, char **argv)
{
	struct kernels_args a = { 0 };
	struct krsi_err err = { 0 };
	struct kernels ks = { 0 };
	struct meter *m;

	cli_parse(&argp, argc, argv, &a);
	if (kernels_load_default(&ks, a.file, &err))
		return cli_error(&err);
	m = meter_new(stderr, false);
	for (size_t i = 0; i < ks.n; i++)
		one(&ks.v[i], a.check, meter_progress(m));
	meter_free(m);
	kernels_free(&ks);
	return cli_flush(KRSI_EXIT_OK);
}
