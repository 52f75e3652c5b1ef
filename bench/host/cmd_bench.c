// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/guest/bench.h"
#include "bench/host/boots.h"
#include "bench/host/compare.h"
#include "bench/host/figures.h"
#include "bench/host/measure.h"
#include "bench/host/page.h"
#include "bench/host/verdict.h"
#include "build/version.h"
#include "ci/catalogue.h"
#include "ci/cli.h"
#include "ci/conduct.h"
#include "ci/guest_args.h"
#include "ci/meter.h"
#include "ci/text.h"
#include "vm-images/fs.h"
#include "vm-images/proc.h"
#include "vm-images/sha256.h"

#define DEFAULT_SEEDS 2

struct bench_args {
	struct guest_args guest;
	const char *glob;
	const char *out;
	const char *baseline;
	double threshold;
	unsigned int seeds, samples, execs, extra, jobs;
	bool wall, force_tcg, quiet;
};

enum {
	OPT_ENGINE = 0x300,
	OPT_SEEDS,
	OPT_SAMPLES,
	OPT_EXECS,
	OPT_EXTRA,
	OPT_JOBS,
	OPT_FORCE,
	OPT_BASELINE,
	OPT_THRESHOLD,
};

static void set_engine(struct bench_args *a, const char *word, const struct argp_state *state)
{
	a->wall = !strcmp(word, "wall");
	if (!a->wall && strcmp(word, "icount"))
		cli_fail(state, "--engine: '%s' is neither icount nor wall", word);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct bench_args *a = state->input;

	switch (key) {
	case 'b':
		a->glob = arg;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case OPT_ENGINE:
		set_engine(a, arg, state);
		return 0;
	case OPT_SEEDS:
		a->seeds = (unsigned int)cli_number(state, "seeds", arg, 1, 100);
		return 0;
	case OPT_SAMPLES:
		a->samples = (unsigned int)cli_number(state, "samples", arg, 1, 10000);
		return 0;
	case OPT_EXECS:
		a->execs = (unsigned int)cli_number(state, "execs", arg, 1, 10000);
		return 0;
	case OPT_EXTRA:
		a->extra = (unsigned int)cli_number(state, "extra", arg, 0, 1000);
		return 0;
	case OPT_JOBS:
		a->jobs = (unsigned int)cli_number(state, "jobs", arg, 1, 64);
		return 0;
	case OPT_BASELINE:
		a->baseline = arg;
		return 0;
	case OPT_THRESHOLD:
		a->threshold = cli_percent(state, "threshold", arg);
		return 0;
	case OPT_FORCE:
		a->force_tcg = true;
		return 0;
	default:
		return guest_args_rest(key, arg, state, &a->guest);
	}
}

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What is measured:", 1 },
	{ "bench", 'b', "GLOB[,GLOB]", 0, "only these: exec, hook, exec/audit*, ...", 1 },
	{ "engine", OPT_ENGINE, "NAME", 0,
	  "icount (default): instructions, the same on every run; wall: nanoseconds, needs KVM",
	  1 },
	{ "seeds", OPT_SEEDS, "N", 0, "boots of each kind, each with another seed (default 2)", 1 },
	{ "samples", OPT_SAMPLES, "N", 0, "of each way to execute, in each boot (default 100)", 1 },
	{ "execs", OPT_EXECS, "N", 0, "executions that are one sample (default 100)", 1 },
	{ "extra", OPT_EXTRA, "N", 0,
	  "a regression on purpose: N more instructions in the programs of hook/", 1 },
	{ NULL, 0, NULL, 0, "How it is run and judged:", 2 },
	{ "jobs", OPT_JOBS, "N", 0, "guests at the same time (default: one for each CPU)", 2 },
	{ "baseline", OPT_BASELINE, "RESULTS", 0,
	  "hold the figures against that bench.json of the same kernel by name: exit code 6 if any is "
	  "worse than noise explains, or no longer measured",
	  2 },
	{ "threshold", OPT_THRESHOLD, "PERCENT", 0,
	  "with --baseline: be worse by no more than that (default 0)", 2 },
	{ "force-tcg", OPT_FORCE, NULL, 0,
	  "let the engine wall measure an emulated machine: the figures mean nothing", 2 },
	{ "out", 'o', "DIR", 0, "where results go (default build/bench/KERNEL)", 2 },
	{ "quiet", 'q', NULL, 0, "only the table, no progress", 2 },
	{ 0 },
};

static const struct argp_child children[] = { { &guest_argp, 0, "The guest:", 3 }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Measures what LSM hooks, BPF programs on them and their alternatives cost on a kernel."
	       "\vThe engine icount counts instructions of an emulated machine: the same kernel, krsi, QEMU "
	       "and seed give the same samples to the last digit, on any machine under any load. It counts "
	       "work: no cache, no branch predictor, no time.\n\n"
	       "Writes samples/, bench.json and report.html.\n\n"
	       "Examples:\n"
	       "  krsi bench --kernel debian-6.1\n"
	       "  krsi bench --kernel ../linux --bench exec --seeds 5\n"
	       "  krsi bench --kernel ../linux --baseline before/bench.json --threshold 1\n",
	.children = children,
};

/* ---- what the figures are of -------------------------------------------------------------- */

static char *digest(const char *path)
{
	char hex[SHA256_HEX_LEN + 1];
	struct krsi_err err;

	return path && !sha256_file(path, hex, &err) ? xstrdup(hex) : NULL;
}

static char *qemu_version(const struct kernel *k, struct krsi_err *err)
{
	const char *argv[] = { k->arch->qemu, "--version", NULL };
	const struct proc_opts o = { .argv = argv,
				     .package = k->arch->qemu_package,
				     .deadline = 30 };
	struct proc_result r = { 0 };
	char *line;

	if (proc_run(&r, &o, err))
		return NULL;
	r.out[strcspn(r.out, "\n")] = '\0';
	line = text_line(r.out, 200);
	proc_result_free(&r);
	return line;
}

static void add_number(struct strs *words, const char *option, unsigned int n, unsigned int usual)
{
	if (n == usual)
		return;
	strs_add(words, option);
	strs_take(words, xasprintf("%u", n));
}

static char *command_of(const struct bench_args *a)
{
	struct strs words = { 0 };
	char *line;

	strs_add(&words, "krsi bench");
	guest_args_command(&a->guest, &words);
	if (a->wall)
		strs_add(&words, "--engine wall");
	if (a->glob) {
		strs_add(&words, "--bench");
		strs_take(&words, text_shell(a->glob));
	}
	add_number(&words, "--seeds", a->seeds, DEFAULT_SEEDS);
	add_number(&words, "--samples", a->samples, BENCH_SAMPLES);
	add_number(&words, "--execs", a->execs, BENCH_EXECS);
	add_number(&words, "--extra", a->extra, 0);
	line = strs_join(&words, " ");
	strs_free(&words);
	return line;
}

static int describe(struct figures *r, const struct bench_args *a, const struct kernel *k,
		    const char *payload, struct krsi_err *err)
{
	r->version = xstrdup(KRSI_VERSION);
	r->commit = xstrdup(KRSI_COMMIT);
	r->dirty = KRSI_DIRTY;
	r->payload = digest(payload);
	r->kernel = text_line(k->name, 200);
	r->release = k->release ? text_line(k->release, 200) : NULL;
	r->package = k->package ? text_line(k->package, 200) : NULL;
	r->sha256 = xstrdup(k->sha256);
	r->config = digest(k->config);
	r->engine = xstrdup(a->wall ? "wall" : "icount");
	r->cpu = a->wall ? xstrdup(k->arch->cpu) : boots_cpu(k->arch);
	r->command = command_of(a);
	r->qemu = qemu_version(k, err);
	return r->qemu ? 0 : -1;
}

/* ---- the whole of it ---------------------------------------------------------------------- */

/* Where a time stands in relation to what the talk measures it against. */
static void print_table(const struct figures *r)
{
	size_t width = 0;

	for (size_t i = 0; i < r->n_metrics; i++)
		width = strlen(r->metrics[i].name) > width ? strlen(r->metrics[i].name) : width;
	for (size_t i = 0; i < r->n_metrics; i++) {
		const struct metric *m = &r->metrics[i];

		if (m->status == STATUS_OK)
			printf("  %-*s %14.1f  +/- %.3f %%\n", (int)width, m->name, m->value,
			       100 * metric_spread(m) / 2);
		else
			printf("  %-*s %14s  %s\n", (int)width, m->name, status_name(m->status),
			       m->reason);
	}
}

static int failures(const struct figures *r)
{
	int n = 0;

	for (size_t i = 0; i < r->n_metrics; i++)
		n += r->metrics[i].status == STATUS_FAILED;
	return n;
}

/* The program that runs in the guests must be the one whose digest the figures bear. */
static int check_payload(const struct figures *r, const char *payload, struct krsi_err *err)
{
	char *now = digest(payload);
	int rc = 0;

	if (!now || !r->payload || strcmp(now, r->payload))
		rc = krsi_err_set(err, KRSI_EXIT_INFRA,
				  "%s was changed while it was used; measure again", payload);
	free(now);
	return rc;
}

/* A baseline that is no good is found before an hour of work, not after. */
static int load_baseline(struct figures *before, const struct bench_args *a,
			 const struct figures *now, struct krsi_err *err)
{
	if (!a->baseline)
		return 0;
	return figures_load(before, a->baseline, err) || verdict_comparable(before, now, false, err)
		       ? -1
		       : 0;
}

static void plan_seeds(struct figures *r, unsigned int n)
{
	for (unsigned int seed = 1; seed <= n; seed++)
		*ARRAY_PUSH(r, seeds) = seed;
}

static int measure_and_write(struct figures *r, const struct measure_opts *o, const char *payload,
			     struct krsi_err *err)
{
	char *file = xasprintf("%s/bench.json", o->out);
	int rc = measure(r, o, err) || check_payload(r, payload, err) ||
				 figures_write(r, file, err) || page_write(r, 1, o->out, err)
			 ? -1
			 : 0;

	free(file);
	return rc;
}

static int judge(const struct bench_args *a, const struct figures *before, const struct figures *r)
{
	int failed = failures(r);
	size_t past = a->baseline ? compare_print(before, r, a->threshold) : 0;

	if (failed)
		return KRSI_EXIT_FAIL;
	return past ? KRSI_EXIT_GATE : KRSI_EXIT_OK;
}

/* The exit code, or -1 with @err. */
static int run(const struct bench_args *a, const struct kernel *k, struct meter *m,
	       struct krsi_err *err)
{
	char *payload = catalogue_program("krsi-bench", err);
	char *init = payload ? catalogue_program("init", err) : NULL;
	char *out = a->out ? xstrdup(a->out) : xasprintf("build/bench/%s", k->name);
	struct figures r = { 0 }, before = { 0 };
	struct guest_opts g = { 0 };
	const struct measure_opts o = {
		.guest = &g,
		.wall = a->wall,
		.force_tcg = a->force_tcg,
		.glob = a->glob,
		.seeds = a->seeds,
		.samples = a->samples,
		.execs = a->execs,
		.extra = a->extra,
		.jobs = a->jobs,
		.out = out,
		.progress = meter_progress(m),
	};
	int code = -1;

	plan_seeds(&r, a->seeds);
	if (init && !describe(&r, a, k, payload, err) && !load_baseline(&before, a, &r, err) &&
	    !fs_mkdirs(out, err)) {
		guest_args_opts(&g, &a->guest, k);
		g.payload = payload;
		g.init = init;
		code = measure_and_write(&r, &o, payload, err);
	}
	if (!code) {
		meter_clear(m);
		print_table(&r);
		printf("%s: %s/bench.json, report.html (%s)\n", r.engine, out, r.command);
		code = judge(a, &before, &r);
	}
	figures_free(&r);
	figures_free(&before);
	free(out);
	free(init);
	free(payload);
	return code;
}

int cmd_bench(int argc, char **argv)
{
	struct bench_args a = { .seeds = DEFAULT_SEEDS,
				.samples = BENCH_SAMPLES,
				.execs = BENCH_EXECS };
	struct sigaction sa = { .sa_handler = conduct_interrupt, .sa_flags = SA_RESETHAND };
	struct krsi_err err = { 0 };
	struct kernel k = { 0 };
	struct meter *m;
	int code;

	cli_parse(&argp, argc, argv, &a);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	m = meter_new(stderr, a.quiet);
	code = guest_args_kernel(&k, &a.guest, meter_progress(m), &err) ? -1 : run(&a, &k, m, &err);
	meter_free(m);
	if (code < 0)
		code = cli_error(&err);
	kernel_free(&k);
	return cli_flush(code);
}
