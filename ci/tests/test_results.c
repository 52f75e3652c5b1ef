// SPDX-License-Identifier: GPL-2.0-only
/* results.json: written, read, compared; and files that are not what they should be. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/results.h"
#include "ci/tests/sample.h"
#include "vm-images/fs.h"

static char *sample_text(size_t *len)
{
	struct run_test *t;
	struct run run;
	char *text;

	sample_run(&run);
	run.baseline = xstrdup("old.json");
	strs_add(&run.worse, "a: pass -> fail");
	strs_add(&run.changes, "hook x is gone");
	run.known = 2;
	strs_add(&run.waiver_files, "w.conf");
	strs_add(&run.stale, "waiver [w] of w.conf expired");
	strs_add(&run_test_find(&run, "order/stop")->waivers, "w");
	run.suite_payload = xstrdup("ab");
	strs_add(&run.costs, "hook x: 1 -> 2 bytes of machine code");
	run.dearer = 1;
	run.part = 2;
	run.parts = 3;
	run.of_tests = 70000;
	run_hook_find(&run, "file_open")->cost = (struct cost){ 913, 6400, 2412 };
	t = run_test_find(&run, "hook/file_open/deny");
	t->retried = true;
	t->second = RESULT_PASS;
	t->second_reason = xstrdup("as it should be");
	text = results_format(&run, len);
	run_free(&run);
	return text;
}

Test(results, what_is_written_is_read_back)
{
	struct krsi_err err = { 0 };
	char *first, *second;
	size_t n1, n2;
	struct run run;

	first = sample_text(&n1);
	cr_assert_eq(results_parse(&run, first, n1, "first", &err), 0, "%s", err.text);
	second = results_format(&run, &n2);
	cr_expect_str_eq(first, second);
	cr_expect(run_test_find(&run, "hook/file_open/deny")->retried);
	cr_expect_eq(run_test_find(&run, "hook/file_open/deny")->second, RESULT_PASS);
	cr_expect_str_eq(run_test_find(&run, "order/stop")->waivers.v[0], "w");
	cr_expect_eq(run.stale.n, 1);
	cr_expect_eq(run.changes.n, 1);
	cr_expect_str_eq(run.suite_payload, "ab");
	cr_expect_eq(run.costs.n, 1);
	cr_expect_eq(run.dearer, 1);
	cr_expect_eq(run.part, 2);
	cr_expect_eq(run.parts, 3);
	cr_expect_eq(run.of_tests, 70000);
	cr_expect_eq(run_hook_find(&run, "file_open")->cost.verified, 913);
	cr_expect_eq(run_hook_find(&run, "file_open")->cost.jited, 2412);
	cr_expect_not(cost_known(&run_hook_find(&run, "bpf")->cost));
	run_free(&run);
	free(first);
	free(second);
}

Test(results, the_order_of_tests_and_hooks_does_not_matter)
{
	struct run a, b;
	char *x, *y;
	size_t n;

	sample_run(&a);
	sample_run(&b);
	for (size_t i = 0; i < b.n_tests / 2; i++) {
		struct run_test t = b.tests[i];

		b.tests[i] = b.tests[b.n_tests - 1 - i];
		b.tests[b.n_tests - 1 - i] = t;
	}
	run_sort(&b);
	x = results_format(&a, &n);
	y = results_format(&b, &n);
	cr_expect_str_eq(x, y);
	run_free(&a);
	run_free(&b);
	free(x);
	free(y);
}

/* What contract 5 names is there, under these names. */
Test(results, the_contract)
{
	static const char *const top[] = { "schema",	   "suite",  "kernel",	"implementation",
					   "accel",	   "seed",   "seconds", "totals",
					   "hooks",	   "tests",  "splats",	"boots",
					   "requirements", "faults", "verdict" };
	size_t n;
	char *text = sample_text(&n);
	json_t *doc = json_loads(text, 0, NULL), *hook;
	const char *fires = NULL, *deny = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(top); i++)
		cr_expect(json_object_get(doc, top[i]), "%s", top[i]);
	cr_expect_eq(json_integer_value(json_object_get(doc, "schema")), 1);
	cr_expect_eq(json_object_size(json_object_get(doc, "totals")), RESULT_COUNT);
	hook = json_array_get(json_object_get(doc, "hooks"), 1);
	cr_expect_eq(json_unpack(hook, "{s:s,s:s}", "fires", &fires, "deny", &deny), 0);
	cr_expect_str_eq(fires, "pass");
	cr_expect_str_eq(deny, "fail");
	cr_expect(json_is_true(json_object_get(hook, "attachable")));
	json_decref(doc);
	free(text);
}

static void replace(json_t *doc, const char *path, const char *value)
{
	char *copy = xstrdup(path), *key = copy, *next;
	json_t *at = doc;

	while ((next = strchr(key, '.'))) {
		*next++ = '\0';
		at = *key >= '0' && *key <= '9' ? json_array_get(at, (size_t)atoi(key))
						: json_object_get(at, key);
		key = next;
	}
	if (value)
		json_object_set_new(at, key, json_loads(value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(at, key);
	free(copy);
}

/* A member that is gone or of the wrong kind, and what the message has to name. */
static const struct {
	const char *path, *value, *says;
} damage[] = {
	{ "schema", NULL, "schema" },
	{ "schema", "2", "schema 2" },
	{ "schema", "\"1\"", "schema" },
	{ "kernel", NULL, "kernel" },
	{ "kernel", "[]", "kernel" },
	{ "kernel.name", "7", "name" },
	{ "suite.dirty", "1", "dirty" },
	{ "stop.kind", "\"of-tomorrow\"", "unknown kind" },
	{ "tests", NULL, "tests" },
	{ "tests", "{}", "tests" },
	{ "tests.0.id", "\"../../etc/passwd\"", "well-formed" },
	{ "tests.0.id", NULL, "id" },
	{ "tests.0.id", "\"hook/bpf/fires\"", "twice" },
	{ "tests.0.result", "\"great\"", "unknown result" },
	{ "tests.0.result", "\"pass\"", "disagree" },
	{ "tests.0.seconds", "1e30", "seconds" },
	{ "tests.0.seconds", "-7", "seconds" },
	{ "tests.0.boot", "99999999999", "boot" },
	{ "tests.0.boot", "-2", "boot" },
	{ "tests.0.requirements", "\"DENY-1\"", "requirements" },
	{ "tests.0.requirements", "[1]", "requirements" },
	{ "hooks.0.name", "\"a b\"", "well-formed" },
	{ "hooks.0.name", "\"file_open\"", "twice" },
	{ "hooks.0.ret", NULL, "ret" },
	{ "hooks.0.attachable", "\"yes\"", "attachable" },
	{ "totals.pass", "77", "disagree" },
	{ "totals", NULL, "pass" },
	{ "boots.0.tests", "-1", "tests" },
	{ "splats.0.text", NULL, "text" },
	{ "notes", "[{}]", "notes" },
	{ "gate.worse", "7", "worse" },
	{ "gate.known", "-1", "known" },
	{ "gate.costs", "[7]", "costs" },
	{ "gate.dearer", "-1", "dearer" },
	{ "hooks.1.program", "{}", "verified" },
	{ "hooks.1.program.jited", "-1", "jited" },
};

Test(results, damaged_files_are_refused)
{
	size_t n;
	char *text = sample_text(&n);

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		json_t *doc = json_loads(text, 0, NULL);
		struct krsi_err err = { 0 };
		struct run run;
		char *bad;

		replace(doc, damage[i].path, damage[i].value);
		bad = json_dumps(doc, 0);
		cr_expect_eq(results_parse(&run, bad, strlen(bad), "it", &err), -1, "%s = %s",
			     damage[i].path, damage[i].value);
		cr_expect_eq(err.code, 2);
		cr_expect(strstr(err.text, damage[i].says), "%s = %s: '%s'", damage[i].path,
			  damage[i].value, err.text);
		cr_expect_eq(run.n_tests, 0, "nothing half-read");
		free(bad);
		json_decref(doc);
	}
	free(text);
}

Test(results, no_prefix_is_taken)
{
	size_t n;
	char *text = sample_text(&n);

	for (size_t len = 0; len < n - 2; len += 7) {
		struct krsi_err err = { 0 };
		struct run run;

		cr_expect_eq(results_parse(&run, text, len, "it", &err), -1, "%zu", len);
	}
	free(text);
}

Test(results, other_files)
{
	static const char *const files[] = { "",
					     "\x7f"
					     "ELF\x02\x01",
					     "[]",
					     "null",
					     "{}",
					     "{\"schema\":1,\"schema\":1}" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct krsi_err err = { 0 };
		struct run run;

		cr_expect_eq(results_parse(&run, files[i], strlen(files[i]), "it", &err), -1);
		cr_expect_eq(err.code, 2);
	}
}

Test(results, a_file_that_is_not_there)
{
	struct krsi_err err = { 0 };
	struct run run;

	cr_expect_eq(results_load(&run, "/nonexistent/results.json", &err), -1);
	cr_expect_eq(err.code, 2);
	cr_expect(strstr(err.text, "/nonexistent/results.json"));
}

Test(results, a_directory_stands_for_its_file)
{
	const char *dir = sample_dir();
	char *file = xasprintf("%s/results.json", dir), *text;
	struct krsi_err err = { 0 };
	struct run run;
	size_t n;

	text = sample_text(&n);
	cr_assert_eq(fs_write_atomic(file, text, n, &err), 0);
	cr_expect_eq(results_load(&run, dir, &err), 0, "%s", err.text);
	run_free(&run);
	free(text);
	free(file);
}

Test(results, hostile_text_stays_text)
{
	struct krsi_err err = { 0 };
	struct run run;
	char *text;
	size_t n;

	sample_run(&run);
	free(run.tests[0].reason);
	run.tests[0].reason = xstrdup("not UTF-8 \xff, escape \x1b[2J");
	text = results_format(&run, &n);
	run_free(&run);
	cr_assert_eq(results_parse(&run, text, n, "it", &err), 0, "%s", err.text);
	cr_expect_str_eq(run.tests[0].reason, "not UTF-8 ?, escape ?[2J");
	run_free(&run);
	free(text);
}
