// SPDX-License-Identifier: GPL-2.0-only
/* Whether a submission is whole and says the same everywhere. */
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/events.h"
#include "ci/package.h"
#include "ci/replay.h"
#include "ci/results.h"
#include "ci/text.h"

/* A forger is told enough after so many. */
#define MOST_WRONG 20

__attribute__((format(printf, 2, 3))) static void say(struct strs *wrong, const char *fmt, ...)
{
	va_list ap;
	char *raw, *line;

	if (wrong->n >= MOST_WRONG)
		return;
	va_start(ap, fmt);
	raw = text_vprintf(fmt, ap);
	va_end(ap);
	line = text_line(raw, 500);
	strs_take(wrong, line);
	free(raw);
}

static void check_manifest(const struct package *p, struct strs *wrong)
{
	const struct package_file *f = package_file(p, "manifest");
	size_t len;
	char *right = package_manifest(p, &len);

	if (!f)
		say(wrong, "there is no manifest");
	else if (f->len != len || memcmp(f->data, right, len))
		say(wrong,
		    "the manifest is not that of these files: one was changed, added or removed");
	free(right);
}

/* Whether the line is still that of the template. */
static bool left_as_is(const char *line)
{
	size_t len = strcspn(line, "\n");

	for (const char *t = package_template; t; t = strchr(t, '\n')) {
		t += *t == '\n';
		if (strcspn(t, "\n") == len && !strncmp(t, line, len))
			return true;
	}
	return false;
}

static void check_statement(const struct package *p, struct strs *wrong)
{
	static const char *const fields[] = { "Submitter:", "Contact:", "Implementation:",
					      "Statement:" };
	const struct package_file *f = package_file(p, "statement.txt");

	if (!f) {
		say(wrong, "there is no statement.txt");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *at = strstr(f->data, fields[i]);

		if (!at || (at != f->data && at[-1] != '\n'))
			say(wrong, "statement.txt has no line '%s'", fields[i]);
		else if (strcmp(fields[i], "Statement:") && left_as_is(at))
			say(wrong, "statement.txt: '%s' is not filled in", fields[i]);
	}
}

/* ---- the events, which are the source of the results ------------------------------------------
 */

/* What the events say of a test. */
struct told {
	char *id; /* first member: sorted by it */
	enum result result;
	bool twice;
};

struct witness {
	struct told *told;
	size_t n_told;
	size_t cap_told;
};

static struct told *told_of(const struct witness *w, const char *id)
{
	for (size_t lo = 0, hi = w->n_told; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = strcmp(w->told[mid].id, id);

		if (!cmp)
			return &w->told[mid];
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static void hear_line(struct witness *w, const char *line, size_t len)
{
	struct event ev;
	char *why = NULL;

	if (event_read(&ev, line, len, 0, &why)) {
		free(why);
		return;
	}
	if (ev.kind == EVENT_TEST_END) {
		struct told *t = ARRAY_PUSH(w, told);

		*t = (struct told){ .id = xstrdup(ev.id), .result = ev.result };
	}
	event_free(&ev);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct told *)a)->id, ((const struct told *)b)->id);
}

static bool is_events(const char *name)
{
	return !fnmatch("events*.jsonl", name, 0);
}

/* Of a second try, also in a part: events-retry*, events-part2-retry*. */
static bool is_second(const char *name)
{
	return strstr(name, "-retry") != NULL;
}

/* A second try is not what counts. */
static void hear(struct witness *w, const struct package *p)
{
	for (size_t i = 0; i < p->n_file; i++) {
		const struct package_file *f = &p->file[i];

		if (!is_events(f->name) || is_second(f->name))
			continue;
		for (const char *l = f->data, *end = f->data + f->len; l < end;) {
			const char *nl = memchr(l, '\n', (size_t)(end - l));
			size_t len = nl ? (size_t)(nl - l) : (size_t)(end - l);

			hear_line(w, l, len);
			l += len + 1;
		}
	}
	if (w->n_told)
		qsort(w->told, w->n_told, sizeof(*w->told), by_id);
	for (size_t i = 1; i < w->n_told; i++)
		if (!strcmp(w->told[i].id, w->told[i - 1].id))
			w->told[i].twice = w->told[i - 1].twice = true;
}

/* Whether a result can have come of what the events say: the host turns only some into others. */
static bool agrees(enum result result, const struct told *t)
{
	switch (result) {
	case RESULT_PASS:
	case RESULT_XPASS:
		return t && !t->twice &&
		       (t->result == RESULT_PASS ||
			(result == RESULT_XPASS && t->result == RESULT_FAIL));
	case RESULT_FAIL:
	case RESULT_XFAIL:
		return t && t->result == RESULT_FAIL;
	case RESULT_SKIP:
		return t && !t->twice && t->result == RESULT_SKIP;
	case RESULT_TIMEOUT:
		return !t || t->result == RESULT_TIMEOUT;
	default:
		return true;
	}
}

static void check_events(const struct package *p, const struct run *run, struct strs *wrong)
{
	struct witness w = { 0 };

	hear(&w, p);
	if (!w.n_told)
		say(wrong, "the events tell no result");
	for (size_t i = 0; i < run->n_tests && w.n_told; i++) {
		const struct run_test *t = &run->tests[i];
		const struct told *told = told_of(&w, t->id);

		if (!agrees(t->result, told))
			say(wrong, "%s is %s in results.json, and %s in the events", t->id,
			    result_name(t->result), told ? result_name(told->result) : "not there");
	}
	for (size_t i = 0; i < w.n_told; i++)
		if (!run_test_find(run, w.told[i].id))
			say(wrong, "%s is in the events and not in results.json", w.told[i].id);
	for (size_t i = 0; i < w.n_told; i++)
		free(w.told[i].id);
	free(w.told);
}

/* Of a guest that was started again for what was left: events-2.jsonl, events-job2-3.jsonl. */
static bool is_rest(const char *name)
{
	const char *number = strrchr(name, '-');

	return number && !strcmp(number + 1 + strspn(number + 1, "0123456789"), ".jsonl");
}

/*
 * Each stream is whole in itself, or breaks off where a guest went down; and what was planned is in
 * the results. A test that is in none of them cannot be told by looking at results alone.
 */
static void check_streams(const struct package *p, const struct run *run, struct strs *wrong)
{
	size_t planned = 0, ended = 0, done = 0;

	for (size_t i = 0; i < p->n_file; i++) {
		const struct package_file *f = &p->file[i];
		struct replay r;

		if (!is_events(f->name))
			continue;
		replay(&r, f->data, f->len);
		for (size_t j = 0; j < r.faults.n; j++)
			say(wrong, "%s: %s", f->name, r.faults.v[j]);
		planned += is_second(f->name) || is_rest(f->name) ? 0 : r.planned;
		ended += r.ended;
		replay_free(&r);
	}
	for (size_t i = 0; i < run->n_boots; i++)
		done += !strcmp(run->boots[i].outcome, "done");
	if (ended < done)
		say(wrong, "%zu boots ended in order, and the events of %zu", done, ended);
	/* a guest that was not started could not plan */
	if (planned != run->n_tests && !run->cut)
		say(wrong, "the guests planned %zu tests, and results.json has %zu", planned,
		    run->n_tests);
}

/* ---- the results ------------------------------------------------------------------------------
 */

static void check_whole(const struct run *run, bool partial, struct strs *wrong)
{
	if (run->stop != RUN_GOES_ON)
		say(wrong, "the kernel could not be judged: %s",
		    run->stop_text ? run->stop_text : "it did not boot");
	if (run->parts)
		say(wrong, "it is part %u of %u; krsi merge makes a whole of them", run->part,
		    run->parts);
	if (run->cut)
		say(wrong, "not everything that was planned was run");
	for (size_t i = 0; i < run->faults.n; i++)
		say(wrong, "the run itself went wrong: %s", run->faults.v[i]);
	if (run->suite_dirty)
		say(wrong, "the suite was built from a changed tree");
	if (!partial && (!run->selection || strcmp(run->selection, "*")))
		say(wrong, "only these tests were run: %s", run->selection ? run->selection : "?");
}

/* Whether all that @file says is said by @again: what this version tells besides is no lie. */
static bool within(const json_t *file, const json_t *again)
{
	const json_t *v;
	const char *key;
	size_t i;

	if (json_is_object(file) && json_is_object(again)) {
		json_object_foreach((json_t *)file, key, v)
			if (!within(v, json_object_get(again, key)))
				return false;
		return true;
	}
	if (!json_is_array(file) || !json_is_array(again))
		return json_equal(file, again);
	json_array_foreach(file, i, v)
		if (!within(v, json_array_get(again, i)))
			return false;
	return json_array_size(file) == json_array_size(again);
}

/* Totals, verdict and what is said of hooks follow from the tests: it is made again, and compared.
 */
static bool consistent(const struct package_file *f, const struct run *run)
{
	size_t len;
	char *text = results_format(run, &len);
	json_t *again = json_loadb(text, len, 0, NULL),
	       *file = json_loadb(f->data, f->len, 0, NULL);
	bool same = file && again && within(file, again);

	json_decref(file);
	json_decref(again);
	free(text);
	return same;
}

/* As many logs as boots: what is missing may be what should not be seen. */
static void check_logs(const struct package *p, const struct run *run, struct strs *wrong)
{
	size_t console = 0, events = 0;

	for (size_t i = 0; i < p->n_file; i++) {
		console += !fnmatch("console*.log", p->file[i].name, 0);
		events += is_events(p->file[i].name);
	}
	if (console < run->n_boots || events < run->n_boots)
		say(wrong, "%zu boots, and logs of %zu (console) and %zu (events)", run->n_boots,
		    console, events);
}

void package_check(const struct package *p, bool partial, struct run *run, struct strs *wrong)
{
	const struct package_file *f = package_file(p, "results.json");
	struct krsi_err err = { 0 };

	check_manifest(p, wrong);
	check_statement(p, wrong);
	if (!f) {
		say(wrong, "there is no results.json");
		return;
	}
	if (results_parse(run, f->data, f->len, "results.json", &err)) {
		say(wrong, "%s", err.text);
		return;
	}
	if (!consistent(f, run))
		say(wrong, "results.json contradicts itself, or is of a later version of krsi");
	check_whole(run, partial, wrong);
	check_logs(p, run, wrong);
	check_events(p, run, wrong);
	check_streams(p, run, wrong);
}
