// SPDX-License-Identifier: GPL-2.0-only
#include "ci/replay.h"

#include <stdlib.h>
#include <string.h>

#include "ci/events.h"
#include "ci/fold.h"
#include "vm-images/lines.h"
#include "vm-images/watch.h"

/* What a stream is folded into. */
struct stage {
	struct replay *r;
	struct run run;
	struct fold *fold;
};

static void feed(const char *data, size_t len, lines_fn *fn, struct stage *s)
{
	struct lines *l = lines_new(WATCH_EVENT_LINE, fn, s);

	lines_feed(l, data, len);
	lines_end(l);
	lines_free(l);
}

/* The plan is what the stream says that it is: its number, and the tests that it starts. */
static void plan_line(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	struct stage *s = ctx;
	struct event ev;
	char *why = NULL;

	if (event_read(&ev, line, len, flaws, &why)) {
		free(why);
		return;
	}
	if (ev.kind == EVENT_SUITE_START)
		s->r->planned = (size_t)ev.planned;
	if (ev.kind == EVENT_TEST_START)
		run_add_test(&s->run, ev.id);
	event_free(&ev);
}

static void take_line(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	struct stage *s = ctx;

	fold_line(s->fold, line, len, flaws);
}

/* Which boot of its run it was is not known: "boot 1: " goes. */
static void take_faults(struct replay *r, const struct run *run)
{
	for (size_t i = 0; i < run->faults.n; i++) {
		const char *text = strstr(run->faults.v[i], ": ");

		strs_add(&r->faults, text ? text + 2 : run->faults.v[i]);
	}
}

void replay(struct replay *r, const char *data, size_t len)
{
	struct recording outcomes = { 0 };
	struct stage s = { .r = r };

	*r = (struct replay){ 0 };
	feed(data, len, plan_line, &s);
	run_sort(&s.run);
	ARRAY_PUSH(&s.run, boots);
	s.fold = fold_new(&s.run, 0, r->planned, NULL);
	fold_record(s.fold, &outcomes);
	feed(data, len, take_line, &s);
	r->ended = fold_ended(s.fold);
	fold_finish(s.fold, r->ended ? FOLD_ORDERLY : FOLD_CRASH, NULL);
	take_faults(r, &s.run);
	fold_free(s.fold);
	recording_free(&outcomes);
	run_free(&s.run);
}

void replay_free(struct replay *r)
{
	strs_free(&r->faults);
	*r = (struct replay){ 0 };
}
