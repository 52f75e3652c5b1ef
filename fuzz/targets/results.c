// SPDX-License-Identifier: GPL-2.0-only
/* results.json from anywhere: what is read, is written and read again as the same. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/results.h"
#include "ci/tests/sample.h"
#include "fuzz/target.h"

static char *format_again(const char *text, size_t len, size_t *len_again)
{
	struct krsi_err err = { 0 };
	struct run run = { 0 };
	char *again;

	if (results_parse(&run, text, len, "its own output", &err))
		fuzz_fail("does not read what it wrote: %s", err.text);
	again = results_format(&run, len_again);
	run_free(&run);
	return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct krsi_err err = { 0 };
	struct run run = { 0 };
	size_t len, len_again;
	char *text, *again;

	if (results_parse(&run, (const char *)data, size, "input", &err)) {
		if (err.code != KRSI_EXIT_USAGE || !err.text[0])
			fuzz_fail("refused with code %d: '%s'", err.code, err.text);
		return 0;
	}
	text = results_format(&run, &len);
	run_free(&run);
	again = format_again(text, len, &len_again);
	if (len != len_again || memcmp(text, again, len))
		fuzz_fail("another file after reading it back");
	free(text);
	free(again);
	return 0;
}

/* The shorter an input, the more of them are judged. */
static void drop(json_t *object, json_type type)
{
	const char *key;
	json_t *v;
	void *next;

	json_object_foreach_safe(object, next, key, v)
		if (json_typeof(v) == type)
			json_object_del(object, key);
}

/* In the document and in the objects that it holds. */
static void drop_deep(json_t *doc, json_type type)
{
	const char *key;
	json_t *v;

	drop(doc, type);
	json_object_foreach(doc, key, v)
		if (json_is_object(v))
			drop(v, type);
}

static void emit_json(fuzz_emit_fn *emit, const char *name, json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
	struct krsi_err err = { 0 };
	struct run run = { 0 };

	if (results_parse(&run, text, strlen(text), name, &err))
		fuzz_fail("seed %s: %s", name, err.text);
	emit(name, text, strlen(text));
	run_free(&run);
	free(text);
}

/* That one test alone, or none, is what the totals have to say. */
static void count(json_t *doc, const json_t *test)
{
	json_t *totals = json_object_get(doc, "totals"), *v;
	const char *key;

	json_object_foreach(totals, key, v)
		json_integer_set(v, 0);
	if (test)
		json_integer_set(
			json_object_get(totals, json_string_value(json_object_get(test, "result"))),
			1);
}

/* One seed for each element of a list, which is all that its lists hold. */
static void emit_elements(fuzz_emit_fn *emit, const json_t *bare, const char *key, json_t *list)
{
	size_t i;
	json_t *v;

	json_array_foreach(list, i, v) {
		json_t *doc = json_deep_copy(bare), *one = json_deep_copy(v);
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", key, i);
		if (json_is_object(one)) {
			drop(one, JSON_NULL);
			/* there is no boot that it could name */
			if (json_object_get(one, "boot"))
				json_object_set_new(one, "boot", json_integer(-1));
		}
		json_array_append_new(json_object_get(doc, key), one);
		count(doc, strcmp(key, "tests") ? NULL : one);
		emit_json(emit, name, doc);
		json_decref(doc);
	}
}

static json_t *sample(void)
{
	struct run run;
	json_t *doc;
	size_t len;
	char *text;

	sample_run(&run);
	text = results_format(&run, &len);
	doc = json_loadb(text, len, 0, NULL);
	run_free(&run);
	free(text);
	return doc;
}

void fuzz_seeds(fuzz_emit_fn *emit)
{
	json_t *doc = sample(), *bare = json_deep_copy(doc), *v;
	const char *key;

	drop_deep(bare, JSON_NULL);
	json_object_foreach(bare, key, v)
		if (json_is_array(v))
			json_array_clear(v);
	count(bare, NULL);
	emit_json(emit, "texts", bare);
	drop_deep(bare, JSON_STRING);
	json_object_set_new(json_object_get(bare, "stop"), "kind", json_string("none"));
	json_object_foreach(doc, key, v)
		if (json_is_array(v))
			emit_elements(emit, bare, key, v);
	json_decref(bare);
	json_decref(doc);
}
