// SPDX-License-Identifier: GPL-2.0-only
#include "ci/waivers.h"

#include <ctype.h>
#include <fnmatch.h>
#include <ini.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/text.h"
#include "vm-images/fs.h"

/* No file of waivers is larger; a larger one is something else. */
#define WAIVERS_MAX (1 << 20)

static const struct {
	const char *name;
	size_t offset;
	bool required;
} keys[] = {
	{ "tests", offsetof(struct waiver, tests), true },
	{ "outcomes", offsetof(struct waiver, outcomes), false },
	{ "kernels", offsetof(struct waiver, kernels), true },
	{ "implementation", offsetof(struct waiver, impl), false },
	{ "reason", offsetof(struct waiver, reason), true },
	{ "evidence", offsetof(struct waiver, evidence), true },
	{ "expires", offsetof(struct waiver, expires), true },
};

static char **field(struct waiver *w, size_t key)
{
	return (char **)((char *)w + keys[key].offset);
}

static bool is_date(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);

	return end && !*end && strlen(text) == 10;
}

struct parser {
	struct waivers *ws;
	size_t first;	 /* waiver of this file */
	char wrong[256]; /* what was wrong with the line */
};

static int take(void *data, const char *section, const char *name, const char *value)
{
	struct parser *p = data;
	struct waiver *w = p->ws->n_item > p->first ? &p->ws->item[p->ws->n_item - 1] : NULL;
	size_t key = 0;

	if (!*section) {
		snprintf(p->wrong, sizeof(p->wrong), "'%s' stands before the first [name]", name);
		return 0;
	}
	if (!w || strcmp(w->name, section)) {
		w = ARRAY_PUSH(p->ws, item);
		w->name = xstrdup(section);
	}
	while (key < ARRAY_SIZE(keys) && strcmp(keys[key].name, name))
		key++;
	if (key == ARRAY_SIZE(keys))
		snprintf(p->wrong, sizeof(p->wrong), "a waiver has no '%s'", name);
	else if (*field(w, key))
		snprintf(p->wrong, sizeof(p->wrong), "'%s' stands there twice", name);
	else if (!*value)
		snprintf(p->wrong, sizeof(p->wrong), "'%s' is empty", name);
	else if (!strcmp(name, "expires") && !is_date(value))
		snprintf(p->wrong, sizeof(p->wrong), "'%s' is no date YYYY-MM-DD", value);
	else
		*field(w, key) = text_line(value, 1000);
	return !p->wrong[0];
}

int waivers_parse(struct waivers *ws, const char *text, const char *origin, struct krsi_err *err)
{
	struct parser p = { .ws = ws, .first = ws->n_item };
	int line = ini_parse_string(text, take, &p);

	if (line) {
		waivers_free(ws);
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s:%d: %s", origin, line < 0 ? 0 : line,
				    p.wrong[0] ? p.wrong
					       : "neither [name], key = value, nor a comment");
	}
	for (size_t i = 0; i < ws->n_item; i++)
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			if (keys[k].required && !*field(&ws->item[i], k)) {
				krsi_err_set(err, KRSI_EXIT_USAGE, "%s: waiver [%s] lacks '%s'",
					     origin, ws->item[i].name, keys[k].name);
				waivers_free(ws);
				return -1;
			}
	return 0;
}

int waivers_load(struct waivers *ws, const char *path, struct krsi_err *err)
{
	size_t len;
	char *text = fs_read(path, WAIVERS_MAX, &len, err);
	int rc;

	if (!text)
		return -1;
	rc = strlen(text) == len ? waivers_parse(ws, text, path, err)
				 : krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a text file", path);
	free(text);
	return rc;
}

static bool matches(const char *patterns, const char *text)
{
	char *copy = xstrdup(patterns), *save = NULL;
	bool found = false;

	for (char *p = strtok_r(copy, ", \t", &save); p && !found;
	     p = strtok_r(NULL, ", \t", &save))
		found = !fnmatch(p, text, 0);
	free(copy);
	return found;
}

/* Whether a waiver is about a test of a kernel, whatever the day. */
static bool concerns(const struct waiver *w, const char *release, const char *impl, const char *id)
{
	return matches(w->kernels, release) && matches(w->impl ? w->impl : "bpf-lsm", impl) &&
	       matches(w->tests, id);
}

static bool has_expired(const struct waiver *w, time_t now)
{
	char today[16];
	struct tm tm;

	strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &tm));
	return strcmp(today, w->expires) > 0;
}

const struct waiver *waivers_find(const struct waivers *ws, const char *release, const char *impl,
				  const char *id, time_t now, const struct waiver **expired)
{
	for (size_t i = 0; i < ws->n_item; i++) {
		const struct waiver *w = &ws->item[i];

		if (!concerns(w, release, impl, id))
			continue;
		if (!has_expired(w, now))
			return w;
		if (expired)
			*expired = w;
	}
	return NULL;
}

/* What waivers of single outcomes make of a test, of which all that hold count. */
struct outcomes_waived {
	const char *loose;	   /* an outcome that differs and is not waived */
	const struct waiver *idle; /* waives an outcome that does not differ, ... */
	char *pattern;		   /* ... by this pattern */
};

static char *idle_pattern(const struct waiver *w, const struct strs *differs)
{
	char *copy = xstrdup(w->outcomes), *save = NULL, *found = NULL;

	for (char *p = strtok_r(copy, ", \t", &save); p && !found;
	     p = strtok_r(NULL, ", \t", &save)) {
		bool used = false;

		for (size_t i = 0; i < differs->n && !used; i++)
			used = !fnmatch(p, differs->v[i], 0);
		found = used ? NULL : xstrdup(p);
	}
	free(copy);
	return found;
}

static struct outcomes_waived weigh(const struct waivers *ws, const char *release, const char *impl,
				    const struct run_test *t, time_t now)
{
	struct outcomes_waived o = { 0 };
	char *waived = xcalloc(t->differs.n + 1, 1);

	for (size_t i = 0; i < ws->n_item; i++) {
		const struct waiver *w = &ws->item[i];

		if (!concerns(w, release, impl, t->id) || has_expired(w, now))
			continue;
		for (size_t j = 0; j < t->differs.n; j++)
			waived[j] |= !w->outcomes || matches(w->outcomes, t->differs.v[j]);
		if (w->outcomes && !o.pattern && (o.pattern = idle_pattern(w, &t->differs)))
			o.idle = w;
	}
	for (size_t j = 0; j < t->differs.n && !o.loose; j++)
		o.loose = waived[j] ? NULL : t->differs.v[j];
	/* it failed for another reason than outcomes */
	if (!t->differs.n)
		o.loose = "";
	free(waived);
	return o;
}

bool waivers_excuse(const struct waivers *ws, const char *release, const char *impl,
		    const struct run_test *t, time_t now)
{
	const struct waiver *w = waivers_find(ws, release, impl, t->id, now, NULL);
	struct outcomes_waived o;

	if (!w || t->result != RESULT_FAIL || (!w->outcomes && !t->differs.n))
		return w && t->result == RESULT_FAIL;
	o = weigh(ws, release, impl, t, now);
	free(o.pattern);
	return !o.loose && !o.idle;
}

/* A failure that a waiver is about. */
static void waive_failure(const struct waivers *ws, const struct run *run, struct run_test *t,
			  const struct waiver *w, time_t now)
{
	struct outcomes_waived o = { 0 };
	char *reason = t->reason;

	if (w->outcomes || t->differs.n)
		o = weigh(ws, run->kernel_release, run->implementation, t, now);
	if (o.loose) {
		t->reason = xasprintf("%s%s%s", reason ? reason : "",
				      *o.loose ? "; not waived: " : "", o.loose);
	} else if (o.idle) {
		t->result = RESULT_XPASS;
		t->reason = xasprintf("waiver [%s] says that %s differs, which it does not",
				      o.idle->name, o.pattern);
	} else {
		t->result = RESULT_XFAIL;
		t->reason = xasprintf("%s; known: %s", reason ? reason : "", w->reason);
	}
	free(o.pattern);
	free(reason);
}

static void waive(const struct waivers *ws, const struct run *run, struct run_test *t, time_t now)
{
	const struct waiver *old = NULL;
	const struct waiver *w =
		waivers_find(ws, run->kernel_release, run->implementation, t->id, now, &old);
	char *reason = t->reason;

	if (w && t->result == RESULT_FAIL) {
		waive_failure(ws, run, t, w, now);
		return;
	}
	if (w) {
		t->result = RESULT_XPASS;
		t->reason = xasprintf("passes although waiver [%s] says: %s", w->name, w->reason);
	} else if (old && t->result == RESULT_FAIL) {
		t->reason = xasprintf("%s (waiver [%s] expired on %s)", reason ? reason : "",
				      old->name, old->expires);
	} else {
		return;
	}
	free(reason);
}

void waivers_apply(const struct waivers *ws, struct run *run, time_t now)
{
	for (size_t i = 0; run->kernel_release && i < run->n_tests; i++)
		if (run->tests[i].result == RESULT_FAIL || run->tests[i].result == RESULT_PASS)
			waive(ws, run, &run->tests[i], now);
}

void waivers_free(struct waivers *ws)
{
	for (size_t i = 0; i < ws->n_item; i++) {
		free(ws->item[i].name);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			free(*field(&ws->item[i], k));
	}
	free(ws->item);
	*ws = (struct waivers){ 0 };
}
