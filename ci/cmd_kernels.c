// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/cli.h"
#include "ci/kconfig.h"
#include "ci/meter.h"
#include "vm-images/fetch.h"
#include "vm-images/fs.h"
#include "vm-images/kernel.h"
#include "vm-images/kernels.h"

#define CONFIG_MAX (4u << 20)

struct kernels_args {
	const char *file;
	bool check;
	bool fragment;
	const char *config_of;
};

enum { OPT_KERNELS = 0x100, OPT_CHECK, OPT_FRAGMENT };

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
	case OPT_FRAGMENT:
		a->fragment = true;
		a->config_of = arg;
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
	{ "config-fragment", OPT_FRAGMENT, "KERNEL", OPTION_ARG_OPTIONAL,
	  "print the configuration that a kernel needs, to merge into its .config; with a KERNEL (a "
	  "tree, or anything else that --kernel takes) only what it lacks",
	  0 },
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
	       "  krsi kernels --check\n"
	       "  krsi kernels --config-fragment=../linux >krsi.config\n",
};

/* The .config of what the user named, which may be a tree that is not built yet. */
static char *config_text(const struct kernels_args *a, struct krsi_err *err)
{
	struct kernel_opts o = { .kernels_file = a->file };
	char *path = xasprintf("%s/.config", a->config_of), *text = NULL;
	struct kernel k = { 0 };

	if (fs_exists(path)) {
		text = fs_read(path, CONFIG_MAX, NULL, err);
	} else if (!kernel_resolve(&k, a->config_of, &o, err)) {
		if (k.config)
			text = fs_read(k.config, CONFIG_MAX, NULL, err);
		else
			krsi_err_set(err, KRSI_EXIT_USAGE, "%s: no .config is beside it",
				     a->config_of);
		kernel_free(&k);
	}
	free(path);
	return text;
}

static int fragment(const struct kernels_args *a)
{
	struct krsi_err err = { 0 };
	char *config = a->config_of ? config_text(a, &err) : NULL, *text;
	size_t len;

	if (a->config_of && !config)
		return cli_error(&err);
	text = kconfig_fragment(config, &len);
	fwrite(text, 1, len, stdout);
	free(text);
	free(config);
	return cli_flush(KRSI_EXIT_OK);
}

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
	if (a.fragment)
		return fragment(&a);
	if (kernels_load_default(&ks, a.file, &err))
		return cli_error(&err);
	m = meter_new(stderr, false);
	for (size_t i = 0; i < ks.n; i++)
		one(&ks.v[i], a.check, meter_progress(m));
	meter_free(m);
	kernels_free(&ks);
	return cli_flush(KRSI_EXIT_OK);
}
