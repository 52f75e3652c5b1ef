// SPDX-License-Identifier: GPL-2.0-only
#include "ci/results.h"

#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/results_keys.h"
#include "ci/text.h"
#include "vm-images/fs.h"

#define MOST_BYTES (256u << 20)
#define LONGEST	   RUN_SPLAT_MAX

/* Reading one file: what to call it, and where to put the first complaint. */
struct reading {
	const char *what;
	struct krsi_err *err;
	bool bad;
};

__attribute__((format(printf, 2, 3))) static void bad(struct reading *r, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (r->bad)
		return;
	r->bad = true;
	va_start(ap, fmt);
	text = text_vprintf(fmt, ap);
	va_end(ap);
	krsi_err_set(r->err, KRSI_EXIT_USAGE, "%s: %s; give a results.json that `krsi test` wrote",
		     r->what, text);
	free(text);
}

static char *get_text(struct reading *r, const json_t *obj, const char *key, bool must)
{
	const json_t *v = json_object_get(obj, key);

	if (!v || json_is_null(v)) {
		if (must)
			bad(r, "\"%s\" is missing", key);
		return must ? xstrdup("") : NULL;
	}
	if (!json_is_string(v)) {
		bad(r, "\"%s\" is no string", key);
		return must ? xstrdup("") : NULL;
	}
	return text_clean(json_string_value(v), json_string_length(v), LONGEST);
}

/* A text that stands in the middle of a line wherever it is told. */
static char *get_line(struct reading *r, const json_t *obj, const char *key)
{
	char *text = get_text(r, obj, key, false), *line = text ? text_line(text, SIZE_MAX) : NULL;

	free(text);
	return line;
}

static char *get_name(struct reading *r, const json_t *obj, const char *key)
{
	char *name = get_text(r, obj, key, true);

	if (!text_id_ok(name))
		bad(r, "\"%s\" holds no well-formed name: %.40s", key, name);
	return name;
}

static bool get_bool(struct reading *r, const json_t *obj, const char *key)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_boolean(v))
		bad(r, "\"%s\" is missing, or neither true nor false", key);
	return json_is_true(v);
}

static double get_number(struct reading *r, const json_t *obj, const char *key)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_number(v) || !(json_number_value(v) >= -1 && json_number_value(v) < 1e9))
		bad(r, "\"%s\" is missing, or no number of seconds", key);
	return json_number_value(v);
}

static long long get_int(struct reading *r, const json_t *obj, const char *key, long long least)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_integer(v) || json_integer_value(v) < least)
		bad(r, "\"%s\" is missing, or no whole number from %lld on", key, least);
	return json_integer_value(v);
}

static int get_boot(struct reading *r, const json_t *obj, const char *key)
{
	long long n = get_int(r, obj, key, -1);

	if (n >= INT_MAX)
		bad(r, "\"%s\" is no number of a boot", key);
	return (int)n;
}

static void get_strings(struct reading *r, const json_t *obj, const char *key, struct strs *out)
{
	const json_t *list = json_object_get(obj, key), *v;
	size_t i;

	if (!json_is_array(list))
		bad(r, "\"%s\" is missing, or no list", key);
	json_array_foreach(list, i, v) {
		char *s;

		if (!json_is_string(v)) {
			bad(r, "\"%s\" holds something that is no string", key);
			return;
		}
		s = text_line(json_string_value(v), LONGEST);
		strs_add(out, s);
		free(s);
	}
}

static void read_second(struct reading *r, struct run_test *t, const json_t *obj)
{
	char *result;

	if (!obj)
		return;
	result = get_text(r, obj, "result", true);
	if (result_parse(result, &t->second))
		bad(r, "the second try of %s has an unknown result: %.40s", t->id, result);
	t->second_reason = get_text(r, obj, "reason", false);
	t->retried = true;
	free(result);
}

static void read_test(struct reading *r, struct run *run, const json_t *obj)
{
	char *id = get_name(r, obj, "id"), *result = get_text(r, obj, "result", true);
	struct run_test *t = run_add_test(run, id);

	if (result_parse(result, &t->result))
		bad(r, "test %s has an unknown result: %.40s", id, result);
	t->done = true;
	t->summary = get_text(r, obj, "summary", false);
	get_strings(r, obj, "requirements", &t->requirements);
	t->seconds = get_number(r, obj, "seconds");
	t->reason = get_text(r, obj, "reason", false);
	t->expected = get_text(r, obj, "expected", false);
	t->got = get_text(r, obj, "got", false);
	t->boot = get_boot(r, obj, "boot");
	if (json_object_get(obj, "differs"))
		get_strings(r, obj, "differs", &t->differs);
	if (json_object_get(obj, "waivers"))
		get_strings(r, obj, "waivers", &t->waivers);
	read_second(r, t, json_object_get(obj, "second"));
	free(id);
	free(result);
}

/* Older files do not tell. */
static void read_cost(struct reading *r, struct cost *c, const json_t *obj)
{
	if (!obj)
		return;
	c->verified = get_int(r, obj, "verified", 0);
	c->xlated = get_int(r, obj, "xlated", 0);
	c->jited = get_int(r, obj, "jited", 0);
}

static void read_hook(struct reading *r, struct run *run, const json_t *obj)
{
	char *name = get_name(r, obj, "name");
	struct run_hook *h;

	if (run_hook_find(run, name))
		bad(r, "hook %s is there twice", name);
	h = run_hook_add(run, name);
	if (!h->ret)
		h->ret = get_text(r, obj, "ret", true);
	h->attachable = get_bool(r, obj, "attachable");
	h->sleepable = get_bool(r, obj, "sleepable");
	h->covered = get_bool(r, obj, "covered");
	/* results of older suites do not tell */
	h->unreachable = json_is_true(json_object_get(obj, "unreachable"));
	h->untriggered = json_is_true(json_object_get(obj, "untriggered"));
	read_cost(r, &h->cost, json_object_get(obj, "program"));
	free(name);
}

static void read_requirement(struct reading *r, struct run *run, const json_t *obj)
{
	struct run_requirement *q = ARRAY_PUSH(run, requirements);

	q->id = get_name(r, obj, "id");
	q->level = get_text(r, obj, "level", false);
	q->text = get_text(r, obj, "text", false);
	q->source = get_text(r, obj, "source", false);
}

static void read_splat(struct reading *r, struct run *run, const json_t *obj)
{
	struct run_splat *s = ARRAY_PUSH(run, splats);

	s->kind = get_text(r, obj, "kind", true);
	s->title = get_text(r, obj, "title", true);
	s->test = get_text(r, obj, "test", false);
	s->text = get_text(r, obj, "text", true);
	s->boot = get_boot(r, obj, "boot");
	s->before_init = get_bool(r, obj, "before_init");
}

static void read_boot(struct reading *r, struct run *run, const json_t *obj)
{
	struct run_boot *b = ARRAY_PUSH(run, boots);

	b->outcome = get_text(r, obj, "outcome", true);
	b->reason = get_text(r, obj, "reason", false);
	b->test = get_text(r, obj, "test", false);
	b->tail = get_text(r, obj, "tail", false);
	b->seconds = get_number(r, obj, "seconds");
	b->init_seconds = get_number(r, obj, "init_seconds");
	b->first_failure = get_text(r, obj, "first_failure", false);
	b->tests = (size_t)get_int(r, obj, "tests", 0);
	b->lane = get_text(r, obj, "lane", false);
	b->lsm = get_text(r, obj, "lsm", false);
	b->warm = json_is_true(json_object_get(obj, "warm"));
	/* older files do not have them */
	if (!json_object_get(obj, "against"))
		return;
	b->recorded = (size_t)get_int(r, obj, "recorded", 0);
	b->against = get_boot(r, obj, "against") + 1;
}

static const struct {
	const char *key;
	void (*read)(struct reading *r, struct run *run, const json_t *obj);
} lists[] = {
	{ "tests", read_test },	  { "hooks", read_hook }, { "requirements", read_requirement },
	{ "splats", read_splat }, { "boots", read_boot },
};

static void read_gate(struct reading *r, struct run *run, const json_t *gate)
{
	if (!json_is_object(gate))
		return;
	run->baseline = get_text(r, gate, "baseline", true);
	get_strings(r, gate, "worse", &run->worse);
	get_strings(r, gate, "better", &run->better);
	/* older files do not have it */
	if (json_object_get(gate, "changes"))
		get_strings(r, gate, "changes", &run->changes);
	if (json_object_get(gate, "costs")) {
		get_strings(r, gate, "costs", &run->costs);
		run->dearer = (size_t)get_int(r, gate, "dearer", 0);
	}
	run->known = (size_t)get_int(r, gate, "known", 0);
}

static void read_waivers(struct reading *r, struct run *run, const json_t *waivers)
{
	/* older files do not have it */
	if (!waivers)
		return;
	get_strings(r, waivers, "files", &run->waiver_files);
	get_strings(r, waivers, "stale", &run->stale);
}

static void read_shard(struct reading *r, struct run *run, const json_t *shard)
{
	long long part, parts;

	if (!shard)
		return;
	part = get_int(r, shard, "index", 1);
	parts = get_int(r, shard, "of", 1);
	if (part > parts || parts > 1000)
		bad(r, "\"shard\" is no part of a run");
	run->part = (unsigned int)part;
	run->parts = (unsigned int)parts;
	run->of_tests = (size_t)get_int(r, shard, "tests", 0);
}

static void read_stop(struct reading *r, struct run *run, const json_t *stop)
{
	char *kind = get_text(r, stop, "kind", true);
	size_t i;

	for (i = 0; i < n_results_stops && strcmp(results_stops[i], kind); i++)
		;
	if (i == n_results_stops)
		bad(r, "\"stop\" is of an unknown kind: %.40s", kind);
	else
		run->stop = i;
	free(kind);
}

static void read_document(struct reading *r, struct run *run, const json_t *doc)
{
	long long schema = get_int(r, doc, "schema", 0);

	if (!r->bad && schema != RESULTS_SCHEMA)
		bad(r, "it is of schema %lld, this krsi reads schema %d", schema, RESULTS_SCHEMA);
	for (size_t i = 0; i < n_results_texts && !r->bad; i++) {
		const struct results_text *t = &results_texts[i];
		const json_t *in = t->object ? json_object_get(doc, t->object) : doc;

		if (!json_is_object(in))
			bad(r, "\"%s\" is missing, or no object", t->object);
		*(char **)((char *)run + t->offset) = get_line(r, in, t->key);
	}
	if (r->bad)
		return;
	run->suite_dirty = get_bool(r, json_object_get(doc, "suite"), "dirty");
	read_stop(r, run, json_object_get(doc, "stop"));
	get_strings(r, doc, "capabilities", &run->capabilities);
	get_strings(r, doc, "notes", &run->notes);
	get_strings(r, doc, "faults", &run->faults);
	run->seed = get_int(r, doc, "seed", 0);
	run->seconds = get_number(r, doc, "seconds");
	run->strict = get_bool(r, doc, "strict");
	run->cut = get_bool(r, doc, "cut");
	read_shard(r, run, json_object_get(doc, "shard"));
	read_gate(r, run, json_object_get(doc, "gate"));
	read_waivers(r, run, json_object_get(doc, "waivers"));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const json_t *list = json_object_get(doc, lists[i].key), *v;
		size_t j;

		if (!json_is_array(list))
			bad(r, "\"%s\" is missing, or no list", lists[i].key);
		json_array_foreach(list, j, v)
			lists[i].read(r, run, v);
	}
}

static void check(struct reading *r, const struct run *run, const json_t *doc)
{
	size_t n[RESULT_COUNT];

	for (size_t i = 1; i < run->n_tests; i++)
		if (!strcmp(run->tests[i].id, run->tests[i - 1].id))
			bad(r, "test %s is there twice", run->tests[i].id);
	run_totals(run, n);
	for (int i = 0; i < RESULT_COUNT; i++)
		if (get_int(r, json_object_get(doc, "totals"), result_name(i), 0) !=
		    (long long)n[i])
			bad(r, "\"totals\" and the tests disagree about %s", result_name(i));
}

int results_parse(struct run *run, const char *text, size_t len, const char *what,
		  struct krsi_err *err)
{
	struct reading r = { .what = what, .err = err };
	json_error_t why;
	json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	*run = (struct run){ 0 };
	if (!doc) {
		bad(&r, "not JSON (line %d: %s)", why.line, why.text);
	} else if (!json_is_object(doc)) {
		bad(&r, "no JSON object, as results are");
	} else {
		read_document(&r, run, doc);
		run_sort(run);
		if (!r.bad)
			check(&r, run, doc);
	}
	json_decref(doc);
	if (!r.bad)
		return 0;
	run_free(run);
	return -1;
}

int results_load(struct run *run, const char *path, struct krsi_err *err)
{
	char *file = fs_is_dir(path) ? xasprintf("%s/results.json", path) : xstrdup(path);
	size_t len;
	char *text = fs_read(file, MOST_BYTES, &len, err);
	int rc = text ? results_parse(run, text, len, file, err) : -1;

	free(text);
	free(file);
	return rc;
}
