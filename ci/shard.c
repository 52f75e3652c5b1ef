// SPDX-License-Identifier: GPL-2.0-only
#include "ci/shard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/impl.h"
#include "ci/text.h"
#include "vm-images/lines.h"
#include "vm-images/proc.h"

/* Besides running a test, the guest is silent while it attaches or detaches hundreds of programs.
 */
#define GRACE_SECONDS 60.0
/* Files that every guest of a run gets: the program of an implementation. */
#define MOST_FILES 1

/* One boot under way. */
struct booting {
	struct shard *shard;
	struct fold *fold;
	FILE *events;
	int events_error; /* why they could not all be kept */
	char *lsm;	  /* lsm= of this boot */
	char *cmdline;	  /* more for its command line, NULL: as for all */
	char *recording;  /* what the guest is handed */
};

static int on_event(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	struct booting *b = ctx;
	/* whoever reads the file is to see that it breaks off here */
	bool cut = flaws & LINE_CUT;

	if (fwrite(line, 1, len, b->events) != len || (!cut && fputc('\n', b->events) == EOF))
		b->events_error = errno ? errno : EIO;
	fold_line(b->fold, line, len, flaws);
	return fold_flooded(b->fold) || b->events_error;
}

static int on_tick(void *ctx, double seconds)
{
	return conduct_interrupted();
}

/*
 * events.jsonl, events-2.jsonl for the second boot, events-job2.jsonl for the second guest,
 * events-bpf-first.jsonl for that lane, events-retry.jsonl where all that is done a second time.
 */
static char *log_name(const struct shard *s, size_t boot, const char *stem, const char *ext)
{
	char job[32] = "", number[32] = "";
	char *name, *path;

	if (s->lane)
		snprintf(job, sizeof(job), "-%s", s->lane->name);
	else if (s->index)
		snprintf(job, sizeof(job), "-job%u", s->index + 1);
	if (boot)
		snprintf(number, sizeof(number), "-%zu", boot + 1);
	name = xasprintf("%s%s%s%s%s.%s", stem, s->opts->tag ? "-" : "",
			 s->opts->tag ? s->opts->tag : "", job, number, ext);
	path = outdir_file(s->opts->out, name);
	free(name);
	return path;
}

static void add_arg(struct strs *args, const char *name, const char *value)
{
	strs_add(args, name);
	strs_add(args, value);
}

static void guest_args(struct strs *args, const struct shard *s)
{
	const struct conduct_opts *o = s->opts;
	char *globs = strs_join(&o->selection->globs, ","), *number;
	char *events = xasprintf("/dev/%s", o->guest->kernel->arch->events);

	number = impl_in_guest(o->impl);
	add_arg(args, "--impl", number);
	free(number);
	add_arg(args, "--tests", globs);
	add_arg(args, "--skip-list", "/krsi/skip");
	add_arg(args, "--events", events);
	number = xasprintf("%u", o->timeout);
	add_arg(args, "--timeout", number);
	free(number);
	if (s->lane && s->lane->records)
		strs_add(args, "--record");
	if (s->against)
		add_arg(args, "--recording", "/krsi/recording");
	if (o->seed >= 0) {
		number = xasprintf("%lld", o->seed);
		add_arg(args, "--seed", number);
		free(number);
	}
	if (o->effort) {
		number = xasprintf("%u", o->effort);
		add_arg(args, "--effort", number);
		free(number);
	}
	if (o->self)
		strs_add(args, "--self");
	free(globs);
	free(events);
}

/* What this boot is not to run: what is done, and what other guests do. */
static size_t skip_list(struct strs *skip, const struct shard *s)
{
	const struct strs *ids = &s->opts->selection->ids;
	size_t left = 0;

	if (s->opts->others)
		strs_copy(skip, s->opts->others);
	for (size_t i = 0; i < ids->n; i++) {
		const struct run_test *t = run_test_find(&s->run, ids->v[i]);

		if (t && !t->done)
			left++;
		else
			strs_add(skip, ids->v[i]);
	}
	return left;
}

static void keep_splats(struct run *run, const struct guest_outcome *out, int boot,
			const char *guilty)
{
	for (size_t i = 0; i < out->watch.splats.n; i++) {
		const struct splat *from = &out->watch.splats.v[i];
		struct run_splat *to = ARRAY_PUSH(run, splats);

		to->kind = xstrdup(splat_kind_name(from->kind));
		to->title = text_line(from->title, 500);
		to->text = text_clean(from->text, strlen(from->text), RUN_SPLAT_MAX);
		/* The two ports have no common clock: only the last words can be laid on a test. */
		to->test = guilty && !from->before_init ? xstrdup(guilty) : NULL;
		to->boot = boot;
		to->before_init = from->before_init;
	}
	if (out->watch.splats.dropped)
		run_note(run, "boot %d: %zu more complaints of the kernel were not kept", boot + 1,
			 out->watch.splats.dropped);
}

static char *tail_text(const struct guest_outcome *out)
{
	char *joined = strs_join(&out->watch.tail, "\n");
	char *clean = text_clean(joined, strlen(joined), RUN_SPLAT_MAX);

	free(joined);
	return clean;
}

static const struct {
	enum fold_end fold;
	const char *name;
} ends[] = {
	[WATCH_CLEAN] = { FOLD_ORDERLY, "done" },      [WATCH_NO_INIT] = { FOLD_CRASH, "no-boot" },
	[WATCH_PANIC] = { FOLD_CRASH, "crash" },       [WATCH_HANG] = { FOLD_HANG, "hang" },
	[WATCH_DEADLINE] = { FOLD_HANG, "hang" },      [WATCH_VANISHED] = { FOLD_CRASH, "crash" },
	[WATCH_STOPPED] = { FOLD_STOPPED, "stopped" },
};

/* The payload's exit code has to tell the same story as its events. */
static void check_exit(struct booting *b, const struct guest_outcome *out)
{
	struct run *run = &b->shard->run;
	size_t n[RESULT_COUNT];
	bool red = run->stop != RUN_GOES_ON;
	int code = out->watch.exit_code;

	if (out->watch.ended != WATCH_CLEAN)
		return;
	run_totals(run, n);
	for (size_t i = 0; i < run->n_tests; i++)
		red = red || (run->tests[i].boot == (int)run->n_boots - 1 &&
			      result_is_red(run->tests[i].result));
	if (code > 4)
		run_fault(run, "boot %zu: krsi-test did not end by itself (exit code %d)",
			  run->n_boots, code);
	else if (red != !!code)
		run_fault(run, "boot %zu: krsi-test ended with %d, its events say otherwise",
			  run->n_boots, code);
}

/* Turns the host's view of a boot into its row. The guest may only be blamed for one test. */
static void settle_boot(struct booting *b, const struct guest_outcome *out)
{
	struct run *run = &b->shard->run;
	const struct watch_outcome *w = &out->watch;
	const char *guilty = fold_finish(b->fold, ends[w->ended].fold, w->text);
	struct run_boot *boot = &run->boots[run->n_boots - 1];

	if (b->shard->lane) {
		boot->lane = xstrdup(b->shard->lane->name);
		boot->lsm = text_line(b->lsm, 500);
	}
	boot->recorded = b->shard->recording.n_item;
	boot->outcome = xstrdup(ends[w->ended].name);
	boot->reason = text_line(w->text, 500);
	boot->seconds = w->seconds;
	boot->init_seconds = w->init_seconds;
	boot->warm = out->warm;
	if (out->boots > 1)
		boot->first_failure = text_line(
			out->first_failure ? out->first_failure : "died before its init", 500);
	if (w->ended == WATCH_PANIC || w->ended == WATCH_VANISHED || w->ended == WATCH_HANG ||
	    w->ended == WATCH_DEADLINE) {
		boot->test = xstrdup(guilty);
		if (!guilty)
			run_fault(run, "boot %zu: the guest went down between tests: %s",
				  run->n_boots, w->text);
	}
	if (w->ended != WATCH_CLEAN)
		boot->tail = tail_text(out);
	keep_splats(run, out, (int)run->n_boots - 1, boot->test);
	check_exit(b, out);
	for (size_t i = 0; i < out->missing_modules.n; i++)
		run_note(run, "this kernel has no module %s", out->missing_modules.v[i]);
	if (!run->accel) {
		run->accel = xstrdup(accel_name(out->accel.accel));
		run->accel_why = text_line(out->accel.why, 300);
	}
	if (!run->kernel_cmdline && out->cmdline)
		run->kernel_cmdline = text_line(out->cmdline, 4000);
	if (!run->lsm && w->lsm)
		run->lsm = text_line(w->lsm, 500);
}

static int fail(struct shard *s)
{
	s->failed = true;
	return -1;
}

/* Whether the guest is to be started again: it went down, it got somewhere, and tests are left. */
static bool goes_on(struct booting *b, const struct guest_outcome *out)
{
	struct run *run = &b->shard->run;
	const struct watch_outcome *w = &out->watch;

	if (w->ended == WATCH_NO_INIT) {
		run->stop = RUN_NO_BOOT;
		text_set(&run->stop_cause, watch_cause_name(w->cause));
		text_set(&run->stop_text, w->text);
		return false;
	}
	return run->stop == RUN_GOES_ON && w->ended != WATCH_CLEAN && w->ended != WATCH_STOPPED &&
	       fold_count(b->fold) > 0;
}

/* The list of LSMs where no lane has its own: ours holds the one of the implementation. */
static char *wanted_lsm(const struct guest_opts *g, const char *own)
{
	const char *lsm = guest_lsm(g);

	/* what the kernel would choose is not known before it boots */
	return g->lsm || g->kernel->lsm ? xstrdup(*lsm ? lsm : GUEST_LSM) : lane_own(lsm, own);
}

/* What a lane adds to the kernel command line: in a boot that records, the LSM of the
 * implementation is to be left out. */
static void add_parameters(struct booting *b, struct guest_opts *g)
{
	const struct lane *lane = b->shard->lane;
	const char *more = lane->records ? b->shard->opts->catalogue->lsm_off : lane->cmdline;

	if (!more)
		return;
	b->cmdline = xasprintf("%s%s%s", g->cmdline ?: "", g->cmdline ? " " : "", more);
	g->cmdline = b->cmdline;
}

/* What a lane changes of the guest. @files has room for the recording that it gets. */
static void take_lane(struct booting *b, struct guest_opts *g, struct guest_file *files)
{
	const struct shard *s = b->shard;
	const char *own = s->opts->catalogue->lsm;
	char *wanted = wanted_lsm(g, own);
	size_t len;

	if (!s->lane) {
		/* "" is the kernel's own list */
		b->lsm = *guest_lsm(g) ? wanted : xstrdup("");
		if (b->lsm != wanted)
			free(wanted);
		g->lsm = b->lsm;
		return;
	}
	b->lsm = lane_lsm(s->lane, wanted, own);
	free(wanted);
	g->lsm = b->lsm;
	add_parameters(b, g);
	/* alike in all that compare, and fast: no outcome needs a second CPU */
	if (s->against || s->lane->records)
		g->cpus = g->cpus ? g->cpus : 1;
	if (!s->against)
		return;
	files[g->nfiles] = (struct guest_file){ .guest = "krsi/recording", .mode = 0644 };
	b->recording = recording_text(&s->against->recording, &len);
	files[g->nfiles].data = b->recording;
	files[g->nfiles].len = len;
	g->nfiles++;
}

/* Where the state of a share's first boot is kept; a later one has tests of its own to leave out.
 */
static char *warm_slot(const struct shard *s, size_t number)
{
	const char *kernel = s->opts->guest->kernel->name;
	char *slot;

	if (!s->opts->warm || number)
		return NULL;
	slot = s->lane ? xasprintf("%s-%s-%s", kernel, s->opts->impl, s->lane->name)
		       : xasprintf("%s-%s-%u", kernel, s->opts->impl, s->index);
	for (char *p = slot; *p; p++)
		if (*p == '/')
			*p = '_';
	return slot;
}

/* One boot (or two, if the first died before init). Returns 1 to go on, 0 to end, -1 on error. */
static int boot(struct shard *s, const struct guest_opts *base, size_t number)
{
	struct strs args = { 0 }, skip = { 0 };
	struct guest_opts g = *base;
	struct guest_outcome out = { 0 };
	size_t left = skip_list(&skip, s);
	char *console = log_name(s, number, "console", "log");
	char *events = log_name(s, number, "events", "jsonl");
	char *warm = warm_slot(s, number);
	struct booting b = { .shard = s, .events = fopen(events, "we") };
	struct guest_file files[MOST_FILES + 1];
	double now = proc_seconds();
	int rc = -1;

	for (size_t i = 0; i < base->nfiles && i < MOST_FILES; i++)
		files[i] = base->files[i];
	g.files = files;
	g.modules = (const char *const *)s->modules.v;
	g.nmodules = s->modules.n;
	take_lane(&b, &g, files);
	guest_args(&args, s);
	g.args = (const char *const *)args.v;
	g.nargs = args.n;
	g.skip = (const char *const *)skip.v;
	g.nskip = skip.n;
	g.console_log = console;
	g.warm = warm;
	g.on_event = on_event;
	g.on_tick = on_tick;
	g.ctx = &b;
	if (!b.events) {
		krsi_err_sys(&s->err, "%s", events);
		goto out;
	}
	/* Whoever watches the file sees each line as it comes. */
	setvbuf(b.events, NULL, _IOLBF, 0);
	ARRAY_PUSH(&s->run, boots);
	b.fold = fold_new(&s->run, (int)s->run.n_boots - 1, left, meter_watch(s->opts->meter));
	if (s->lane && s->lane->records)
		fold_record(b.fold, &s->recording);
	rc = guest_run(&g, &out, &s->err);
	if (!rc && s->started < 0)
		s->started = now + out.prepare_seconds;
	/* QEMU's own failure says nothing about the kernel. */
	if (!rc && out.watch.cause == CAUSE_QEMU)
		rc = krsi_err_set(&s->err, KRSI_EXIT_INFRA, "%s", out.watch.text);
	if (!rc) {
		settle_boot(&b, &out);
		rc = goes_on(&b, &out) ? 1 : 0;
	}
	fold_free(b.fold);
	if (fclose(b.events) && !b.events_error)
		b.events_error = errno;
	if (b.events_error && rc >= 0) {
		errno = b.events_error;
		rc = krsi_err_sys(&s->err, "%s", events);
	}
	guest_outcome_free(&out);
out:
	strs_free(&args);
	strs_free(&skip);
	free(console);
	free(events);
	free(warm);
	free(b.lsm);
	free(b.cmdline);
	free(b.recording);
	return rc < 0 ? fail(s) : rc;
}

static size_t left_over(const struct run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n_tests; i++)
		n += !run->tests[i].done;
	return n;
}

/* Why nothing can be held against what this share recorded; NULL: it can. Free with free(). */
static char *no_recording(const struct shard *s)
{
	const struct run_boot *boot = s->run.n_boots ? &s->run.boots[0] : NULL;

	if (s->failed || !boot || !boot->outcome)
		return xasprintf("it did not start");
	if (strcmp(boot->outcome, "done"))
		return xasprintf("%s", boot->reason ? boot->reason : boot->outcome);
	if (s->run.stop != RUN_GOES_ON)
		return xasprintf("%s", s->run.stop_text);
	if (s->run.faults.n)
		return xasprintf("%s", s->run.faults.v[0]);
	if (!s->recording.n_item)
		return xasprintf("it told no outcome");
	if (!s->run.lsm || lane_has(s->run.lsm, s->opts->catalogue->lsm))
		return xasprintf("%s was active in it", s->opts->catalogue->lsm);
	return NULL;
}

/* Whether the boot that this share's tests compare with came to nothing; they are then broken. */
static bool give_up(struct shard *s)
{
	char *why = s->against ? no_recording(s->against) : NULL, *reason;

	if (!why)
		return false;
	reason = xasprintf("not run: the boot %s, to compare with, gave no recording: %s",
			   s->against->lane->name, why);
	run_close(&s->run, reason);
	s->run.cut = true;
	free(reason);
	free(why);
	return true;
}

void shard_run(struct shard *s)
{
	const struct conduct_opts *o = s->opts;
	struct guest_opts g = *o->guest;
	struct run *run = &s->run;
	size_t number = 0, left;
	int more;

	if (give_up(s))
		return;
	g.progress = meter_progress(o->meter);
	if (g.silence_seconds <= 0)
		g.silence_seconds = 2 * o->timeout + GRACE_SECONDS;
	do {
		more = boot(s, &g, number);
		left = left_over(run);
		if (more > 0 && left && number < o->reboots)
			meter_say(o->meter, "the guest went down; booting again for %zu tests",
				  left);
	} while (more > 0 && left && number++ < o->reboots);
	if (!left || more < 0)
		return;
	run->cut = true;
	if (more > 0)
		run_fault(run, "the guest went down %zu times; %zu tests were not run", number + 1,
			  left);
	run_close(run, run->stop_text ? run->stop_text : "not run: the guest was gone");
}
