// SPDX-License-Identifier: GPL-2.0-only
#include "ci/results.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ci/results_keys.h"
#include "ci/text.h"
#include "ci/verdict.h"

/* Milliseconds are all that a host under load can tell. */
static json_t *seconds(double s)
{
	return json_real(round(s * 1000) / 1000);
}

/* Text of a run is clean; what is not (a path of the user's) is cleaned rather than lost. */
static json_t *text(const char *s)
{
	json_t *v = s ? json_string(s) : json_null();
	char *clean;

	if (v)
		return v;
	clean = text_clean(s, strlen(s), strlen(s));
	v = json_string(clean);
	free(clean);
	return v;
}

static json_t *strings(const struct strs *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(list, text(l->v[i]));
	return list;
}

static json_t *totals(const struct run *run)
{
	size_t n[RESULT_COUNT];
	json_t *obj = json_object();

	run_totals(run, n);
	for (int i = 0; i < RESULT_COUNT; i++)
		json_object_set_new(obj, result_name(i), json_integer((json_int_t)n[i]));
	return obj;
}

static json_t *hooks(const struct run *run)
{
	json_t *list = json_array();
	struct strs sems = { 0 };

	run_semantics(run, &sems);
	for (size_t i = 0; i < run->n_hooks; i++) {
		const struct run_hook *h = &run->hooks[i];
		json_t *row = json_object();
		enum result r;

		for (size_t j = 0; j < sems.n; j++)
			if (!run_hook_result(run, h->name, sems.v[j], &r))
				json_object_set_new(row, sems.v[j], json_string(result_name(r)));
		/* After the semantics: one that is called like a property must not hide it. */
		json_object_set_new(row, "name", text(h->name));
		json_object_set_new(row, "ret", text(h->ret));
		json_object_set_new(row, "attachable", json_boolean(h->attachable));
		json_object_set_new(row, "sleepable", json_boolean(h->sleepable));
		json_object_set_new(row, "covered", json_boolean(h->covered));
		json_object_set_new(row, "unreachable", json_boolean(h->unreachable));
		json_object_set_new(row, "untriggered", json_boolean(h->untriggered));
		if (cost_known(&h->cost))
			json_object_set_new(row, "program",
					    json_pack("{sI sI sI}", "verified",
						      (json_int_t)h->cost.verified, "xlated",
						      (json_int_t)h->cost.xlated, "jited",
						      (json_int_t)h->cost.jited));
		json_array_append_new(list, row);
	}
	strs_free(&sems);
	return list;
}

static json_t *tests(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->n_tests; i++) {
		const struct run_test *t = &run->tests[i];
		json_t *row = json_object();

		json_object_set_new(row, "id", text(t->id));
		json_object_set_new(row, "summary", text(t->summary));
		json_object_set_new(row, "result", text(result_name(t->result)));
		json_object_set_new(row, "requirements", strings(&t->requirements));
		json_object_set_new(row, "seconds", seconds(t->seconds));
		json_object_set_new(row, "reason", text(t->reason));
		json_object_set_new(row, "expected", text(t->expected));
		json_object_set_new(row, "got", text(t->got));
		json_object_set_new(row, "boot", json_integer(t->boot));
		if (t->differs.n)
			json_object_set_new(row, "differs", strings(&t->differs));
		if (t->waivers.n)
			json_object_set_new(row, "waivers", strings(&t->waivers));
		if (t->retried)
			json_object_set_new(row, "second",
					    json_pack("{ss so}", "result", result_name(t->second),
						      "reason", text(t->second_reason)));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *requirements(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->n_requirements; i++) {
		const struct run_requirement *q = &run->requirements[i];

		json_array_append_new(list, json_pack("{so so so so}", "id", text(q->id), "level",
						      text(q->level), "text", text(q->text),
						      "source", text(q->source)));
	}
	return list;
}

static json_t *splats(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->n_splats; i++) {
		const struct run_splat *s = &run->splats[i];

		json_array_append_new(list, json_pack("{so so so so si sb}", "kind", text(s->kind),
						      "title", text(s->title), "test",
						      text(s->test), "text", text(s->text), "boot",
						      s->boot, "before_init", s->before_init));
	}
	return list;
}

static json_t *boots(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->n_boots; i++) {
		const struct run_boot *b = &run->boots[i];

		json_array_append_new(list,
				      json_pack("{so so so so so so so sI so so sI si sb}",
						"outcome", text(b->outcome), "reason",
						text(b->reason), "test", text(b->test), "tail",
						text(b->tail), "seconds", seconds(b->seconds),
						"init_seconds", seconds(b->init_seconds),
						"first_failure", text(b->first_failure), "tests",
						(json_int_t)b->tests, "lane", text(b->lane), "lsm",
						text(b->lsm), "recorded", (json_int_t)b->recorded,
						"against", b->against - 1, "warm", b->warm));
	}
	return list;
}

static json_t *gate(const struct run *run)
{
	if (!run->baseline)
		return json_null();
	return json_pack("{so so so so so sI sI}", "baseline", text(run->baseline), "worse",
			 strings(&run->worse), "better", strings(&run->better), "changes",
			 strings(&run->changes), "costs", strings(&run->costs), "dearer",
			 (json_int_t)run->dearer, "known", (json_int_t)run->known);
}

static json_t *verdict(const struct run *run)
{
	struct verdict v;
	json_t *obj;

	verdict_of(&v, run);
	obj = json_pack("{si ss}", "exit", v.code, "text", v.text);
	verdict_free(&v);
	return obj;
}

/* Plain strings: JSON key and the member of struct run. The same table serves the reader. */
const struct results_text results_texts[] = {
	{ "suite", "version", offsetof(struct run, suite_version) },
	{ "suite", "commit", offsetof(struct run, suite_commit) },
	{ "suite", "payload", offsetof(struct run, suite_payload) },
	{ "kernel", "name", offsetof(struct run, kernel_name) },
	{ "kernel", "release", offsetof(struct run, kernel_release) },
	{ "kernel", "version", offsetof(struct run, kernel_version) },
	{ "kernel", "machine", offsetof(struct run, kernel_machine) },
	{ "kernel", "cmdline", offsetof(struct run, kernel_cmdline) },
	{ "kernel", "package", offsetof(struct run, kernel_package) },
	{ "kernel", "sha256", offsetof(struct run, kernel_sha256) },
	{ "kernel", "lsm", offsetof(struct run, lsm) },
	{ NULL, "implementation", offsetof(struct run, implementation) },
	{ NULL, "impl_version", offsetof(struct run, impl_version) },
	{ NULL, "accel", offsetof(struct run, accel) },
	{ NULL, "accel_why", offsetof(struct run, accel_why) },
	{ NULL, "command", offsetof(struct run, command) },
	{ NULL, "selection", offsetof(struct run, selection) },
	{ NULL, "started", offsetof(struct run, started) },
	{ "stop", "cause", offsetof(struct run, stop_cause) },
	{ "stop", "text", offsetof(struct run, stop_text) },
};
const size_t n_results_texts = ARRAY_SIZE(results_texts);

/* In the order of enum run_stop. */
const char *const results_stops[] = { "none", "no-boot", "kernel-lacks", "fatal" };
const size_t n_results_stops = ARRAY_SIZE(results_stops);

char *results_format(const struct run *run, size_t *len)
{
	json_t *doc = json_object();
	char *out, *ended;

	json_object_set_new(doc, "schema", json_integer(RESULTS_SCHEMA));
	json_object_set_new(doc, "suite", json_pack("{sb}", "dirty", run->suite_dirty));
	json_object_set_new(doc, "kernel", json_object());
	json_object_set_new(doc, "stop", json_pack("{ss}", "kind", results_stops[run->stop]));
	for (size_t i = 0; i < n_results_texts; i++) {
		const struct results_text *t = &results_texts[i];
		json_t *in = t->object ? json_object_get(doc, t->object) : doc;

		json_object_set_new(in, t->key, text(*(char **)((char *)run + t->offset)));
	}
	json_object_set_new(doc, "capabilities", strings(&run->capabilities));
	json_object_set_new(doc, "seed", json_integer(run->seed));
	json_object_set_new(doc, "seconds", seconds(run->seconds));
	json_object_set_new(doc, "strict", json_boolean(run->strict));
	if (run->parts)
		json_object_set_new(doc, "shard",
				    json_pack("{si si sI}", "index", (int)run->part, "of",
					      (int)run->parts, "tests", (json_int_t)run->of_tests));
	json_object_set_new(doc, "cut", json_boolean(run->cut));
	json_object_set_new(doc, "totals", totals(run));
	json_object_set_new(doc, "hooks", hooks(run));
	json_object_set_new(doc, "tests", tests(run));
	json_object_set_new(doc, "requirements", requirements(run));
	json_object_set_new(doc, "splats", splats(run));
	json_object_set_new(doc, "boots", boots(run));
	json_object_set_new(doc, "notes", strings(&run->notes));
	json_object_set_new(doc, "faults", strings(&run->faults));
	json_object_set_new(doc, "gate", gate(run));
	json_object_set_new(doc, "waivers",
			    json_pack("{so so}", "files", strings(&run->waiver_files), "stale",
				      strings(&run->stale)));
	json_object_set_new(doc, "verdict", verdict(run));
	out = json_dumps(doc, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
	json_decref(doc);
	/* A text file ends in a newline. */
	*len = strlen(out) + 1;
	ended = xasprintf("%s\n", out);
	free(out);
	return ended;
}
