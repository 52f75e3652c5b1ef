// SPDX-License-Identifier: GPL-2.0-only
#include "ci/fold.h"

#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/text.h"
#include "vm-images/lines.h"

/* Kernels have less than 300; a guest that reports more is not to be believed. */
#define MOST_HOOKS 2000

enum phase { BEFORE, RUNNING, OVER };

struct fold {
	struct run *run;
	const struct fold_watch *watch;
	int boot;
	size_t expect;
	enum phase phase;
	long long next_seq;
	long long totals[RESULT_COUNT];
	size_t ended;
	size_t lines;
	size_t bytes;
	bool cut; /* the last line has no newline */
	bool flood_told;
	size_t faults;
	struct run_test *current;
	struct recording *recording; /* NULL: this boot is not to record */
};

/* Many faults of one stream have one cause: the first few tell it. */
#define MOST_FAULTS 20

/* A fault of this stream. */
#define FAULT(f, fmt, ...)                                                                         \
	do {                                                                                       \
		if ((f)->faults++ < MOST_FAULTS)                                                   \
			run_fault((f)->run, "boot %d: " fmt, (f)->boot + 1, ##__VA_ARGS__);        \
	} while (0)

static void settle(struct fold *f, struct run_test *t, enum result result, const char *reason)
{
	t->done = true;
	t->result = result;
	t->boot = f->boot;
	if (reason)
		text_set(&t->reason, reason);
	f->ended++;
	f->current = NULL;
	if (f->watch && f->watch->end)
		f->watch->end(f->watch->arg, t);
}

/* Boots of one run must tell the same story about who and what. */
static void set_or_compare(struct fold *f, char **slot, const char *value, const char *what)
{
	if (*slot && value && strcmp(*slot, value))
		FAULT(f, "%s is \"%s\" now and was \"%s\"", what, value, *slot);
	else if (!*slot)
		text_set(slot, value);
}

/* An adapter may call itself otherwise than it was asked for: then both names are told. */
static char *say_who(const struct run *run, const struct event *ev)
{
	const char *version = ev->impl_version ? ev->impl_version : "";

	if (run->implementation && !strcmp(run->implementation, ev->implementation))
		return xstrdup(version);
	return xasprintf("%s %s", ev->implementation, version);
}

static void on_suite_start(struct fold *f, const struct event *ev)
{
	struct run *run = f->run;
	char *impl;

	if (f->phase != BEFORE) {
		FAULT(f, "suite-start came twice");
		return;
	}
	f->phase = RUNNING;
	if (ev->planned != (long long)f->expect)
		FAULT(f, "the guest plans %lld tests, %zu were asked for", ev->planned, f->expect);
	set_or_compare(f, &run->suite_version, ev->suite_version, "the suite's version");
	set_or_compare(f, &run->suite_commit, ev->suite_commit, "the suite's commit");
	set_or_compare(f, &run->kernel_release, ev->kernel_release, "the kernel's release");
	set_or_compare(f, &run->kernel_version, ev->kernel_version, "the kernel's version");
	set_or_compare(f, &run->kernel_machine, ev->kernel_machine, "the machine");
	set_or_compare(f, &run->kernel_cmdline, ev->kernel_cmdline, "the command line");
	set_or_compare(f, &run->lsm, ev->lsm, "the list of active LSMs");
	impl = say_who(run, ev);
	set_or_compare(f, &run->impl_version, impl, "the implementation");
	free(impl);
	run->suite_dirty = run->suite_dirty || ev->suite_dirty;
	run->seed = ev->seed;
	if (!run->capabilities.n)
		for (size_t i = 0; i < ev->capabilities.n; i++)
			strs_add(&run->capabilities, ev->capabilities.v[i]);
	if (f->watch && f->watch->suite)
		f->watch->suite(f->watch->arg, ev);
}

static void on_hook(struct fold *f, const struct event *ev)
{
	struct run_hook *h = run_hook_find(f->run, ev->name);

	if (h && h->boot == f->boot) {
		FAULT(f, "hook %s came twice", ev->name);
		return;
	}
	if (!h && f->run->n_hooks >= MOST_HOOKS) {
		FAULT(f, "more than %d hooks", MOST_HOOKS);
		return;
	}
	if (h && (h->attachable != ev->attachable || h->sleepable != ev->sleepable))
		FAULT(f, "hook %s has other properties than in the boot before", ev->name);
	h = run_hook_add(f->run, ev->name);
	run_hook_reach(h, ev->unreachable, ev->untriggered);
	text_set(&h->ret, ev->ret);
	h->attachable = ev->attachable;
	h->sleepable = ev->sleepable;
	h->covered = ev->covered;
	h->boot = f->boot;
}

static void on_program(struct fold *f, const struct event *ev)
{
	struct run_hook *h = run_hook_find(f->run, ev->name);

	if (!h || h->boot != f->boot)
		FAULT(f, "a program is on hook %s, which did not come", ev->name);
	else if (cost_known(&h->cost) && memcmp(&h->cost, &ev->cost, sizeof(h->cost)))
		run_note(f->run, "hook %s: its program had other counts before", ev->name);
	else
		h->cost = ev->cost;
}

static void lost_end(struct fold *f)
{
	if (!f->current)
		return;
	FAULT(f, "test %s has a start and no end", f->current->id);
	settle(f, f->current, RESULT_BROKEN, "its end never came: the event stream lost it");
}

static void on_test_start(struct fold *f, const struct event *ev)
{
	struct run_test *t = run_test_find(f->run, ev->id);

	lost_end(f);
	if (!t)
		FAULT(f, "test %s was not asked for", ev->id);
	else if (t->done)
		FAULT(f, "test %s came twice", ev->id);
	else
		f->current = t;
	if (f->current && f->watch && f->watch->start)
		f->watch->start(f->watch->arg, t->id);
}

static void on_test_end(struct fold *f, const struct event *ev)
{
	struct run_test *t = f->current;

	if (!t || strcmp(t->id, ev->id)) {
		FAULT(f, "test %s has an end and no start", ev->id);
		return;
	}
	f->totals[ev->result]++;
	t->seconds = ev->seconds;
	text_set(&t->expected, ev->expected);
	text_set(&t->got, ev->got);
	strs_copy(&t->differs, &ev->differs);
	text_set(&t->reason, ev->reason);
	/* A verdict that a reader cannot follow up is no verdict. */
	if (ev->result != RESULT_PASS && (!ev->reason || !*ev->reason))
		FAULT(f, "test %s ended as %s and gives no reason", ev->id,
		      result_name(ev->result));
	/* The plan knows them already, unless it was made without a catalogue. */
	if (!t->requirements.n)
		strs_copy(&t->requirements, &ev->requirements);
	settle(f, t, ev->result, NULL);
}

static void on_note(struct fold *f, const struct event *ev)
{
	run_note(f->run, "%s%s%s", ev->id ? ev->id : "", ev->id ? ": " : "", ev->text);
}

static void on_outcome(struct fold *f, const struct event *ev)
{
	const char *wrong = f->recording ? recording_add(f->recording, ev->id, ev->value)
					 : "this boot was not asked to record";

	if (wrong)
		FAULT(f, "outcome %s: %s", ev->id, wrong);
}

static void on_fatal(struct fold *f, const struct event *ev)
{
	static const char *const kernel[] = { "no-btf", "no-bpf-lsm", "lsm-order" };
	struct run *run = f->run;

	lost_end(f);
	f->phase = OVER;
	run->stop = RUN_FATAL;
	for (size_t i = 0; i < sizeof(kernel) / sizeof(*kernel); i++)
		if (!strcmp(ev->cause, kernel[i]))
			run->stop = RUN_KERNEL_LACKS;
	text_set(&run->stop_cause, ev->cause);
	text_set(&run->stop_text, ev->text);
}

static void on_suite_end(struct fold *f, const struct event *ev)
{
	lost_end(f);
	f->phase = OVER;
	for (int i = 0; i < RESULT_COUNT; i++)
		if (ev->totals[i] != f->totals[i])
			FAULT(f, "the guest counts %lld %s, %lld came", ev->totals[i],
			      result_name(i), f->totals[i]);
	if (f->ended != f->expect)
		FAULT(f, "%zu tests were asked for, %zu came", f->expect, f->ended);
}

static void on_unknown(struct fold *f, const struct event *ev)
{
	run_note(f->run, "the guest sent an event that this version does not know: %s", ev->text);
}

/*
 * Which phases an event may come in. A fatal may be the first word: without what it needs the
 * suite has no suite-start to give.
 */
static const struct {
	void (*handle)(struct fold *f, const struct event *ev);
	bool before;
} handlers[] = {
	[EVENT_SUITE_START] = { on_suite_start, true },
	[EVENT_HOOK] = { on_hook, false },
	[EVENT_PROGRAM] = { on_program, false },
	[EVENT_TEST_START] = { on_test_start, false },
	[EVENT_TEST_END] = { on_test_end, false },
	[EVENT_NOTE] = { on_note, true },
	[EVENT_OUTCOME] = { on_outcome, false },
	[EVENT_FATAL] = { on_fatal, true },
	[EVENT_SUITE_END] = { on_suite_end, false },
	[EVENT_UNKNOWN] = { on_unknown, true },
};

static void take(struct fold *f, const struct event *ev)
{
	if (ev->seq != f->next_seq)
		FAULT(f, "event line %lld comes where %lld should: lines were lost or doubled",
		      ev->seq, f->next_seq);
	f->next_seq = ev->seq + 1;
	if (f->phase == OVER)
		FAULT(f, "events go on after the end of the suite");
	else if (f->phase == BEFORE && !handlers[ev->kind].before)
		FAULT(f, "events before suite-start");
	else
		handlers[ev->kind].handle(f, ev);
}

struct fold *fold_new(struct run *run, int boot, size_t expect, const struct fold_watch *watch)
{
	struct fold *f = xcalloc(1, sizeof(*f));

	f->run = run;
	f->boot = boot;
	f->expect = expect;
	f->watch = watch;
	return f;
}

void fold_record(struct fold *f, struct recording *r)
{
	f->recording = r;
}

void fold_line(struct fold *f, const char *line, size_t len, unsigned int flaws)
{
	struct event ev;
	char *why;

	f->lines++;
	f->bytes += len + 1;
	if (fold_flooded(f)) {
		if (!f->flood_told)
			run_fault(
				f->run,
				"boot %d: the event stream is over %lu MiB long; the rest was not "
				"read",
				f->boot + 1, FOLD_STREAM_MAX >> 20);
		f->flood_told = true;
		return;
	}
	/* Whether an unfinished line is anyone's fault is known when the boot is over. */
	if (flaws & LINE_CUT) {
		f->cut = true;
		return;
	}
	if (!event_read(&ev, line, len, flaws, &why)) {
		take(f, &ev);
		event_free(&ev);
		return;
	}
	FAULT(f, "event line %zu: %s", f->lines, why);
	free(why);
	/* The line had a number too: do not report its loss a second time. */
	f->next_seq++;
}

const char *fold_finish(struct fold *f, enum fold_end how, const char *reason)
{
	static const enum result results[] = {
		[FOLD_ORDERLY] = RESULT_BROKEN,
		[FOLD_CRASH] = RESULT_CRASH,
		[FOLD_HANG] = RESULT_TIMEOUT,
		[FOLD_STOPPED] = RESULT_BROKEN,
	};
	const char *id = NULL;

	if (how == FOLD_ORDERLY && f->cut)
		FAULT(f, "the last event line is cut off");
	if (how == FOLD_ORDERLY && f->phase == BEFORE)
		FAULT(f, "the suite said nothing");
	else if (how == FOLD_ORDERLY && f->phase != OVER)
		FAULT(f, "the stream stops before suite-end, %zu of %zu tests came", f->ended,
		      f->expect);
	if (f->current) {
		id = f->current->id;
		settle(f, f->current, results[how], reason);
	}
	if (f->faults > MOST_FAULTS)
		run_fault(f->run, "boot %d: %zu more of these", f->boot + 1,
			  f->faults - MOST_FAULTS);
	f->run->boots[f->boot].tests = f->ended;
	return id;
}

const char *fold_current(const struct fold *f)
{
	return f->current ? f->current->id : NULL;
}

bool fold_started(const struct fold *f)
{
	return f->phase != BEFORE;
}

bool fold_ended(const struct fold *f)
{
	return f->phase == OVER;
}

bool fold_flooded(const struct fold *f)
{
	return f->bytes > FOLD_STREAM_MAX;
}

size_t fold_count(const struct fold *f)
{
	return f->ended;
}

void fold_free(struct fold *f)
{
	free(f);
}
