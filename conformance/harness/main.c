// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/doctor/doctor.h"
#include "conformance/harness/describe.h"
#include "conformance/harness/registry.h"
#include "conformance/harness/runner.h"
#include "conformance/harness/version.h"
#include "conformance/neutral/record.h"

enum {
	OPT_IMPL = 1,
	OPT_TESTS,
	OPT_SKIP,
	OPT_EVENTS,
	OPT_TIMEOUT,
	OPT_SEED,
	OPT_EFFORT,
	OPT_SELF,
	OPT_RECORD,
	OPT_RECORDING,
	OPT_DESCRIBE,
	OPT_DOCTOR,
	OPT_JSON,
	OPT_LIST
};

struct arguments {
	struct runner_options run;
	const char *events;
	bool describe, list, doctor, json;
};

const char *argp_program_version = "krsi-test " KRSI_VERSION " (" KRSI_COMMIT ")";

static const struct argp_option options[] = {
	{ "impl", OPT_IMPL, "NAME", 0,
	  "implementation to test: bpf-lsm (default), krsi, model, null, echo, faulty:FAULT, or "
	  "exec:PROGRAM[,OPTION]",
	  0 },
	{ "tests", OPT_TESTS, "GLOB[,GLOB]", 0, "only tests whose id matches", 0 },
	{ "skip-list", OPT_SKIP, "FILE", 0, "leave out the ids in FILE, one a line", 0 },
	{ "events", OPT_EVENTS, "PATH", 0, "write the event stream to PATH instead of KTAP", 0 },
	{ "timeout", OPT_TIMEOUT, "SECONDS", 0, "for one test (default 60)", 0 },
	{ "seed", OPT_SEED, "N", 0, "for tests that draw (default 1)", 0 },
	{ "effort", OPT_EFFORT, "N", 0, "tests that can go on for long go on N times as long", 0 },
	{ "self", OPT_SELF, NULL, 0,
	  "run the tests of the harness itself: some hang or crash the machine", 0 },
	{ "record", OPT_RECORD, NULL, 0,
	  "run no tests: tell the outcomes of the workload of neutral/*, without bpf in lsm=", 0 },
	{ "recording", OPT_RECORDING, "FILE", 0,
	  "outcomes of a boot without bpf, as --record prints them, for neutral/*", 0 },
	{ "describe", OPT_DESCRIBE, NULL, 0,
	  "print tests, hooks and requirements as JSON, run nothing", 0 },
	{ "doctor", OPT_DOCTOR, NULL, 0,
	  "tell in a few seconds whether BPF LSM enforces on this machine, and if not why; safe "
	  "anywhere, leaves nothing behind",
	  0 },
	{ "json", OPT_JSON, NULL, 0, "with --doctor: for machines", 0 },
	{ "list", OPT_LIST, NULL, 0, "print the ids of the tests, run nothing", 0 },
	{}
};

static long number(struct argp_state *state, const char *arg, const char *what)
{
	char *end;
	long value = strtol(arg, &end, 10);

	if (end == arg || *end || value < 1 || value > 1000000)
		argp_error(state, "--%s: '%s' is not a number from 1 to 1000000", what, arg);
	return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_IMPL:
		a->run.impl = arg;
		if (!adapter__find(arg))
			argp_error(state, "--impl: no implementation '%s'", arg);
		break;
	case OPT_TESTS:
		a->run.tests = arg;
		break;
	case OPT_SKIP:
		a->run.skip_list = arg;
		break;
	case OPT_EVENTS:
		a->events = arg;
		break;
	case OPT_TIMEOUT:
		a->run.timeout = number(state, arg, "timeout");
		break;
	case OPT_SEED:
		a->run.seed = number(state, arg, "seed");
		break;
	case OPT_EFFORT:
		a->run.effort = number(state, arg, "effort");
		break;
	case OPT_SELF:
		a->run.selftests = true;
		break;
	case OPT_RECORD:
		a->run.record = true;
		break;
	case OPT_RECORDING:
		a->run.recording = arg;
		break;
	case OPT_DESCRIBE:
		a->describe = true;
		break;
	case OPT_DOCTOR:
		a->doctor = true;
		break;
	case OPT_JSON:
		a->json = true;
		break;
	case OPT_LIST:
		a->list = true;
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static _Noreturn void usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void usage(const char *format, ...)
{
	va_list args;

	fputs("krsi-test: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

/* What no option can tell alone. A run of no tests is not to be green. */
static void check(const struct arguments *a)
{
	char *glob = a->run.tests ? registry__unmatched(a->run.tests, a->run.selftests) : NULL;

	if (glob && !*glob)
		usage("--tests: the pattern is empty; '*' means all tests");
	if (glob)
		usage("--tests: no test has an id that matches '%s'; --list tells the ids", glob);
	if (a->json && !a->doctor)
		usage("--json goes with --doctor; alone it would run all tests");
}

/* Returns `ret` once all that was printed has arrived. */
static int said(FILE *out, const char *path, int ret)
{
	if (fflush(out) || ferror(out))
		stream__lost(path);
	return ret;
}

static int list(const struct runner_options *run)
{
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);

	for (size_t i = 0; i < n; i++)
		if (all[i]->selftest == run->selftests &&
		    (!run->tests || registry__match(run->tests, all[i]->id)))
			puts(all[i]->id);
	return said(stdout, NULL, 0);
}

static int describe(const struct runner_options *run)
{
	int err = describe__write(stdout, adapter__lsm(adapter__find(run->impl)));

	return said(stdout, NULL, err ? 2 : 0);
}

static int doctor(const struct arguments *a)
{
	FILE *out = a->events ? fopen(a->events, "we") : stdout;

	if (!out)
		usage("%s: %s", a->events, strerror(errno));
	return said(out, a->events, doctor__run(a->json, out));
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		NULL,
		"Holds this machine's KRSI implementation against what BPF LSM promises.\v"
		"Run as root on a machine that may be disturbed: tests mount, load programs and "
		"deny operations to processes of their own. Exit status: 0 passed, 1 not, 2 usage, "
		"4 the implementation is not there, 5 what is told could not be written.",
		NULL,
		NULL,
		NULL,
	};
	struct arguments a = {
		.run = { .impl = "bpf-lsm", .timeout = 60, .seed = 1, .effort = 1 },
	};
	struct stream *stream;
	int ret;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	check(&a);
	if (a.describe)
		return describe(&a.run);
	if (a.doctor)
		return doctor(&a);
	if (a.list)
		return list(&a.run);
	stream = stream__open(a.events);
	if (!stream)
		usage("%s: %s", a.events ?: "event stream", strerror(errno));
	ret = a.run.record ? record__run(&a.run, stream) : runner__run(&a.run, stream);
	stream__close(stream);
	return ret;
}
