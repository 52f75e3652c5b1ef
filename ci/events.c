// SPDX-License-Identifier: GPL-2.0-only
#include "ci/events.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/text.h"
#include "vm-images/lines.h"

#define MOST_STRINGS 128
#define MOST_VALUE   1000
#define SECONDS_MAX  1e6
/* what every reader of JSON holds exactly */
#define SEQ_MAX (1LL << 53)

/* One line being read: where it came from, and the first thing that is wrong with it. */
struct reading {
	const json_t *obj;
	char *wrong;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	if (r->wrong)
		return;
	va_start(ap, fmt);
	r->wrong = text_vprintf(fmt, ap);
	va_end(ap);
}

static const json_t *member(struct reading *r, const json_t *obj, const char *key, bool must)
{
	const json_t *v = json_object_get(obj, key);

	/* null is what a writer puts where there is nothing */
	if ((!v || json_is_null(v)) && must)
		wrong(r, "no \"%s\"", key);
	return json_is_null(v) ? NULL : v;
}

static char *get_text(struct reading *r, const json_t *obj, const char *key, bool must)
{
	const json_t *v = member(r, obj, key, must);

	if (!v)
		return NULL;
	if (!json_is_string(v)) {
		wrong(r, "\"%s\" is no string", key);
		return NULL;
	}
	/* "" is what a writer puts where there is nothing to say. */
	if (!must && !json_string_length(v))
		return NULL;
	return text_clean(json_string_value(v), json_string_length(v), EVENT_TEXT_MAX);
}

/* expected and got: words, or the plain number that a system call returned. */
static char *get_outcome(struct reading *r, const char *key)
{
	const json_t *v = member(r, r->obj, key, false);

	return json_is_integer(v) ? text_ret(json_integer_value(v))
				  : get_text(r, r->obj, key, false);
}

static char *get_id(struct reading *r, const char *key, bool must)
{
	char *id = get_text(r, r->obj, key, must);

	if (id && !text_id_ok(id)) {
		wrong(r, "\"%s\" is no well-formed name", key);
		free(id);
		return NULL;
	}
	return id;
}

static bool get_bool(struct reading *r, const json_t *obj, const char *key, bool must)
{
	const json_t *v = member(r, obj, key, must);

	if (v && !json_is_boolean(v))
		wrong(r, "\"%s\" is neither true nor false", key);
	return json_is_true(v);
}

static long long get_int(struct reading *r, const json_t *obj, const char *key, bool must,
			 long long least)
{
	const json_t *v = member(r, obj, key, must);

	if (v && (!json_is_integer(v) || json_integer_value(v) < least))
		wrong(r, "\"%s\" is no whole number from %lld on", key, least);
	return json_integer_value(v);
}

static double get_seconds(struct reading *r)
{
	const json_t *v = member(r, r->obj, "seconds", true);

	if (v && (!json_is_number(v) ||
		  !(json_number_value(v) >= 0 && json_number_value(v) <= SECONDS_MAX)))
		wrong(r, "\"seconds\" is no number from 0 to 1e6");
	return json_number_value(v);
}

static void get_strings(struct reading *r, const char *key, bool must, struct strs *out)
{
	const json_t *list = member(r, r->obj, key, must), *v;
	size_t i;

	if (!list)
		return;
	if (!json_is_array(list) || json_array_size(list) > MOST_STRINGS) {
		wrong(r, "\"%s\" is no list of at most %d names", key, MOST_STRINGS);
		return;
	}
	json_array_foreach(list, i, v) {
		if (!json_is_string(v) || !text_id_ok(json_string_value(v))) {
			wrong(r, "\"%s\" holds something that is no well-formed name", key);
			return;
		}
		strs_add(out, json_string_value(v));
	}
}

static const json_t *get_object(struct reading *r, const char *key)
{
	const json_t *v = member(r, r->obj, key, true);

	if (v && !json_is_object(v)) {
		wrong(r, "\"%s\" is no object", key);
		return NULL;
	}
	return v;
}

/* A text that stands in the middle of a line wherever it is told. */
static char *get_line(struct reading *r, const json_t *obj, const char *key, bool must)
{
	char *text = get_text(r, obj, key, must), *line = text ? text_line(text, SIZE_MAX) : NULL;

	free(text);
	return line;
}

static void read_suite_start(struct reading *r, struct event *ev)
{
	const json_t *suite = get_object(r, "suite"), *kernel = get_object(r, "kernel");

	ev->suite_version = get_line(r, suite, "version", true);
	ev->suite_commit = get_line(r, suite, "commit", false);
	ev->suite_dirty = get_bool(r, suite, "dirty", false);
	ev->kernel_release = get_line(r, kernel, "release", true);
	ev->kernel_version = get_line(r, kernel, "version", false);
	ev->kernel_machine = get_line(r, kernel, "machine", false);
	ev->kernel_cmdline = get_line(r, kernel, "cmdline", false);
	ev->implementation = get_line(r, r->obj, "implementation", true);
	ev->impl_version = get_line(r, r->obj, "impl_version", false);
	ev->lsm = get_line(r, r->obj, "lsm", false);
	get_strings(r, "capabilities", true, &ev->capabilities);
	ev->planned = get_int(r, r->obj, "planned", true, 0);
	ev->seed = get_int(r, r->obj, "seed", true, 0);
}

static char *get_hook(struct reading *r, const char *key)
{
	char *name = get_id(r, key, true);

	if (name && strchr(name, '/'))
		wrong(r, "\"%s\" is no well-formed name", key);
	return name;
}

static void read_hook(struct reading *r, struct event *ev)
{
	ev->name = get_hook(r, "name");
	ev->ret = get_text(r, r->obj, "ret", true);
	if (ev->ret && strcmp(ev->ret, "int") && strcmp(ev->ret, "void") && strcmp(ev->ret, "bool"))
		wrong(r, "\"ret\" is none of int, void, bool");
	ev->attachable = get_bool(r, r->obj, "attachable", true);
	ev->sleepable = get_bool(r, r->obj, "sleepable", true);
	ev->covered = get_bool(r, r->obj, "covered", true);
	ev->unreachable = get_bool(r, r->obj, "unreachable", false);
	ev->untriggered = get_bool(r, r->obj, "untriggered", false);
}

static void read_program(struct reading *r, struct event *ev)
{
	ev->name = get_hook(r, "hook");
	ev->cost.verified = get_int(r, r->obj, "verified", true, 0);
	ev->cost.xlated = get_int(r, r->obj, "xlated", true, 0);
	ev->cost.jited = get_int(r, r->obj, "jited", true, 0);
}

static void read_test_start(struct reading *r, struct event *ev)
{
	ev->id = get_id(r, "id", true);
}

static void read_test_end(struct reading *r, struct event *ev)
{
	char *name = get_text(r, r->obj, "result", true);

	ev->id = get_id(r, "id", true);
	if (name && (result_parse(name, &ev->result) || ev->result == RESULT_XFAIL ||
		     ev->result == RESULT_XPASS))
		wrong(r, "\"result\" is no result that a guest can give");
	free(name);
	ev->seconds = get_seconds(r);
	get_strings(r, "requirements", true, &ev->requirements);
	ev->reason = get_text(r, r->obj, "reason", false);
	ev->expected = get_outcome(r, "expected");
	ev->got = get_outcome(r, "got");
	get_strings(r, "differs", false, &ev->differs);
}

static void read_outcome(struct reading *r, struct event *ev)
{
	const json_t *v = member(r, r->obj, "value", true);

	ev->id = get_id(r, "name", true);
	if (v && (!json_is_string(v) || json_string_length(v) > MOST_VALUE))
		wrong(r, "\"value\" is no string of at most %d bytes", MOST_VALUE);
	else
		ev->value = get_text(r, r->obj, "value", true);
}

static void read_note(struct reading *r, struct event *ev)
{
	ev->id = get_id(r, "id", false);
	ev->text = get_text(r, r->obj, "text", true);
}

static void read_fatal(struct reading *r, struct event *ev)
{
	ev->cause = get_id(r, "cause", true);
	ev->text = get_text(r, r->obj, "text", true);
}

static void read_suite_end(struct reading *r, struct event *ev)
{
	const json_t *totals = get_object(r, "totals"), *v;
	const char *key;

	ev->seconds = get_seconds(r);
	json_object_foreach((json_t *)totals, key, v) {
		enum result res;

		if (result_parse(key, &res))
			wrong(r, "\"totals\" counts an unknown result");
		else
			ev->totals[res] = get_int(r, totals, key, true, 0);
	}
}

static const struct {
	const char *name;
	void (*read)(struct reading *r, struct event *ev);
} kinds[] = {
	[EVENT_SUITE_START] = { "suite-start", read_suite_start },
	[EVENT_HOOK] = { "hook", read_hook },
	[EVENT_PROGRAM] = { "program", read_program },
	[EVENT_TEST_START] = { "test-start", read_test_start },
	[EVENT_TEST_END] = { "test-end", read_test_end },
	[EVENT_NOTE] = { "note", read_note },
	[EVENT_OUTCOME] = { "outcome", read_outcome },
	[EVENT_FATAL] = { "fatal", read_fatal },
	[EVENT_SUITE_END] = { "suite-end", read_suite_end },
};

void event_free(struct event *ev)
{
	char *const own[] = {
		ev->id,
		ev->reason,
		ev->expected,
		ev->got,
		ev->name,
		ev->ret,
		ev->text,
		ev->cause,
		ev->suite_version,
		ev->suite_commit,
		ev->implementation,
		ev->impl_version,
		ev->kernel_release,
		ev->kernel_version,
		ev->kernel_machine,
		ev->kernel_cmdline,
		ev->lsm,
		ev->value,
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		free(own[i]);
	strs_free(&ev->requirements);
	strs_free(&ev->differs);
	strs_free(&ev->capabilities);
	*ev = (struct event){ 0 };
}

static void read_object(struct reading *r, struct event *ev)
{
	char *name = get_text(r, r->obj, "event", true);

	if (get_int(r, r->obj, "v", true, 0) != 1)
		wrong(r, "\"v\" is not 1: suite and host command are of different versions");
	ev->seq = get_int(r, r->obj, "seq", true, 0);
	if (ev->seq > SEQ_MAX)
		wrong(r, "\"seq\" is no number of a line");
	ev->kind = EVENT_UNKNOWN;
	for (int i = 0; name && !r->wrong && i < EVENT_UNKNOWN; i++) {
		if (strcmp(kinds[i].name, name))
			continue;
		ev->kind = i;
		kinds[i].read(r, ev);
	}
	if (ev->kind == EVENT_UNKNOWN) {
		ev->text = name;
		return;
	}
	free(name);
}

int event_read(struct event *ev, const char *line, size_t len, unsigned int flaws, char **why)
{
	static const struct {
		unsigned int flaw;
		const char *why;
	} bad[] = {
		{ LINE_TOO_LONG, "the line is too long" },
		{ LINE_BINARY, "the line is binary, not text" },
		{ LINE_CUT, "the line is cut off" },
	};
	struct reading r = { 0 };
	json_error_t err;
	json_t *obj;

	*ev = (struct event){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (flaws & bad[i].flaw) {
			*why = xstrdup(bad[i].why);
			return -1;
		}
	}
	obj = json_loadb(line, len, JSON_REJECT_DUPLICATES, &err);
	if (!json_is_object(obj)) {
		*why = xasprintf("the line is no JSON object: %s", obj ? "another type" : err.text);
		json_decref(obj);
		return -1;
	}
	r.obj = obj;
	read_object(&r, ev);
	json_decref(obj);
	if (!r.wrong)
		return 0;
	*why = r.wrong;
	event_free(ev);
	return -1;
}
