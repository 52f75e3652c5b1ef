// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a hook costs. For each behaviour, of one call of it:
 *
 *   hook/OP/off         BPF LSM is not enabled
 *   hook/OP/none        it is, and no program is attached; hook/OP/krsi-none the same of the
 * reference hook/OP/HOOK:one    an empty program on one of the hooks that the behaviour calls
 *   hook/OP/HOOK:calls  how often it calls that hook
 *   hook/OP/HOOK:other  that program is on another hook
 * and for hooks that matter :two, :eight, :max (as many as the kernel takes, :programs), :sleepable
 * and :storage (a counter in the storage of the task). Those of the reference begin with krsi-.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/guest/bench.h"
#include "bench/guest/exec.h"
#include "bench/guest/hook.h"
#include "bench/guest/program.h"

#define SAMPLES 7
/* Instructions of a sample, where it can be chosen. */
#define MOST 1200000
/* Operations until the kernel's caches hold what they take: or the first sample is the dearest. */
#define WARM	   4000
#define WARM_SLOW  200
#define PROVED	   10
#define UNRELATED  "sb_statfs"
#define UNRELATED2 "task_setnice"

/* In the result's names. */
static const char *prefix = "";

static bool repeat(const struct op *op, unsigned int rounds)
{
	while (rounds--)
		if (!op->once())
			return false;
	return true;
}

/*
 * How many operations are a sample: so few that most samples see no interrupt of the clock, of
 * which there is one in four million instructions.
 */
static unsigned int rounds;

static void choose_rounds(const struct op *op)
{
	static const unsigned int steps[] = { 200, 100, 50, 20, 10 };
	const unsigned int last = sizeof(steps) / sizeof(steps[0]) - 1;
	uint64_t cost = UINT64_MAX;
	unsigned int i = 0;

	repeat(op, op->slow ? WARM_SLOW : WARM);
	rounds = settings.execs;
	if (op->slow)
		return;
	for (int tries = 0; tries < 5; tries++) {
		uint64_t start = clock__now();

		repeat(op, steps[last]);
		start = clock__now() - start;
		cost = start < cost ? start : cost;
	}
	while (i < last && steps[i] * (cost / steps[last]) > MOST)
		i++;
	rounds = steps[i];
}

/*
 * The median leaves out those samples that saw an interrupt; where all do, what interrupts take is
 * shared out by the mean, of as many as exec/ takes. An operation that waits for something has no
 * place here: with icount, time passes while nothing runs.
 */
static void measure(const struct op *op, const char *name)
{
	unsigned int samples = op->slow ? settings.samples : SAMPLES;

	quiet__begin();
	out__unit(name, rounds, op->slow ? "mean" : "median");
	for (unsigned int i = 0; i <= samples; i++) {
		uint64_t start = clock__now();
		bool ok = repeat(op, rounds);
		uint64_t value = clock__now() - start;

		if (!ok) {
			out__failed(name, "%s failed: %s", op->name, strerror(errno));
			break;
		}
		if (i)
			out__sample(name, value);
	}
	quiet__end();
}

static const char *name_of(const struct op *op, const char *hook, const char *what)
{
	static char name[160];

	snprintf(name, sizeof(name), "hook/%s/%s%s%s%s", op->name, hook, *hook ? ":" : "", prefix,
		 what);
	return name;
}

/* With @n programs of that kind on the hook. */
static void measure_with(const struct op *op, const char *hook, const char *on, const char *what,
			 enum program_kind kind, unsigned int n)
{
	const char *name = name_of(op, hook, what);
	struct programs p = { .n = 0 };
	int err = 0;

	if (!bench__wanted(name))
		return;
	while (p.n < n && !err)
		err = programs__add(&p, on, kind);
	/* as many as there is room for */
	if (n == PROGRAM_MAX && err == -E2BIG)
		err = 0;
	if (err) {
		out__absent(name, "no such program on %s: %s", on, strerror(-err));
	} else {
		measure(op, name);
		if (n == PROGRAM_MAX)
			out__count(name_of(op, hook, "programs"), p.n);
	}
	programs__remove(&p);
}

/*
 * How often it is called by one operation; 0 is no call, which is told with the reason that a
 * reader needs. What else runs on this machine is idle, or too rare to count.
 */
static uint64_t count_calls(const struct op *op, const char *hook)
{
	const char *name = name_of(op, hook, "calls");
	struct programs p = { .n = 0 };
	uint64_t calls;
	int err = programs__add(&p, hook, PROGRAM_COUNT);

	if (err) {
		out__absent(name, "a program cannot be put on %s: %s", hook, strerror(-err));
		return 0;
	}
	programs__calls();
	repeat(op, PROVED);
	calls = programs__calls();
	programs__remove(&p);
	if (calls < PROVED)
		out__absent(name, "%s is not called, or later, while %s is repeated", hook,
			    op->name);
	else
		out__count(name, calls / PROVED);
	return calls < PROVED ? 0 : calls / PROVED;
}

static void measure_hook(const struct op *op, const char *hook)
{
	const char *other = strcmp(op->name, "statfs") ? UNRELATED : UNRELATED2;

	if (!programs__has(hook)) {
		out__absent(name_of(op, hook, "calls"), "this kernel has no hook %s", hook);
		return;
	}
	if (!count_calls(op, hook))
		return;
	measure_with(op, hook, hook, "one", PROGRAM_EMPTY, 1);
	if (!hook_matters(hook))
		return;
	measure_with(op, hook, other, "other", PROGRAM_EMPTY, 1);
	measure_with(op, hook, hook, "two", PROGRAM_EMPTY, 2);
	measure_with(op, hook, hook, "eight", PROGRAM_EMPTY, 8);
	measure_with(op, hook, hook, "max", PROGRAM_EMPTY, PROGRAM_MAX);
	measure_with(op, hook, hook, "sleepable", PROGRAM_SLEEPABLE, 1);
	if (!*prefix)
		measure_with(op, hook, hook, "storage", PROGRAM_STORAGE, 1);
}

static bool op_wanted(const struct op *op)
{
	char hooks[512], *save = NULL;
	static const char *const whats[] = { "calls", "one",	   "other",   "two", "eight",
					     "max",   "sleepable", "storage", NULL };

	if (bench__wanted(name_of(op, "", "none")))
		return true;
	snprintf(hooks, sizeof(hooks), "%s", op->hooks);
	for (char *h = strtok_r(hooks, " ", &save); h; h = strtok_r(NULL, " ", &save))
		for (size_t i = 0; whats[i]; i++)
			if (bench__wanted(name_of(op, h, whats[i])))
				return true;
	return false;
}

static void run_op(const struct op *op, const char *what, bool programs)
{
	const char *name = name_of(op, "", what);
	char hooks[512], *save = NULL;

	if (op->set_up && !op->set_up()) {
		out__absent(name, "%s cannot be set up here: %s", op->name, strerror(errno));
		return;
	}
	if (!op->once()) {
		out__absent(name, "%s does not work here: %s", op->name, strerror(errno));
		return;
	}
	choose_rounds(op);
	measure(op, name);
	snprintf(hooks, sizeof(hooks), "%s", op->hooks);
	for (char *h = strtok_r(hooks, " ", &save); h && programs; h = strtok_r(NULL, " ", &save))
		measure_hook(op, h);
}

static void run_ops(const struct bench *b, const char *what, bool programs)
{
	bool wanted;

	if ((mkdir("/tmp/bench", 0755) && errno != EEXIST) || chdir("/tmp/bench") ||
	    !exec__prepare()) {
		out__failed("hook/set-up", "no directory to work in: %s", strerror(errno));
		return;
	}
	for (const struct op *op = ops; op->name; op++) {
		wanted = programs ? op_wanted(op) : bench__wanted(name_of(op, "", what));
		if (wanted)
			run_op(op, what, programs);
		out__flush();
	}
	exec__stop_runner();
}

static void run_plain(const struct bench *b)
{
	run_ops(b, "off", false);
}

static void run_programs(const struct bench *b)
{
	bool krsi = !strcmp(settings.boot, "krsi");
	const char *why = programs__open(krsi);

	prefix = krsi ? "krsi-" : "";
	if (why)
		out__absent(krsi ? "hook/krsi" : "hook/bpf", "%s", why);
	else
		run_ops(b, "none", true);
	programs__close();
	prefix = "";
}

static void list_off(void)
{
	for (const struct op *op = ops; op->name; op++)
		if (bench__wanted(name_of(op, "", "off"))) {
			printf("hook/ plain\n");
			return;
		}
}

static void list_with(const char *with, const char *boot)
{
	prefix = with;
	for (const struct op *op = ops; op->name; op++)
		if (op_wanted(op)) {
			printf("hook/ %s\n", boot);
			break;
		}
	prefix = "";
}

static void list_programs(void)
{
	list_with("", "bpf");
	list_with("krsi-", "krsi");
}

BENCH(hook_off) = { .name = "hook/", .boot = "plain", .run = run_plain, .list = list_off };
BENCH(hook_programs) = {
	.name = "hook/",
	.boot = "bpf krsi",
	.run = run_programs,
	.list = list_programs,
};
