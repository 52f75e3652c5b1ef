// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "ci/catalogue.h"
#include "ci/cli.h"
#include "ci/guest_args.h"
#include "ci/meter.h"
#include "ci/select.h"

struct vm_args {
	struct guest_args guest;
	const char *tests;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct vm_args *a = state->input;

	switch (key) {
	case 't':
		a->tests = arg;
		return 0;
	default:
		return guest_args_rest(key, arg, state, &a->guest);
	}
}

static const struct argp_option options[] = {
	{ "tests", 't', "GLOB[,GLOB]", 0, "have the modules at hand that these tests need", 1 },
	{ 0 },
};

static const struct argp_child children[] = { { &guest_argp, 0, "The guest:", 2 }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Boots a kernel into a shell on this terminal, in the same guest as `krsi test`, with "
	       "krsi-test, krsi-log and the modules that the tests need."
	       "\vThe guest ends when the shell does.\n\n"
	       "Examples:\n"
	       "  krsi vm --kernel debian-6.1\n"
	       "  krsi vm --kernel ../linux --append 'audit=1'\n",
	.children = children,
};

int cmd_vm(int argc, char **argv)
{
	struct vm_args a = { .tests = "*" };
	struct guest_outcome outcome = { 0 };
	struct guest_opts o = { 0 };
	struct krsi_err err = { 0 };
	struct catalogue c = { 0 };
	struct selection s = { 0 };
	struct strs modules = { 0 };
	struct kernel k = { 0 };
	struct guest_file log = { .guest = "bin/krsi-log", .mode = 0755 };
	char *init = NULL, *logger = NULL;
	struct meter *m;
	int rc;

	cli_parse(&argp, argc, argv, &a);
	m = meter_new(stderr, false);
	rc = catalogue_load(&c, NULL, &err) || select_tests(&s, &c, a.tests, false, &err) ||
	     !(init = catalogue_program("init", &err)) ||
	     !(logger = catalogue_program("krsi-log", &err)) ||
	     guest_args_kernel(&k, &a.guest, meter_progress(m), &err);
	if (!rc) {
		for (size_t i = 0; i < s.ids.n; i++)
			select_modules(catalogue_test(&c, s.ids.v[i]), &modules);
		guest_args_opts(&o, &a.guest, &k);
		o.payload = c.program;
		o.init = init;
		o.modules = (const char *const *)modules.v;
		o.nmodules = modules.n;
		log.host = logger;
		o.files = &log;
		o.nfiles = 1;
		o.progress = meter_progress(m);
		rc = guest_shell(&o, &outcome, &err);
	}
	meter_free(m);
	if (!rc && outcome.watch.ended != WATCH_CLEAN)
		rc = krsi_err_set(&err, guest_exit_code(&outcome), "%s", outcome.watch.text);
	guest_outcome_free(&outcome);
	strs_free(&modules);
	selection_free(&s);
	catalogue_free(&c);
	kernel_free(&k);
	free(init);
	free(logger);
	return rc ? cli_error(&err) : KRSI_EXIT_OK;
}
