// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci/catalogue.h"
#include "ci/cli.h"
#include "ci/guest_args.h"
#include "ci/meter.h"
#include "vm-images/guest.h"

struct doctor_args {
	struct guest_args guest;
	bool json;
};

enum { OPT_JSON = 0x200 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor_args *a = state->input;

	switch (key) {
	case OPT_JSON:
		a->json = true;
		return 0;
	default:
		return guest_args_rest(key, arg, state, &a->guest);
	}
}

static const struct argp_option options[] = {
	{ "json", OPT_JSON, NULL, 0, "for machines", 1 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ &guest_argp, 0, "Another kernel, in a guest, instead of this machine:", 3 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Tells in a few seconds whether BPF LSM enforces on this machine, and if not why: which hooks "
	       "attach, fire and deny, and what the order of LSMs means. As root."
	       "\vSafe on a machine at work: it attaches programs that look at a process of its own alone, acts "
	       "in a file system of its own, and leaves nothing behind. `krsi-test --doctor` is the same in one "
	       "static file, for machines where nothing else of krsi is.\n\n"
	       "Exit codes: 0 it enforces, 1 it does not or only in part, 2 that could not be found out, 4 it is "
	       "not there, 5 what it told could not be written.\n\n"
	       "Examples:\n"
	       "  sudo krsi doctor\n"
	       "  sudo krsi doctor --json\n"
	       "  krsi doctor --kernel debian-6.1 --lsm lockdown,yama\n",
	.children = children,
};

static int here(const char *program, bool json, struct krsi_err *err)
{
	execl(program, program, "--doctor", json ? "--json" : NULL, (char *)NULL);
	return krsi_err_sys(err, "%s", program);
}

static int on_line(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	fwrite(line, 1, len, stdout);
	putchar('\n');
	return 0;
}

/* Returns what the doctor returned, or -1. */
static int in_guest(const struct doctor_args *a, const char *program, const char *init,
		    struct meter *m, struct krsi_err *err)
{
	struct guest_opts o = { 0 };
	struct guest_outcome out = { 0 };
	struct kernel k = { 0 };
	char *events;
	int rc = -1;

	if (guest_args_kernel(&k, &a->guest, meter_progress(m), err))
		return -1;
	events = xasprintf("/dev/%s", k.arch->events);
	const char *const args[] = { "--doctor", "--events", events, "--json" };

	guest_args_opts(&o, &a->guest, &k);
	o.payload = program;
	o.init = init;
	o.args = args;
	o.nargs = a->json ? 4 : 3;
	o.on_event = on_line;
	o.progress = meter_progress(m);
	if (!guest_run(&o, &out, err)) {
		if (out.watch.ended == WATCH_CLEAN)
			rc = out.watch.exit_code;
		else
			krsi_err_set(err, guest_exit_code(&out), "%s", out.watch.text);
	}
	guest_outcome_free(&out);
	kernel_free(&k);
	free(events);
	return rc;
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor_args a = { .guest.optional = true };
	struct krsi_err err = { 0 };
	char *program, *init;
	struct meter *m;
	int rc = -1;

	cli_parse(&argp, argc, argv, &a);
	m = meter_new(stderr, false);
	program = catalogue_program("krsi-test", &err);
	init = program ? catalogue_program("init", &err) : NULL;
	if (program && !a.guest.kernel)
		rc = here(program, a.json, &err);
	else if (init)
		rc = in_guest(&a, program, init, m, &err);
	meter_free(m);
	free(program);
	free(init);
	return cli_flush(rc < 0 ? cli_error(&err) : rc);
}
