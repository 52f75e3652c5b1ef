// SPDX-License-Identifier: GPL-2.0-only
#include "ci/kcidb.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ci/report.h"
#include "ci/text.h"
#include "ci/verdict.h"

/* A path's first part: the suite. */
#define SUITE	    "krsi"
#define EXCERPT_MAX 16384

struct kcidb {
	const struct run *run;
	const struct kcidb_opts *o;
	json_t *tests, *issues, *incidents;
	char *build_id;
	char *key; /* what tells this run from others */
};

static const char *const status[RESULT_COUNT] = {
	[RESULT_PASS] = "PASS",	 [RESULT_FAIL] = "FAIL",    [RESULT_SKIP] = "SKIP",
	[RESULT_XFAIL] = "FAIL", [RESULT_XPASS] = "FAIL",   [RESULT_TIMEOUT] = "FAIL",
	[RESULT_CRASH] = "FAIL", [RESULT_BROKEN] = "ERROR",
};

bool kcidb_origin_ok(const char *origin)
{
	for (const char *c = origin; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
			return false;
	return *origin;
}

static json_t *id_of(const struct kcidb *k, const char *what)
{
	char *id = xasprintf("%s:%s", k->o->origin, what);
	json_t *v = json_string(id);

	free(id);
	return v;
}

static json_t *test_id(const struct kcidb *k, const char *test)
{
	char *what = xasprintf("%s-%s", k->key, test);
	json_t *v = id_of(k, what);

	free(what);
	return v;
}

/* hook/file_open/deny is krsi.hook.file_open.deny: parts are of [A-Za-z0-9_-]. */
static json_t *path_of(const char *test)
{
	char *path = xasprintf(SUITE ".%s", test);
	json_t *v;

	for (char *c = path + strlen(SUITE) + 1; *c; c++)
		if (*c == '/')
			*c = '.';
		else if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			*c = '_';
	v = json_string(path);
	free(path);
	return v;
}

static void set_text(json_t *obj, const char *key, const char *text, size_t max)
{
	char *clean = text ? text_clean(text, strlen(text), max) : NULL;

	if (clean && *clean)
		json_object_set_new(obj, key, json_string(clean));
	free(clean);
}

static void set_excerpt(json_t *obj, const struct run_test *t)
{
	char *text = xasprintf("%s%s%s%s%s%s", t->reason ? t->reason : "",
			       t->expected ? "\nexpected " : "", t->expected ? t->expected : "",
			       t->got ? ", got " : "", t->got ? t->got : "", "");

	/* an excerpt's end is what the database keeps */
	set_text(obj, "log_excerpt", text, EXCERPT_MAX - 3);
	free(text);
}

static json_t *environment(const struct kcidb *k)
{
	json_t *env = json_object();
	char *comment = xasprintf("QEMU (%s), %s", k->run->accel ? k->run->accel : "not started",
				  k->run->lsm ? k->run->lsm : "LSMs not known");

	set_text(env, "comment", comment, 1000);
	free(comment);
	return env;
}

static json_t *requirements(const struct run_test *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->requirements.n; i++)
		json_array_append_new(list, json_string(t->requirements.v[i]));
	return list;
}

static void add_incident(struct kcidb *k, const struct run_test *t, const char *waiver)
{
	char *what = xasprintf("%s-%s-%s", k->key, t->id, waiver), *issue;
	json_t *known;
	size_t i;

	issue = xasprintf("%s:krsi-%s", k->o->origin, waiver);
	json_array_append_new(k->incidents,
			      json_pack("{so ss ss si so sb}", "id", id_of(k, what), "origin",
					k->o->origin, "issue_id", issue, "issue_version", 1,
					"test_id", test_id(k, t->id), "present", 1));
	json_array_foreach(k->issues, i, known)
		if (!strcmp(json_string_value(json_object_get(known, "id")), issue))
			goto out;
	known = json_pack("{ss si ss s{sb sb sb}}", "id", issue, "version", 1, "origin",
			  k->o->origin, "culprit", "code", 1, "tool", 0, "harness", 0);
	set_text(known, "comment", t->reason, 1000);
	json_array_append_new(k->issues, known);
out:
	free(issue);
	free(what);
}

static void add_test(struct kcidb *k, const struct run_test *t)
{
	json_t *row = json_pack("{ss so ss so ss sf so s{ss so}}", "build_id", k->build_id, "id",
				test_id(k, t->id), "origin", k->o->origin, "path", path_of(t->id),
				"status", status[t->result], "duration", t->seconds, "environment",
				environment(k), "misc", "result", result_name(t->result),
				"requirements", requirements(t));

	set_text(row, "comment", t->summary, 1000);
	if (t->result != RESULT_PASS)
		set_excerpt(row, t);
	if (k->run->started)
		json_object_set_new(row, "start_time", json_string(k->run->started));
	json_array_append_new(k->tests, row);
	for (size_t i = 0; i < t->waivers.n; i++)
		add_incident(k, t, t->waivers.v[i]);
}

/* A run can be red for a reason that no test has. */
static void add_run(struct kcidb *k)
{
	struct verdict v;
	json_t *row;
	char *text;

	verdict_of(&v, k->run);
	row = json_pack("{ss so ss ss ss sf so}", "build_id", k->build_id, "id",
			test_id(k, REPORT_RUN_ROW), "origin", k->o->origin, "path", SUITE ".run",
			"status",
			!v.code	   ? "PASS"
			: v.judged ? "FAIL"
				   : "ERROR",
			"duration", k->run->seconds, "environment", environment(k));
	text = xasprintf("%s: %s", v.word, v.text);
	set_text(row, "comment", text, 1000);
	json_array_append_new(k->tests, row);
	free(text);
	verdict_free(&v);
}

static void add_build(const struct kcidb *k, json_t *doc, const char *checkout)
{
	const struct run *run = k->run;
	json_t *build = json_pack("{so ss ss ss s{ss}}", "checkout_id", id_of(k, checkout), "id",
				  k->build_id, "origin", k->o->origin, "status", "PASS", "misc",
				  "image_sha256", run->kernel_sha256 ? run->kernel_sha256 : "");
	json_t *tree = json_pack("{so ss}", "id", id_of(k, checkout), "origin", k->o->origin);

	set_text(build, "comment", run->kernel_version, 1000);
	if (run->kernel_machine)
		set_text(build, "architecture", run->kernel_machine, 100);
	set_text(tree, "comment", run->kernel_package ? run->kernel_package : run->kernel_name,
		 1000);
	set_text(tree, "git_commit_name", run->kernel_release, 1000);
	json_object_set_new(doc, "checkouts", json_pack("[o]", tree));
	json_object_set_new(doc, "builds", json_pack("[o]", build));
}

char *kcidb_text(const struct run *run, const struct kcidb_opts *o, size_t *len)
{
	const char *sha = run->kernel_sha256 ? run->kernel_sha256 : "unknown";
	struct kcidb k = { .run = run,
			   .o = o,
			   .tests = json_array(),
			   .issues = json_array(),
			   .incidents = json_array() };
	json_t *doc = json_pack("{s{si si}}", "version", "major", 5, "minor", 3);
	char *checkout = text_file_name(run->kernel_release ? run->kernel_release : "unknown");
	char *out, *ended;

	k.key = xasprintf("%.12s-%s-%s", sha, run->started ? run->started : "unknown",
			  run->implementation ? run->implementation : "unknown");
	k.build_id = o->build_id ? xstrdup(o->build_id) : xasprintf("%s:%.64s", o->origin, sha);
	if (!o->build_id)
		add_build(&k, doc, checkout);
	for (size_t i = 0; i < run->n_tests; i++)
		add_test(&k, &run->tests[i]);
	add_run(&k);
	json_object_set_new(doc, "tests", k.tests);
	json_object_set_new(doc, "issues", k.issues);
	json_object_set_new(doc, "incidents", k.incidents);
	out = json_dumps(doc, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
	json_decref(doc);
	*len = strlen(out) + 1;
	ended = xasprintf("%s\n", out);
	free(out);
	free(checkout);
	free(k.key);
	free(k.build_id);
	return ended;
}
