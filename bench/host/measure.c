// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/measure.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/guest/bench.h"
#include "bench/host/boots.h"
#include "bench/host/stream.h"
#include "ci/conduct.h"
#include "vm-images/fs.h"
#include "vm-images/proc.h"

/* Most arguments of the payload, and bytes that one boot may say. */
#define ARGS	 20
#define TEXT_MAX (8u << 20)
#define SILENCE	 600
/* For a machine of several CPUs to come up: so long, and so much more for each. */
#define SMP_SECONDS	    120
#define SMP_SECONDS_PER_CPU 6
#define DOWN		    "so many CPUs do not come up here (before 6.5 it takes QEMU 10)"
#define DEADLINE	    3600
#define LIST_WAIT	    60

/* One boot: what it is, and what it said. */
struct task {
	struct work *work;
	const struct boot_kind *kind;
	unsigned int seed;
	char *text;
	size_t len, room;
	bool flawed;
	struct krsi_err err;
};

struct work {
	const struct measure_opts *o;
	struct task *tasks;
	size_t n, next, done;
	pthread_mutex_t lock;
	bool stop;
	unsigned int down; /* so many CPUs did not come up; 0: none failed */
};

/* ---- which boots -------------------------------------------------------------------------- */

/* Asks krsi-bench, which is the only one that knows. */
static char *list_benches(const struct measure_opts *o, struct krsi_err *err)
{
	const char *argv[] = { o->guest->payload, "--list", o->glob ? "--bench" : NULL, o->glob,
			       NULL };
	const struct proc_opts po = { .argv = argv, .deadline = LIST_WAIT };
	struct proc_result pr = { 0 };
	char *text;

	if (proc_run(&pr, &po, err))
		return NULL;
	text = pr.status ? NULL : xstrdup(pr.out);
	if (!text)
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s --list failed: %s", o->guest->payload,
			     pr.errors);
	else if (!*text) {
		krsi_err_set(err, KRSI_EXIT_USAGE, "no benchmark matches '%s'", o->glob ?: "");
		free(text);
		text = NULL;
	}
	proc_result_free(&pr);
	return text;
}

/* "exec/ plain audit" and so on: does any line name that boot? */
static bool named_in(const char *list, const char *boot)
{
	size_t len = strlen(boot);

	for (const char *at = list; (at = strstr(at, boot)); at += len)
		if (at > list && at[-1] == ' ' && (at[len] == ' ' || at[len] == '\n'))
			return true;
	return false;
}

/* Seed after seed, so that with the wall clock the kinds of boot interleave. */
static int plan(struct work *w, struct krsi_err *err)
{
	char *list = list_benches(w->o, err);

	if (!list)
		return -1;
	w->tasks = xcalloc(n_boot_kinds * w->o->seeds, sizeof(*w->tasks));
	for (unsigned int seed = 1; seed <= w->o->seeds; seed++)
		for (size_t i = 0; i < n_boot_kinds; i++)
			if (named_in(list, boot_kinds[i].name) && !(boot_kinds[i].once && seed > 1))
				w->tasks[w->n++] =
					(struct task){ w, .kind = &boot_kinds[i], .seed = seed };
	free(list);
	return 0;
}

/* ---- one boot ----------------------------------------------------------------------------- */

static int on_event(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	struct task *t = ctx;

	t->flawed |= flaws != 0;
	if (t->len + len + 2 > t->room) {
		t->room = 2 * (t->len + len + 2);
		t->text = xreallocarray(t->text, t->room, 1);
	}
	memcpy(t->text + t->len, line, len);
	t->len += len;
	t->text[t->len++] = '\n';
	t->text[t->len] = '\0';
	return t->len > TEXT_MAX || conduct_interrupted();
}

/* Did a machine of as many CPUs, or of fewer, not come up? */
static bool hopeless(struct work *w, const struct task *t)
{
	bool is;

	pthread_mutex_lock(&w->lock);
	is = w->down && t->kind->cpus >= w->down;
	pthread_mutex_unlock(&w->lock);
	return is;
}

static int on_tick(void *ctx, double seconds)
{
	struct task *t = ctx;

	return conduct_interrupted() || hopeless(t->work, t);
}

static void add_number(struct strs *args, const char *option, unsigned int n)
{
	if (!n)
		return;
	strs_add(args, option);
	strs_take(args, xasprintf("%u", n));
}

static void payload_args(struct strs *args, const struct measure_opts *o, const struct task *t)
{
	strs_add(args, "--engine");
	strs_add(args, o->wall ? "wall" : "icount");
	strs_add(args, "--boot");
	strs_add(args, t->kind->name);
	if (o->glob) {
		strs_add(args, "--bench");
		strs_add(args, o->glob);
	}
	add_number(args, "--samples", o->samples);
	add_number(args, "--execs", o->execs);
	add_number(args, "--extra", o->extra);
}

/* By the clock, the machine stays on the CPU that it is on. */
static void pin(void)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	if (cpu < 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/*
 * Nothing is measured on a machine that this engine cannot start: that is no cost and no defect.
 * How long was waited is not said, or two runs would differ; the console tells it.
 */
static void tell_absent(const struct work *w, struct task *t)
{
	free(t->text);
	t->text = xasprintf("krsi-bench %d %s %s\nabsent buffer/%ucpu %s\nend\n", BENCH_STREAM,
			    w->o->wall ? "wall" : "icount", t->kind->name, t->kind->cpus, DOWN);
	t->len = strlen(t->text);
}

static int judge(struct work *w, struct task *t, const struct guest_outcome *out)
{
	const struct watch_outcome *wo = &out->watch;

	if (wo->ended == WATCH_STOPPED && hopeless(w, t)) {
		tell_absent(w, t);
		return 0;
	}
	if (wo->ended == WATCH_NO_INIT && t->kind->cpus > 1 && wo->cause != CAUSE_QEMU) {
		pthread_mutex_lock(&w->lock);
		w->down = !w->down || t->kind->cpus < w->down ? t->kind->cpus : w->down;
		pthread_mutex_unlock(&w->lock);
		tell_absent(w, t);
		return 0;
	}
	if (wo->ended != WATCH_CLEAN)
		return krsi_err_set(&t->err,
				    wo->ended == WATCH_NO_INIT ? KRSI_EXIT_NOBOOT : KRSI_EXIT_CRASH,
				    "boot %s, seed %u: %s", t->kind->name, t->seed, wo->text);
	/* 1: a benchmark failed, which the lines tell */
	if (wo->exit_code > 1 || t->flawed || !t->text)
		return krsi_err_set(&t->err, KRSI_EXIT_CRASH,
				    "boot %s, seed %u: krsi-bench ended with %d%s", t->kind->name,
				    t->seed, wo->exit_code,
				    t->flawed ? ", and what it said is damaged" : "");
	return 0;
}

/* Also what a guest said that did not come to its end: it tells how far it came. */
static int save(const struct work *w, struct task *t)
{
	char *path = xasprintf("%s/samples/%s-seed%u.txt", w->o->out, t->kind->name, t->seed);
	struct krsi_err err;
	int rc = t->text ? fs_write_atomic(path, t->text, t->len, &err) : 0;

	if (rc && !t->err.code)
		t->err = err;
	free(path);
	return rc;
}

static int run_task(struct work *w, struct task *t)
{
	const struct measure_opts *o = w->o;
	struct guest_opts g = *o->guest;
	struct strs args = { 0 }, qemu_args = { 0 };
	struct guest_outcome out = { 0 };
	char *log = xasprintf("%s/console/%s-seed%u.log", o->out, t->kind->name, t->seed);
	char *cmdline = boots_cmdline(t->kind, t->work->o->wall), *all;
	int rc;

	payload_args(&args, o, t);
	all = g.cmdline ? xasprintf("%s %s", cmdline, g.cmdline) : xstrdup(cmdline);
	if (o->wall) {
		pin();
	} else {
		boots_qemu_args(&qemu_args, g.kernel->arch, t->seed);
		g.accel = ACCEL_TCG;
	}
	g.cpus = t->kind->cpus;
	g.lsm = t->kind->lsm;
	g.cmdline = all;
	g.args = (const char *const *)args.v;
	g.nargs = args.n;
	g.qemu_args = qemu_args.n ? &qemu_args : NULL;
	g.silence_seconds = SILENCE;
	g.boot_seconds =
		t->kind->cpus > 1 ? SMP_SECONDS + SMP_SECONDS_PER_CPU * t->kind->cpus : SILENCE;
	g.no_retry = t->kind->cpus > 1;
	g.total_seconds = DEADLINE;
	g.console_log = log;
	g.on_event = on_event;
	g.on_tick = on_tick;
	g.ctx = t;
	g.progress = NULL;
	rc = guest_run(&g, &out, &t->err);
	rc = rc ?: judge(w, t, &out);
	rc = save(w, t) ?: rc;
	guest_outcome_free(&out);
	strs_free(&args);
	strs_free(&qemu_args);
	free(cmdline);
	free(all);
	free(log);
	return rc;
}

/* ---- all of them -------------------------------------------------------------------------- */

static void *worker(void *arg)
{
	struct work *w = arg;

	pthread_mutex_lock(&w->lock);
	while (w->next < w->n && !w->stop && !conduct_interrupted()) {
		struct task *t = &w->tasks[w->next++];
		int rc = 0;

		pthread_mutex_unlock(&w->lock);
		if (hopeless(w, t)) {
			tell_absent(w, t);
			rc = save(w, t);
		} else {
			rc = run_task(w, t);
		}
		pthread_mutex_lock(&w->lock);
		w->done++;
		w->stop |= rc != 0;
		progress_step(w->o->progress, "%zu of %zu boots (%s, seed %u)", w->done, w->n,
			      t->kind->name, t->seed);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void run_all(struct work *w)
{
	unsigned int jobs = w->o->jobs ? w->o->jobs : (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[64];
	unsigned int n = 0;

	if (w->o->wall)
		jobs = 1;
	while (n + 1 < jobs && n + 1 < w->n && n < 64 &&
	       !pthread_create(&threads[n], NULL, worker, w))
		n++;
	worker(w);
	while (n)
		pthread_join(threads[--n], NULL);
}

static int collect(struct figures *r, const struct work *w, struct krsi_err *err)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct task *t = &w->tasks[i];

		if (t->err.code) {
			*err = t->err;
			return -1;
		}
	}
	if (conduct_interrupted())
		return krsi_err_set(err, KRSI_EXIT_INFRA, "interrupted; no figures were written");
	for (size_t i = 0; i < w->n; i++)
		if (stream_read(r, w->tasks[i].text, w->tasks[i].seed,
				w->o->wall ? "wall" : "icount", w->tasks[i].kind->name, err))
			return -1;
	figures_finish(r);
	return 0;
}

static int make_directories(const struct measure_opts *o, struct krsi_err *err)
{
	static const char *const names[] = { "samples", "console" };
	int rc = 0;

	for (size_t i = 0; i < 2 && !rc; i++) {
		char *path = xasprintf("%s/%s", o->out, names[i]);

		/* figures of an earlier run must not be taken for this one's */
		fs_remove_tree(path);
		rc = fs_mkdirs(path, err);
		free(path);
	}
	return rc;
}

/* What the clock of an emulated machine shows is how the emulator works. */
static int check_clock(const struct measure_opts *o, struct krsi_err *err)
{
	struct accel_choice choice;

	if (!o->wall)
		return 0;
	if (accel_choose(&choice, o->guest->accel, o->guest->kernel->arch, o->guest->qemu, err))
		return -1;
	if (choice.accel == ACCEL_TCG && !o->force_tcg)
		return krsi_err_set(
			err, KRSI_EXIT_USAGE,
			"the wall-clock engine needs KVM, and the guest would be emulated "
			"(%s): use the engine icount",
			choice.why);
	if (o->seeds * o->samples < MEASURE_WALL_SAMPLES)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%u boots of %u samples are %u: the wall-clock engine needs %d",
				    o->seeds, o->samples, o->seeds * o->samples,
				    MEASURE_WALL_SAMPLES);
	return 0;
}

int measure(struct figures *r, const struct measure_opts *o, struct krsi_err *err)
{
	struct work w = { .o = o, .lock = PTHREAD_MUTEX_INITIALIZER };
	int rc = check_clock(o, err) || make_directories(o, err) || plan(&w, err) ? -1 : 0;

	if (!rc) {
		run_all(&w);
		rc = collect(r, &w, err);
	}
	for (size_t i = 0; i < w.n; i++)
		free(w.tasks[i].text);
	free(w.tasks);
	return rc;
}
