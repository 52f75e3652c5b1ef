// SPDX-License-Identifier: GPL-2.0-only
/* What krsi-test says of itself, and which tests a user means. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ci/array.h"
#include "ci/catalogue.h"
#include "ci/select.h"
#include "ci/tests/sample.h"
#include "vm-images/fs.h"

#define SUITE "\"suite\":{\"version\":\"1\"},"
#define EMPTY "\"hooks\":[],\"requirements\":[]"

static const struct {
	const char *doc, *says;
} bad[] = {
	{ "", "no JSON object" },
	{ "[]", "no JSON object" },
	{ "{", "no JSON object" },
	{ "{}", "version" },
	{ "{" SUITE EMPTY "}", "\"tests\" is no list" },
	{ "{" SUITE EMPTY ",\"tests\":{}}", "\"tests\" is no list" },
	{ "{" SUITE EMPTY ",\"tests\":[{}]}", "\"id\"" },
	{ "{" SUITE EMPTY ",\"tests\":[7]}", "\"id\"" },
	{ "{" SUITE EMPTY ",\"tests\":[{\"id\":\"../x\",\"summary\":\"s\",\"requirements\":[]}]}",
	  "well-formed" },
	{ "{" SUITE EMPTY ",\"tests\":[{\"id\":\"a\",\"requirements\":[]}]}", "summary" },
	{ "{" SUITE EMPTY ",\"tests\":[{\"id\":\"a\",\"summary\":\"s\"}]}", "requirements" },
	{ "{" SUITE EMPTY ",\"tests\":[{\"id\":\"a\",\"summary\":\"s\",\"requirements\":[1]}]}",
	  "requirements" },
	{ "{" SUITE EMPTY ",\"tests\":[{\"id\":\"a\",\"summary\":\"s\",\"requirements\":[]},"
	  "{\"id\":\"a\",\"summary\":\"s\",\"requirements\":[]}]}",
	  "there twice" },
	{ "{" SUITE "\"tests\":[],\"hooks\":[{\"name\":\"h\"}],\"requirements\":[]}", "family" },
	{ "{" SUITE "\"tests\":[],\"hooks\":[],\"requirements\":[{\"id\":\"R\"}]}", "level" },
};

Test(catalogue, bad_documents)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct krsi_err err = { 0 };
		struct catalogue c;

		cr_expect_eq(catalogue_parse(&c, bad[i].doc, strlen(bad[i].doc), "it", &err), -1,
			     "%s", bad[i].doc);
		cr_expect_eq(err.code, 5);
		cr_expect(strstr(err.text, bad[i].says), "%s: %s", bad[i].doc, err.text);
	}
}

static const char doc[] =
	"{" SUITE "\"tests\":["
	"{\"id\":\"order/lifo\",\"summary\":\"s\",\"requirements\":[\"R-1\"]},"
	"{\"id\":\"hook/file_open/deny\",\"summary\":\"s\",\"requirements\":[],\"modules\":[\"m\"]},"
	"{\"id\":\"hook/file_open/fires\",\"summary\":\"s\",\"requirements\":[],\"modules\":[\"m\",\"n\"]},"
	"{\"id\":\"hook/inode_mkdir/fires\",\"summary\":\"s\",\"requirements\":[]},"
	"{\"id\":\"selftest/pass\",\"summary\":\"s\",\"requirements\":[],\"selftest\":true}],"
	"\"hooks\":[{\"name\":\"file_open\",\"family\":\"file\",\"routes\":[\"open\"]},"
	"{\"name\":\"inode_mkdir\",\"family\":\"inode\"},{\"name\":\"unused\",\"family\":\"x\","
	"\"unreachable\":\"nobody calls it\",\"modules\":[\"p\"]}],"
	"\"requirements\":[{\"id\":\"R-1\",\"level\":\"MUST\",\"text\":\"t\",\"since\":5.7}]}";

static void load(struct catalogue *c)
{
	struct krsi_err err = { 0 };

	cr_assert_eq(catalogue_parse(c, doc, strlen(doc), "it", &err), 0, "%s", err.text);
}

Test(catalogue, a_good_document)
{
	struct catalogue c;

	load(&c);
	cr_expect_eq(c.n_tests, 5);
	cr_expect_str_eq(catalogue_test(&c, "order/lifo")->requirements.v[0], "R-1");
	cr_expect_null(catalogue_test(&c, "order"));
	cr_expect_str_eq(catalogue_hook(&c, "file_open")->routes.v[0], "open");
	cr_expect_str_eq(catalogue_requirement(&c, "R-1")->since, "5.7");
	catalogue_free(&c);
}

/* What is written, how many tests that is, and the patterns for krsi-test. */
static const struct {
	const char *globs;
	size_t n;
	const char *passed_on;
} chosen[] = {
	{ "*", 4, "*" },
	{ "order/lifo", 1, "order/lifo" },
	{ "hook/*", 3, "hook/*" },
	{ "hook/*/fires", 2, "hook/*/fires" },
	{ "order", 1, "order/*" },
	{ "file_open", 2, "hook/file_open/*" },
	{ "file_open,order,file_open", 3, "hook/file_open/*,order/*" },
	{ "hook/file_open", 2, "hook/file_open/*" },
	{ "hook/file_open/deny,hook/file_open/*", 2, "hook/file_open/deny,hook/file_open/*" },
	{ ",order,,", 1, "order/*" },
	{ "hook/[fi]*", 3, "hook/[fi]*" },
};

Test(select, what_users_mean)
{
	struct catalogue c;

	load(&c);
	for (size_t i = 0; i < ARRAY_SIZE(chosen); i++) {
		struct krsi_err err = { 0 };
		struct selection s;
		char *globs;

		cr_assert_eq(select_tests(&s, &c, chosen[i].globs, false, &err), 0, "%s", err.text);
		globs = strs_join(&s.globs, ",");
		cr_expect_eq(s.ids.n, chosen[i].n, "%s: %zu", chosen[i].globs, s.ids.n);
		cr_expect_str_eq(globs, chosen[i].passed_on);
		free(globs);
		selection_free(&s);
	}
	catalogue_free(&c);
}

static const char *const wrong[][2] = {
	{ "file_opne", "did you mean 'file_open'" },
	{ "hook/file_opne/deny", "did you mean 'hook/file_open/deny'" },
	{ "hook/file_opne/*", "did you mean 'hook/file_open/*'" },
	{ "ordre", "did you mean 'order'" },
	{ "order/fifo", "did you mean 'order/lifo'" },
	{ "inode_*", "no test or hook matches" },
	{ "zzzzzzzzzzzzzzzzz", "`krsi list`" },
	{ "unused", "has no test yet" },
	{ "", "empty" },
	{ ",", "empty" },
	{ "selftest/pass", "no test or hook matches" },
	{ "order,file_opne", "file_opne" },
	{ "hook/[", "no test or hook matches" },
};

Test(select, what_matches_nothing)
{
	struct catalogue c;

	load(&c);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct krsi_err err = { 0 };
		struct selection s;

		cr_expect_eq(select_tests(&s, &c, wrong[i][0], false, &err), -1, "%s", wrong[i][0]);
		cr_expect_eq(err.code, 2);
		cr_expect(strstr(err.text, wrong[i][1]), "%s: %s", wrong[i][0], err.text);
		cr_expect_null(strchr(err.text, '\n'));
	}
	catalogue_free(&c);
}

Test(select, self_tests_are_apart)
{
	struct krsi_err err = { 0 };
	struct catalogue c;
	struct selection s;

	load(&c);
	cr_expect_eq(select_tests(&s, &c, "*", true, &err), 0);
	cr_expect_eq(s.ids.n, 1);
	cr_expect_str_eq(s.ids.v[0], "selftest/pass");
	selection_free(&s);
	catalogue_free(&c);
}

Test(select, modules_come_once)
{
	struct strs modules = { 0 };
	struct krsi_err err = { 0 };
	struct catalogue c;
	struct selection s;

	load(&c);
	cr_assert_eq(select_tests(&s, &c, "file_open", false, &err), 0);
	for (size_t i = 0; i < s.ids.n; i++)
		select_modules(catalogue_test(&c, s.ids.v[i]), &modules);
	cr_expect_eq(modules.n, 2);
	for (int i = 0; i < 2; i++)
		select_proofs(&c, &modules);
	cr_expect_eq(modules.n, 3);
	strs_free(&modules);
	selection_free(&s);
	catalogue_free(&c);
}

/* Runs a krsi-test that is this shell script. */
static int load_script(const char *script, const char *impl, struct krsi_err *err)
{
	const char *dir = sample_dir();
	char *path = xasprintf("%s/krsi-test", dir), *text = xasprintf("#!/bin/sh\n%s\n", script);
	struct catalogue c = { 0 };
	int rc;

	cr_assert_eq(fs_write_atomic(path, text, strlen(text), err), 0);
	chmod(path, 0755);
	setenv("KRSI_LIBDIR", dir, 1);
	rc = catalogue_load(&c, impl, err);
	catalogue_free(&c);
	free(path);
	free(text);
	return rc;
}

Test(catalogue, a_program_that_answers)
{
	struct krsi_err err = { 0 };
	char *script = xasprintf("[ \"$*\" = '--describe' ] && echo '%s'", doc);

	cr_expect_eq(load_script(script, NULL, &err), 0, "%s", err.text);
	free(script);
}

Test(catalogue, a_program_that_knows_no_such_implementation)
{
	struct krsi_err err = { 0 };

	cr_expect_eq(
		load_script("echo \"$0: --impl: no implementation 'x'\" >&2; exit 2", "x", &err),
		-1);
	cr_expect_eq(err.code, 2);
	cr_expect_str_eq(err.text, "--impl: no implementation 'x'");
}

Test(catalogue, a_program_that_fails)
{
	struct krsi_err err = { 0 };

	cr_expect_eq(load_script("exit 7", NULL, &err), -1);
	cr_expect_eq(err.code, 5);
	cr_expect(strstr(err.text, "exit code 7"), "%s", err.text);
}

Test(catalogue, a_program_that_dies)
{
	struct krsi_err err = { 0 };

	cr_expect_eq(load_script("kill -9 $$", NULL, &err), -1);
	cr_expect(strstr(err.text, "signal 9"), "%s", err.text);
}

Test(catalogue, a_program_that_never_stops_talking, .timeout = 30)
{
	struct krsi_err err = { 0 };

	cr_expect_eq(load_script("exec yes", NULL, &err), -1);
	cr_expect(strstr(err.text, "more than 32 MB"), "%s", err.text);
}

Test(catalogue, a_program_that_complains_at_length, .timeout = 30)
{
	struct krsi_err err = { 0 };

	cr_expect_eq(load_script("yes | head -c 3000000 >&2; exit 1", NULL, &err), -1);
	cr_expect_eq(err.code, 5);
}

Test(catalogue, a_program_that_is_not_there)
{
	struct krsi_err err = { 0 };
	struct catalogue c;

	setenv("KRSI_LIBDIR", "/nonexistent", 1);
	cr_expect_eq(catalogue_load(&c, NULL, &err), -1);
	cr_expect_eq(err.code, 5);
	cr_expect(strstr(err.text, "/nonexistent/krsi-test"), "%s", err.text);
	cr_expect(strstr(err.text, "make"), "says what to do");
}

Test(catalogue, the_real_one)
{
	struct krsi_err err = { 0 };
	struct catalogue c;

	setenv("KRSI_LIBDIR", "build", 1);
	cr_assert_eq(catalogue_load(&c, "bpf-lsm", &err), 0, "%s", err.text);
	cr_expect_gt(c.n_tests, 0);
	cr_expect_gt(c.n_hooks, 0);
	catalogue_free(&c);
}
