// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ci/bisect.h"
#include "ci/cli.h"
#include "ci/conduct.h"
#include "ci/gate.h"
#include "ci/guest_args.h"
#include "ci/impl.h"
#include "ci/kconfig.h"
#include "ci/report.h"
#include "ci/results.h"
#include "ci/retry.h"
#include "ci/share.h"
#include "ci/text.h"
#include "ci/verdict.h"
#include "ci/waivers.h"
#include "vm-images/fs.h"
#include "vm-images/sha256.h"

#define DEFAULT_TIMEOUT 20
#define DEFAULT_REBOOTS 10
#define CONFIG_MAX	(4u << 20)

struct test_args {
	struct guest_args guest;
	const char *impl;
	const char *tests;
	const char *out;
	const char *baseline;
	double cost_limit; /* < 0: none */
	struct strs waivers;
	unsigned int timeout;
	unsigned int reboots;
	unsigned int jobs;
	long long seed;
	unsigned int effort;
	bool strict;
	bool quiet;
	bool self;
	bool retry;
	bool warm;
	enum bisect bisect;
	unsigned int part, parts;
};

enum {
	OPT_IMPL = 0x200,
	OPT_BASELINE,
	OPT_BISECT,
	OPT_COST_LIMIT,
	OPT_EFFORT,
	OPT_JOBS,
	OPT_REBOOTS,
	OPT_RETRY,
	OPT_SEED,
	OPT_SELF,
	OPT_SHARD,
	OPT_STRICT,
	OPT_TIMEOUT,
	OPT_WAIVERS,
	OPT_WARM,
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct test_args *a = state->input;

	switch (key) {
	case OPT_IMPL:
		a->impl = arg;
		return 0;
	case 't':
		a->tests = arg;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case OPT_BASELINE:
		a->baseline = arg;
		return 0;
	case OPT_COST_LIMIT:
		a->cost_limit = cli_percent(state, "cost-limit", arg);
		return 0;
	case OPT_WAIVERS:
		strs_add(&a->waivers, arg);
		return 0;
	case OPT_TIMEOUT:
		a->timeout = (unsigned int)cli_number(state, "timeout", arg, 1, 86400);
		return 0;
	case OPT_REBOOTS:
		a->reboots = (unsigned int)cli_number(state, "reboots", arg, 0, 1000);
		return 0;
	case OPT_JOBS:
		a->jobs = (unsigned int)cli_number(state, "jobs", arg, 1, 64);
		return 0;
	case OPT_SEED:
		a->seed = cli_number(state, "seed", arg, 1, 1000000);
		return 0;
	case OPT_EFFORT:
		a->effort = (unsigned int)cli_number(state, "effort", arg, 1, 1000000);
		return 0;
	case OPT_STRICT:
		a->strict = true;
		return 0;
	case OPT_SELF:
		a->self = true;
		return 0;
	case OPT_SHARD:
		if (share_parse(arg, &a->part, &a->parts))
			cli_fail(state, "--shard: '%s' is no part such as 2/5", arg);
		return 0;
	case OPT_BISECT:
		if (strcmp(arg, "broke") && strcmp(arg, "fixed"))
			cli_fail(state, "--bisect: '%s' is neither broke nor fixed", arg);
		a->bisect = strcmp(arg, "broke") ? BISECT_FIXED : BISECT_BROKE;
		return 0;
	case OPT_RETRY:
		a->retry = true;
		return 0;
	case OPT_WARM:
		a->warm = true;
		return 0;
	case ARGP_KEY_END:
		if (a->cost_limit >= 0 && !a->baseline)
			cli_fail(state, "--cost-limit says nothing without --baseline");
		return guest_args_rest(key, arg, state, &a->guest);
	default:
		return guest_args_rest(key, arg, state, &a->guest);
	}
}

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What is tested:", 1 },
	{ "impl", OPT_IMPL, "NAME", 0,
	  "implementation: bpf-lsm (default), krsi, model, null, echo, faulty:FAULT, or "
	  "exec:PROGRAM[,OPTION] (see adapter(7))",
	  1 },
	{ "tests", 't', "GLOB[,GLOB]", 0, "only these: ids, patterns, families, hook names", 1 },
	{ "strict", OPT_STRICT, NULL, 0, "an attachable hook without an entry is a failure", 1 },
	{ "seed", OPT_SEED, "N", 0, "for tests that draw (default 1)", 1 },
	{ "effort", OPT_EFFORT, "N", 0,
	  "tests that can go on for long go on N times as long; see --timeout", 1 },
	{ "self", OPT_SELF, NULL, 0,
	  "run the tests of the suite itself; some crash or hang the guest on purpose", 1 },
	{ NULL, 0, NULL, 0, "How it is run and judged:", 2 },
	{ "timeout", OPT_TIMEOUT, "SECONDS", 0,
	  "for one test (default 20; more for kernels that are known to be slow)", 2 },
	{ "reboots", OPT_REBOOTS, "N", 0,
	  "how often a guest that went down is started again for the rest (default 10)", 2 },
	{ "jobs", OPT_JOBS, "N", 0,
	  "guests at the same time, each with its share (default: one for each CPU of the host, if "
	  "there are 200 tests for each)",
	  2 },
	{ "baseline", OPT_BASELINE, "RESULTS", 0,
	  "be no worse than that results.json: exit code 6 if worse, 0 if what is red was as red "
	  "there",
	  2 },
	{ "cost-limit", OPT_COST_LIMIT, "PERCENT", 0,
	  "with --baseline: worse too is a program on a hook that takes PERCENT more instructions or "
	  "machine code than there (otherwise what differs by 5 % is told)",
	  2 },
	{ "waivers", OPT_WAIVERS, "FILE", 0,
	  "known defects: a failure that FILE waives does not count, a pass that it does not expect "
	  "does; may be given again. Beside FILE.conf, FILE.ARCHITECTURE.conf is read, and last "
	  "~/.config/krsi/waivers.conf or /etc/krsi/waivers.conf",
	  2 },
	{ "retry", OPT_RETRY, NULL, 0,
	  "run what is red once more in a fresh guest and tell both results; the first counts", 2 },
	{ "warm", OPT_WARM, NULL, 0,
	  "guests go on from where those of an equal run stood when their tests began, and those "
	  "that have none to follow leave their state in the cache (100 MB each)",
	  2 },
	{ "shard", OPT_SHARD, "I/N", 0,
	  "only the I-th of N parts, for a machine of its own; krsi merge makes one run of them",
	  2 },
	{ "bisect", OPT_BISECT, "broke|fixed", 0,
	  "exit codes for git bisect run, which looks for the commit that broke the tests, or that "
	  "fixed them: 0, 1, 125 for a kernel that cannot be judged, 255 to stop",
	  2 },
	{ "out", 'o', "DIR", 0, "where results go (default build/results/KERNEL-IMPLEMENTATION)",
	  2 },
	{ "quiet", 'q', NULL, 0, "only the verdict, no progress", 2 },
	{ 0 },
};

static const struct argp_child children[] = { { &guest_argp, 0, "The guest:", 3 }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Boots a kernel, makes every security behaviour happen for real, and says whether the kernel "
	       "does what BPF LSM promises."
	       "\vWrites results.json, report.html, junit.xml, results.ktap, console.log and events.jsonl. "
	       "A test that takes the guest down is reported as crash (or timeout, if the guest hung), and "
	       "the guest is started again for the rest.\n\n"
	       "Exit codes: 0 all as expected, 1 a test failed, 2 usage or bad input, 3 the guest crashed "
	       "or hung, 4 the kernel did not boot or lacks what is tested, 5 infrastructure, 6 worse than "
	       "the baseline.\n\n"
	       "Examples:\n"
	       "  krsi test --kernel debian-6.1\n"
	       "  krsi test --kernel ../linux --tests 'hook/inode_*'\n"
	       "  krsi test --kernel ./bzImage --modules ./lib/modules/6.12.0 --tests file_open,order\n"
	       "  krsi test --kernel debian-7.3 --baseline good/results.json --strict\n"
	       "  git bisect run sh -c 'make -j8 || exit 125; krsi test --kernel . --tests file_open "
	       "--bisect broke'\n",
	.children = children,
};

static void add_word(struct strs *words, const char *option, const char *value)
{
	char *quoted = value ? text_shell(value) : NULL;

	strs_add(words, option);
	if (quoted)
		strs_add(words, quoted);
	free(quoted);
}

/* What a reader types to have this run again; its --tests are added by the reports. */
static char *command_of(const struct test_args *a)
{
	struct strs words = { 0 };
	char *line, number[32];

	add_word(&words, program_invocation_name, NULL);
	add_word(&words, "test", NULL);
	guest_args_command(&a->guest, &words);
	if (strcmp(a->impl, "bpf-lsm"))
		add_word(&words, "--impl", a->impl);
	if (a->timeout) {
		snprintf(number, sizeof(number), "%u", a->timeout);
		add_word(&words, "--timeout", number);
	}
	if (a->seed >= 0) {
		snprintf(number, sizeof(number), "%lld", a->seed);
		add_word(&words, "--seed", number);
	}
	if (a->effort) {
		snprintf(number, sizeof(number), "%u", a->effort);
		add_word(&words, "--effort", number);
	}
	for (size_t i = 0; i < a->waivers.n; i++)
		add_word(&words, "--waivers", a->waivers.v[i]);
	if (a->strict)
		add_word(&words, "--strict", NULL);
	if (a->self)
		add_word(&words, "--self", NULL);
	line = strs_join(&words, " ");
	strs_free(&words);
	return line;
}

static void describe_run(struct run *run, const struct test_args *a, const struct kernel *k,
			 const char *payload)
{
	time_t now = time(NULL);
	char stamp[32], hex[SHA256_HEX_LEN + 1];
	struct krsi_err ignored;
	struct tm tm;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	run->started = xstrdup(stamp);
	run->suite_payload = sha256_file(payload, hex, &ignored) ? NULL : xstrdup(hex);
	run->kernel_name = text_line(k->name, 200);
	run->kernel_release = k->release ? text_line(k->release, 200) : NULL;
	run->kernel_package = k->package ? text_line(k->package, 200) : NULL;
	run->kernel_sha256 = xstrdup(k->sha256);
	run->kernel_machine = xstrdup(k->arch->name);
	run->implementation = text_line(a->impl, 200);
	run->command = command_of(a);
	run->selection = text_line(a->tests, 4000);
	run->strict = a->strict;
	run->part = a->part;
	run->parts = a->parts;
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	/* The second one finds the default action: whoever cannot wait need not. */
	struct sigaction sa = { .sa_handler = conduct_interrupt, .sa_flags = SA_RESETHAND };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &sa, NULL);
	/* A reader of the progress that goes away does not end the run. */
	signal(SIGPIPE, SIG_IGN);
}

/* A shell loop over kernels stops at Ctrl-C only if we die of it. */
static void die_of_signal(void)
{
	int sig = conduct_interrupted();

	if (!sig)
		return;
	signal(sig, SIG_DFL);
	raise(sig);
}

static void print_summary(const struct run *run, const struct outdir *out, bool quiet)
{
	size_t len;
	char *text = report_text(run, &len), *last;

	/* The verdict is the last line of the text, and stays the last. */
	text[len - 1] = '\0';
	last = strrchr(text, '\n');
	last = last ? last + 1 : text;
	if (!quiet)
		printf("%.*s  report: %s/report.html\n", (int)(last - text), text, out->path);
	printf("%s%s%s\n", cli_colour("\033[1m"), last, cli_colour("\033[0m"));
	free(text);
}

/* Everything that can be wrong with what the user gave is found before anything is written. */
struct prepared {
	struct catalogue catalogue;
	struct selection selection;
	struct strs others; /* tests of the selection for other machines */
	size_t of_tests;    /* tests of the selection for all machines, where there are several */
	struct run baseline;
	struct waivers waivers;
	struct kernel kernel;
	char *init;
	struct guest_file file; /* the program of an implementation */
	int files;		/* 1: it is set */
	bool kernel_failed;	/* it was the kernel with which something was wrong */
};

static int prepare(struct prepared *p, const struct test_args *a, const struct progress *progress,
		   struct krsi_err *err)
{
	p->files = impl_file(&p->file, a->impl, err);
	if (p->files < 0 || catalogue_load(&p->catalogue, a->impl, err) ||
	    select_tests(&p->selection, &p->catalogue, a->tests, a->self, err) ||
	    (a->baseline && results_load(&p->baseline, a->baseline, err)))
		return -1;
	if (a->parts) {
		p->of_tests = p->selection.ids.n;
		share_take(&p->selection, &p->others, &p->catalogue, a->part, a->parts,
			   !a->guest.lsm);
	}
	p->init = catalogue_program("init", err);
	if (!p->init)
		return -1;
	if (guest_args_kernel(&p->kernel, &a->guest, progress, err)) {
		/* a name that nobody knows is a mistyped one, not a kernel that was not built */
		p->kernel_failed = strchr(a->guest.kernel, '/') || fs_exists(a->guest.kernel);
		return -1;
	}
	if (a->baseline && outdir_is(a->out, p->kernel.name, a->impl, a->baseline))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "--baseline: the results of this run would replace %s; choose "
				    "another place with --out, or copy it",
				    a->baseline);
	return waivers_load_layers(&p->waivers, &a->waivers, p->kernel.arch->name, err);
}

static void prepared_free(struct prepared *p)
{
	catalogue_free(&p->catalogue);
	selection_free(&p->selection);
	strs_free(&p->others);
	run_free(&p->baseline);
	waivers_free(&p->waivers);
	kernel_free(&p->kernel);
	free(p->init);
	free((void *)p->file.host);
}

/* What the kernel's configuration lacks is told before it boots, and again where it did not. */
static char *config_lacks(const struct kernel *k, const char *spec, struct meter *m)
{
	struct krsi_err ignored;
	struct strs names = { 0 };
	char *text = k->config ? fs_read(k->config, CONFIG_MAX, NULL, &ignored) : NULL, *list;

	if (!text)
		return NULL;
	kconfig_missing(text, true, &names);
	free(text);
	list = names.n ? strs_join(&names, " ") : NULL;
	strs_free(&names);
	if (list)
		meter_say(m,
			  "%s lacks %s; `krsi kernels --config-fragment=%s` prints what to merge",
			  k->config, list, spec);
	return list;
}

static void blame_config(struct run *run, const char *lacks)
{
	char *text;

	if (!lacks || (run->stop != RUN_NO_BOOT && run->stop != RUN_KERNEL_LACKS))
		return;
	text = xasprintf("%s; its configuration lacks %s",
			 run->stop_text ? run->stop_text : "the kernel did not boot", lacks);
	text_set(&run->stop_text, text);
	free(text);
}

static int test(const struct test_args *a, struct prepared *p, struct meter *m, struct outdir *out,
		struct krsi_err *err)
{
	struct guest_opts guest = { 0 };
	const struct conduct_opts o = {
		.guest = &guest,
		.catalogue = &p->catalogue,
		.selection = &p->selection,
		.others = &p->others,
		.impl = a->impl,
		.timeout = a->timeout ? a->timeout : DEFAULT_TIMEOUT * (p->kernel.slower ?: 1),
		.seed = a->seed,
		.effort = a->effort,
		.self = a->self,
		.reboots = a->reboots,
		.jobs = a->jobs,
		.warm = a->warm,
		.out = out,
		.meter = m,
	};
	struct run run = { 0 };
	struct verdict v;
	char *lacks = NULL;
	int code = -1;

	guest_args_opts(&guest, &a->guest, &p->kernel);
	guest.payload = p->catalogue.program;
	guest.init = p->init;
	guest.files = &p->file;
	guest.nfiles = (size_t)p->files;
	describe_run(&run, a, &p->kernel, p->catalogue.program);
	run.of_tests = p->of_tests;
	if (guest_ready(&guest, err) || outdir_open(out, a->out, p->kernel.name, a->impl, err))
		goto out;
	meter_say(m, "%s %s: %zu tests with %s", p->kernel.name,
		  p->kernel.release ? p->kernel.release : "", p->selection.ids.n, a->impl);
	lacks = config_lacks(&p->kernel, a->guest.kernel, m);
	if (conduct(&run, &o, err))
		goto out;
	blame_config(&run, lacks);
	waivers_apply(&p->waivers, &run, time(NULL));
	waivers_check(&p->waivers, &run, &p->catalogue, time(NULL));
	if (a->retry && retry(&run, &o, err))
		goto out;
	if (a->baseline)
		gate_apply(&run, &(struct cost_side){ &p->baseline, a->baseline }, out->path,
			   a->cost_limit);
	if (outdir_write(out, &run, err))
		goto out;
	meter_clear(m);
	print_summary(&run, out, a->quiet);
	verdict_of(&v, &run);
	code = bisect_code(a->bisect, &v);
	verdict_free(&v);
out:
	free(lacks);
	run_free(&run);
	return code;
}

int cmd_test(int argc, char **argv)
{
	struct test_args a = {
		.impl = "bpf-lsm",
		.tests = "*",
		.reboots = DEFAULT_REBOOTS,
		.seed = -1,
		.cost_limit = COST_NO_LIMIT,
	};
	struct outdir out = { .lock = -1 };
	struct krsi_err err = { 0 };
	struct prepared p = { 0 };
	struct meter *m;
	int code;

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--bisect", strlen("--bisect")))
			cli_usage_code(BISECT_STOP);
	cli_parse(&argp, argc, argv, &a);
	m = meter_new(stderr, a.quiet);
	catch_signals();
	code = prepare(&p, &a, meter_progress(m), &err) ? -1 : 0;
	meter_total(m, p.selection.ids.n);
	meter_waivers(m, &p.waivers, a.impl);
	if (!code)
		code = test(&a, &p, m, &out, &err);
	meter_free(m);
	outdir_close(&out);
	prepared_free(&p);
	if (code < 0) {
		code = bisect_error(a.bisect, cli_error(&err), p.kernel_failed);
		/* a signal that comes when all is written ends nothing any more */
		die_of_signal();
	}
	return cli_flush(code);
}
