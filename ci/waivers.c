// SPDX-License-Identifier: GPL-2.0-only
#include "ci/waivers.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/conf.h"
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
	{ "defect", offsetof(struct waiver, defect), false },
	{ "url", offsetof(struct waiver, url), false },
	{ "expires", offsetof(struct waiver, expires), true },
	{ "withdrawn", offsetof(struct waiver, withdrawn), false },
};

static char **field(struct waiver *w, size_t key)
{
	return (char **)((char *)w + keys[key].offset);
}

static bool is_date(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	char again[16] = "";

	/* a day that no month has comes back as one of the next */
	if (end && !*end && timegm(&tm) != (time_t)-1)
		strftime(again, sizeof(again), "%Y-%m-%d", &tm);
	return !strcmp(text, again);
}

static bool is_url(const char *text)
{
	return (!strncmp(text, "https://", 8) || !strncmp(text, "http://", 7)) &&
	       !strpbrk(text, " \t");
}

struct parser {
	struct waivers *ws;
	size_t first; /* waiver of this file */
	const char *origin;
	struct conf conf;
};

/* Has this layer a waiver of that name already? A second would outlive what replaces the first. */
static bool is_there(const struct parser *p, const char *name)
{
	for (size_t i = p->first; i < p->ws->n_item; i++)
		if (!strcmp(p->ws->item[i].name, name))
			return true;
	return false;
}

static int take(void *data, const char *section, const char *name, const char *value)
{
	struct parser *p = data;
	struct waiver *w = p->ws->n_item > p->first ? &p->ws->item[p->ws->n_item - 1] : NULL;
	size_t key = 0;

	if (!*section) {
		snprintf(p->conf.wrong, sizeof(p->conf.wrong),
			 "'%s' stands before the first [name]", name);
		return 0;
	}
	if (!w || strcmp(w->name, section)) {
		if (is_there(p, section)) {
			snprintf(p->conf.wrong, sizeof(p->conf.wrong), "[%s] is there twice",
				 section);
			return 0;
		}
		w = ARRAY_PUSH(p->ws, item);
		w->name = xstrdup(section);
		w->origin = xstrdup(p->origin);
	}
	while (key < ARRAY_SIZE(keys) && strcmp(keys[key].name, name))
		key++;
	if (key == ARRAY_SIZE(keys))
		snprintf(p->conf.wrong, sizeof(p->conf.wrong), "a waiver has no '%s'", name);
	else if (*field(w, key))
		snprintf(p->conf.wrong, sizeof(p->conf.wrong), "'%s' stands there twice", name);
	else if (!*value)
		snprintf(p->conf.wrong, sizeof(p->conf.wrong), "'%s' is empty", name);
	else if (!strcmp(name, "expires") && !is_date(value))
		snprintf(p->conf.wrong, sizeof(p->conf.wrong), "'%s' is no date YYYY-MM-DD", value);
	else if (!strcmp(name, "url") && !is_url(value))
		snprintf(p->conf.wrong, sizeof(p->conf.wrong), "'%s' is no http:// or https:// URL",
			 value);
	else
		*field(w, key) = text_line(value, 1000);
	return !p->conf.wrong[0];
}

static void free_item(struct waiver *w)
{
	free(w->name);
	free(w->origin);
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		free(*field(w, k));
}

static void drop(struct waivers *ws, size_t i)
{
	free_item(&ws->item[i]);
	ws->n_item--;
	memmove(&ws->item[i], &ws->item[i + 1], (ws->n_item - i) * sizeof(*ws->item));
}

/* What is wrong with a whole waiver; NULL: nothing. */
static const char *lacks(const struct waiver *w)
{
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		const char *value = *field((struct waiver *)w, k);

		if (w->withdrawn && value && value != w->withdrawn)
			return "is withdrawn, and yet says more";
		if (!w->withdrawn && keys[k].required && !value)
			return keys[k].name;
	}
	return NULL;
}

/* The waivers from @first on are of a later layer: they replace and withdraw. */
static int settle_layer(struct waivers *ws, size_t first, const char *origin, struct krsi_err *err)
{
	for (size_t i = first; i < ws->n_item;) {
		size_t old = 0;

		while (old < first && strcmp(ws->item[old].name, ws->item[i].name))
			old++;
		if (ws->item[i].withdrawn && old == first)
			return krsi_err_set(err, KRSI_EXIT_USAGE,
					    "%s: withdraws [%s], which no earlier layer has",
					    origin, ws->item[i].name);
		if (old == first) {
			i++;
			continue;
		}
		if (ws->item[i].withdrawn)
			drop(ws, i);
		else
			i++;
		drop(ws, old);
		first--;
		i--;
	}
	return 0;
}

int waivers_parse(struct waivers *ws, const char *text, const char *origin, struct krsi_err *err)
{
	struct parser p = { .ws = ws,
			    .first = ws->n_item,
			    .origin = origin,
			    .conf = { .take = take, .data = &p, .what = "waiver" } };

	if (conf_parse(&p.conf, text, origin, err)) {
		waivers_free(ws);
		return -1;
	}
	for (size_t i = p.first; i < ws->n_item; i++) {
		const char *what = lacks(&ws->item[i]);

		if (!what)
			continue;
		krsi_err_set(err, KRSI_EXIT_USAGE,
			     ws->item[i].withdrawn ? "%s: waiver [%s] %s"
						   : "%s: waiver [%s] lacks '%s'",
			     origin, ws->item[i].name, what);
		waivers_free(ws);
		return -1;
	}
	if (settle_layer(ws, p.first, origin, err)) {
		waivers_free(ws);
		return -1;
	}
	strs_add(&ws->files, origin);
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

/* FILE.conf and "x86_64" are FILE.x86_64.conf; NULL: the name has no such form. */
static char *beside(const char *path, const char *machine)
{
	size_t len = strlen(path);

	if (!machine || len < 6 || strcmp(path + len - 5, ".conf"))
		return NULL;
	return xasprintf("%.*s.%s.conf", (int)(len - 5), path, machine);
}

static char *site_file(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;

	if (xdg && *xdg == '/')
		path = xasprintf("%s/krsi/waivers.conf", xdg);
	else if (home && *home)
		path = xasprintf("%s/.config/krsi/waivers.conf", home);
	if (path && fs_exists(path))
		return path;
	free(path);
	return xstrdup("/etc/krsi/waivers.conf");
}

static int load_if_there(struct waivers *ws, char *path, struct krsi_err *err)
{
	int rc = path && fs_exists(path) ? waivers_load(ws, path, err) : 0;

	free(path);
	return rc;
}

int waivers_load_layers(struct waivers *ws, const struct strs *paths, const char *machine,
			struct krsi_err *err)
{
	for (size_t i = 0; i < paths->n; i++)
		if (waivers_load(ws, paths->v[i], err) ||
		    load_if_there(ws, beside(paths->v[i], machine), err))
			return -1;
	return paths->n ? load_if_there(ws, site_file(), err) : 0;
}

bool waivers_match(const char *patterns, const char *text)
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
	return waivers_match(w->kernels, release) &&
	       waivers_match(w->impl ? w->impl : "bpf-lsm", impl) && waivers_match(w->tests, id);
}

bool waivers_expired(const struct waiver *w, time_t now)
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
		if (!waivers_expired(w, now))
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

		if (!concerns(w, release, impl, t->id) || waivers_expired(w, now))
			continue;
		for (size_t j = 0; j < t->differs.n; j++)
			waived[j] |= !w->outcomes || waivers_match(w->outcomes, t->differs.v[j]);
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

/* All that excuse it, by name: for who asks later which are of use. */
static void name_waivers(const struct waivers *ws, const struct run *run, struct run_test *t,
			 time_t now)
{
	for (size_t i = 0; i < ws->n_item; i++)
		if (concerns(&ws->item[i], run->kernel_release, run->implementation, t->id) &&
		    !waivers_expired(&ws->item[i], now))
			strs_add(&t->waivers, ws->item[i].name);
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
		t->reason = xasprintf("%s; known: %s%s%s%s", reason ? reason : "", w->reason,
				      w->url ? " (" : "", w->url ?: "", w->url ? ")" : "");
		name_waivers(ws, run, t, now);
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

/* A pattern of @w that is the name of no test; free(). */
static char *about_nothing(const struct waiver *w, const struct catalogue *c)
{
	char *copy = xstrdup(w->tests), *save = NULL, *found = NULL;

	for (char *p = strtok_r(copy, ", \t", &save); p && !found;
	     p = strtok_r(NULL, ", \t", &save)) {
		bool any = false;

		for (size_t i = 0; i < c->n_tests && !any; i++)
			any = !fnmatch(p, c->tests[i].id, 0);
		found = any ? NULL : xstrdup(p);
	}
	free(copy);
	return found;
}

static bool concerns_any(const struct waiver *w, const struct run *run)
{
	for (size_t i = 0; run->kernel_release && i < run->n_tests; i++)
		if (concerns(w, run->kernel_release, run->implementation, run->tests[i].id))
			return true;
	return false;
}

void waivers_check(const struct waivers *ws, struct run *run, const struct catalogue *c, time_t now)
{
	strs_copy(&run->waiver_files, &ws->files);
	for (size_t i = 0; i < ws->n_item; i++) {
		const struct waiver *w = &ws->item[i];
		char *pattern = about_nothing(w, c);

		if (pattern)
			strs_take(&run->stale, xasprintf("waiver [%s] of %s is about %s, which is "
							 "the name of no test",
							 w->name, w->origin, pattern));
		else if (waivers_expired(w, now) && concerns_any(w, run))
			strs_take(&run->stale,
				  xasprintf("waiver [%s] of %s expired on %s: renew it or drop it",
					    w->name, w->origin, w->expires));
		free(pattern);
	}
}

void waivers_free(struct waivers *ws)
{
	for (size_t i = 0; i < ws->n_item; i++)
		free_item(&ws->item[i]);
	strs_free(&ws->files);
	free(ws->item);
	*ws = (struct waivers){ 0 };
}
