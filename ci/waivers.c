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

const struct waiver *waivers_find(const struct waivers *ws, const char *release, const char *impl,
				  const char *id, time_t now, const struct waiver **expired)
{
	char today[16];
	struct tm tm;

	strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &tm));
	for (size_t i = 0; i < ws->n_item; i++) {
		const struct waiver *w = &ws->item[i];

		if (!matches(w->kernels, release) ||
		    !matches(w->impl ? w->impl : "bpf-lsm", impl) || !matches(w->tests, id))
			continue;
		if (strcmp(today, w->expires) <= 0)
			return w;
		if (expired)
			*expired = w;
	}
	return NULL;
}

static void waive(const struct waivers *ws, const struct run *run, struct run_test *t, time_t now)
{
	const struct waiver *old = NULL;
	const struct waiver *w =
		waivers_find(ws, run->kernel_release, run->implementation, t->id, now, &old);
	char *reason = t->reason;

	if (w && t->result == RESULT_FAIL) {
		t->result = RESULT_XFAIL;
		t->reason = xasprintf("%s; known: %s", reason ? reason : "", w->reason);
	} else if (w) {
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
