// SPDX-License-Identifier: GPL-2.0-only
#include "ci/guest_args.h"

#include <stdio.h>
#include <stdlib.h>

#include "ci/cli.h"
#include "ci/text.h"

/* Generous: ten times what a full run takes under emulation. */
#define DEADLINE_SECONDS 3600

enum {
	OPT_MODULES = 0x100,
	OPT_KERNELS,
	OPT_APPEND,
	OPT_LSM,
	OPT_ACCEL,
	OPT_MEMORY,
	OPT_CPUS,
	OPT_SILENCE,
	OPT_DEADLINE,
	OPT_REFRESH,
};

/* An option that is about a guest would be of no effect where there is none. */
static void without_kernel(const struct guest_args *a, const struct argp_state *state)
{
	struct strs given = { 0 };

	if (!a->optional)
		cli_fail(state, "--kernel is missing; `krsi kernels` names some");
	guest_args_command(a, &given);
	if (a->refresh)
		strs_add(&given, "--refresh");
	if (given.n)
		cli_fail(state, "%s is about a guest, and --kernel is missing", given.v[0]);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct guest_args *a = state->input;
	struct krsi_err err;

	switch (key) {
	case 'k':
		a->kernel = arg;
		return 0;
	case OPT_KERNELS:
		a->kernels_file = arg;
		return 0;
	case OPT_MODULES:
		a->modules = arg;
		return 0;
	case OPT_APPEND:
		a->append = arg;
		return 0;
	case OPT_LSM:
		a->lsm = arg;
		return 0;
	case OPT_ACCEL:
		if (accel_parse(&a->accel, arg, &err))
			cli_fail(state, "--accel: %s", err.text);
		a->accel_word = arg;
		return 0;
	case OPT_MEMORY:
		a->memory_mb = (unsigned int)cli_number(state, "memory", arg, 64, 1 << 20);
		return 0;
	case OPT_CPUS:
		a->cpus = (unsigned int)cli_number(state, "cpus", arg, 1, 255);
		return 0;
	case OPT_SILENCE:
		a->silence = (unsigned int)cli_number(state, "silence", arg, 1, 86400);
		return 0;
	case OPT_DEADLINE:
		a->deadline = (unsigned int)cli_number(state, "deadline", arg, 1, 604800);
		return 0;
	case OPT_REFRESH:
		a->refresh = true;
		return 0;
	case ARGP_KEY_END:
		if (!a->kernel)
			without_kernel(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "kernel", 'k', "KERNEL", 0,
	  "a name (see `krsi kernels`), the path of a bzImage, or the path of a built kernel tree",
	  0 },
	{ "modules", OPT_MODULES, "DIR", 0, "its lib/modules/RELEASE, if not where it is expected",
	  0 },
	{ "kernels", OPT_KERNELS, "FILE", 0, "a kernels.conf with more names", 0 },
	{ "append", OPT_APPEND, "CMDLINE", 0, "more for the kernel command line", 0 },
	{ "lsm", OPT_LSM, "LIST", 0, "lsm= of the kernel command line; '' is the kernel's own", 0 },
	{ "accel", OPT_ACCEL, "HOW", 0, "kvm, tcg, or auto (default: kvm if a trial guest runs)",
	  0 },
	{ "memory", OPT_MEMORY, "MB", 0, "of the guest (default 1024)", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "of the guest (default 2)", 0 },
	{ "silence", OPT_SILENCE, "SECONDS", 0,
	  "without a word from the guest it counts as hung (default: 60 more than twice the test "
	  "timeout)",
	  0 },
	{ "deadline", OPT_DEADLINE, "SECONDS", 0, "for one boot, all in all (default 3600)", 0 },
	{ "refresh", OPT_REFRESH, NULL, 0, "look for a newer build of a named kernel", 0 },
	{ 0 },
};

const struct argp guest_argp = { .options = options, .parser = parse };

error_t guest_args_rest(int key, char *arg, struct argp_state *state, struct guest_args *a)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = a;
		return 0;
	case ARGP_KEY_ARG:
		cli_fail(state, "'%s' is too much; %s kernel goes after --kernel", arg,
			 a->optional ? "a" : "the");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int guest_args_kernel(struct kernel *k, const struct guest_args *a, const struct progress *progress,
		      struct krsi_err *err)
{
	const struct kernel_opts o = {
		.kernels_file = a->kernels_file,
		.modules = a->modules,
		.refresh = a->refresh,
		.progress = progress,
	};

	return kernel_resolve(k, a->kernel, &o, err);
}

void guest_args_opts(struct guest_opts *o, const struct guest_args *a, const struct kernel *k)
{
	o->kernel = k;
	o->lsm = a->lsm;
	o->cmdline = a->append;
	o->memory_mb = a->memory_mb;
	o->cpus = a->cpus;
	o->accel = a->accel;
	o->silence_seconds = a->silence;
	o->total_seconds = a->deadline ? a->deadline : DEADLINE_SECONDS;
}

static void add(struct strs *words, const char *option, const char *value)
{
	char *quoted;

	if (!value)
		return;
	quoted = text_shell(value);
	strs_add(words, option);
	strs_add(words, quoted);
	free(quoted);
}

static void add_number(struct strs *words, const char *option, unsigned int n)
{
	char number[32];

	snprintf(number, sizeof(number), "%u", n);
	add(words, option, n ? number : NULL);
}

void guest_args_command(const struct guest_args *a, struct strs *words)
{
	add(words, "--kernel", a->kernel);
	add(words, "--modules", a->modules);
	add(words, "--kernels", a->kernels_file);
	add(words, "--append", a->append);
	add(words, "--lsm", a->lsm);
	add(words, "--accel", a->accel_word);
	add_number(words, "--memory", a->memory_mb);
	add_number(words, "--cpus", a->cpus);
	add_number(words, "--silence", a->silence);
	add_number(words, "--deadline", a->deadline);
}
