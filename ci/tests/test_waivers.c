// SPDX-License-Identifier: GPL-2.0-only
/* Waivers: what they match, when they end, and what a wrong file says. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ci/tests/sample.h"
#include "ci/waivers.h"
#include "vm-images/fs.h"

#define GOOD                                                                                       \
	"[w]\ntests = a/*, b/x\nkernels = 6.1.*\nreason = r\nevidence = e\nexpires = 2026-12-31\n"

#define OUTCOMES GOOD "outcomes = u:x/set, u:x/get*\n"

#define SIXTY "123456789 123456789 123456789 123456789 123456789 123456789 "

/* 2026-12-31 and 2027-01-01, noon UTC. */
#define LAST_DAY  1798718400
#define DAY_AFTER (LAST_DAY + 86400)

static void add(struct run *run, const char *id, enum result result)
{
	struct run_test *t = run_add_test(run, id);

	t->result = result;
	t->done = true;
}

static void fill(struct run *run, const char *release, const char *impl)
{
	run->kernel_release = strdup(release);
	run->implementation = strdup(impl);
	add(run, "a/one", RESULT_FAIL);
	add(run, "a/two", RESULT_PASS);
	add(run, "b/x", RESULT_CRASH);
	add(run, "c/three", RESULT_FAIL);
	run_sort(run);
}

static void apply(struct run *run, const char *text, time_t now)
{
	struct waivers ws = { 0 };
	struct krsi_err err = { 0 };

	cr_assert_eq(waivers_parse(&ws, text, "w.conf", &err), 0, "%s", err.text);
	waivers_apply(&ws, run, now);
	waivers_free(&ws);
}

static enum result of(const struct run *run, const char *id)
{
	return run_test_find(run, id)->result;
}

Test(waivers, a_failure_is_expected_and_a_pass_is_not)
{
	struct run run = { 0 };

	fill(&run, "6.1.0-56-cloud-amd64", "bpf-lsm");
	apply(&run, GOOD, LAST_DAY);
	cr_expect_eq(of(&run, "a/one"), RESULT_XFAIL);
	cr_expect_eq(of(&run, "a/two"), RESULT_XPASS);
	cr_expect_eq(of(&run, "b/x"), RESULT_CRASH, "a crash is never waived");
	cr_expect_eq(of(&run, "c/three"), RESULT_FAIL);
	run_free(&run);
}

Test(waivers, a_reader_of_the_results_is_told_where_it_is_tracked)
{
	struct run run = { 0 };

	fill(&run, "6.1.0", "bpf-lsm");
	apply(&run, GOOD "url = https://example.org/17\n", LAST_DAY);
	cr_expect(
		strstr(run_test_find(&run, "a/one")->reason, "known: r (https://example.org/17)"));
	run_free(&run);
}

Test(waivers, the_day_after_the_last_it_waives_nothing)
{
	struct run run = { 0 };

	fill(&run, "6.1.0", "bpf-lsm");
	apply(&run, GOOD, DAY_AFTER);
	cr_expect_eq(of(&run, "a/one"), RESULT_FAIL);
	cr_expect_eq(of(&run, "a/two"), RESULT_PASS);
	cr_expect(strstr(run_test_find(&run, "a/one")->reason, "expired on 2026-12-31"));
	run_free(&run);
}

Test(waivers, another_kernel_or_implementation_is_not_meant)
{
	static const char *const other[][2] = { { "6.12.1", "bpf-lsm" }, { "6.1.0", "krsi" } };

	for (int i = 0; i < 2; i++) {
		struct run run = { 0 };

		fill(&run, other[i][0], other[i][1]);
		apply(&run, GOOD, LAST_DAY);
		cr_expect_eq(of(&run, "a/one"), RESULT_FAIL);
		run_free(&run);
	}
}

Test(waivers, a_wrong_file_is_named_with_its_line)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "tests = a\n", "w.conf:1: 'tests' stands before the first [name]" },
		{ "[w]\nwho = me\n", "w.conf:2: a waiver has no 'who'" },
		{ "[w]\ntests = a\ntests = b\n", "w.conf:3: 'tests' stands there twice" },
		{ "[w]\ntests = a\n[v]\ntests = b\n[w]\nreason = r\n",
		  "w.conf:6: [w] is there twice" },
		{ "[w]\ntests =\n", "w.conf:2: 'tests' is empty" },
		{ "[w]\nexpires = soon\n", "w.conf:2: 'soon' is no date YYYY-MM-DD" },
		{ "[w]\nexpires = 2026-13-01\n", "w.conf:2: '2026-13-01' is no date YYYY-MM-DD" },
		{ "[w]\nexpires = 2027-02-31\n", "w.conf:2: '2027-02-31' is no date YYYY-MM-DD" },
		{ "[w]\nexpires = 2027- 6-30\n", "w.conf:2: '2027- 6-30' is no date YYYY-MM-DD" },
		{ "[w]\nurl = bug 17\n", "w.conf:2: 'bug 17' is no http:// or https:// URL" },
		{ "[w]\nurl = https:// x\n", "w.conf:2: 'https:// x' is no http" },
		{ "[w]\ntests = a\nnonsense\n", "w.conf:3: neither" },
		{ "[w]\ntests = a\nreason = " SIXTY SIXTY SIXTY "1234567890\n",
		  "w.conf:3: the line has 199 characters, and more than 198 are not read: shorten it" },
		{ "[w]\ntests = a\nreason = " SIXTY SIXTY SIXTY "123456789\n",
		  "w.conf: waiver [w] lacks 'kernels'" },
		{ "[w]\ntests = a\n", "w.conf: waiver [w] lacks 'kernels'" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct waivers ws = { 0 };
		struct krsi_err err = { 0 };

		cr_expect_eq(waivers_parse(&ws, bad[i].text, "w.conf", &err), -1);
		cr_expect_eq(err.code, KRSI_EXIT_USAGE);
		cr_expect(!strncmp(err.text, bad[i].says, strlen(bad[i].says)), "%s", err.text);
		cr_expect_eq(ws.n_item, 0);
	}
}

Test(waivers, the_project_s_own_file_reads)
{
	struct waivers ws = { 0 };
	struct krsi_err err = { 0 };

	cr_expect_eq(waivers_load(&ws, "ci/waivers.conf", &err), 0, "%s", err.text);
	cr_expect_gt(ws.n_item, 0);
	waivers_free(&ws);
}

/* What becomes of a failure of a/one in which the outcomes of @differs are not as recorded. */
static enum result weigh_outcomes(const char *waivers, const char *differs, const char *says)
{
	struct run run = { 0 };
	struct run_test *t;
	char *copy = strdup(differs), *save = NULL;
	enum result result;

	fill(&run, "6.1.0", "bpf-lsm");
	t = run_test_find(&run, "a/one");
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		strs_add(&t->differs, w);
	apply(&run, waivers, LAST_DAY);
	result = t->result;
	if (says)
		cr_expect(t->reason && strstr(t->reason, says), "%s: '%s'", differs, t->reason);
	free(copy);
	run_free(&run);
	return result;
}

Test(waivers, single_outcomes_are_waived_and_no_other)
{
	static const char more[] = OUTCOMES "[second]\ntests = a/one\noutcomes = u:x/list\n"
					    "kernels = 6.1.*\nreason = r\nevidence = e\n"
					    "expires = 2026-12-31\n";

	cr_expect_eq(weigh_outcomes(OUTCOMES, "u:x/set u:x/get u:x/get-size", "known"),
		     RESULT_XFAIL);
	cr_expect_eq(weigh_outcomes(OUTCOMES, "u:x/set u:x/get u:x/new", "not waived: u:x/new"),
		     RESULT_FAIL);
	cr_expect_eq(weigh_outcomes(OUTCOMES, "u:x/set", "u:x/get* differs"), RESULT_XPASS);
	cr_expect_eq(weigh_outcomes(OUTCOMES, "", NULL), RESULT_FAIL, "another kind of failure");
	cr_expect_eq(weigh_outcomes(more, "u:x/set u:x/get u:x/list", "known"), RESULT_XFAIL);
	cr_expect_eq(weigh_outcomes(more, "u:x/set u:x/get", "u:x/list differs"), RESULT_XPASS);
	cr_expect_eq(weigh_outcomes(more, "u:x/list", "differs"), RESULT_XPASS);
	cr_expect_eq(weigh_outcomes(GOOD, "u:x/whatever", "known"), RESULT_XFAIL);
}

Test(waivers, outcomes_excuse_a_failure_before_the_end)
{
	struct waivers ws = { 0 };
	struct krsi_err err = { 0 };
	struct run_test t = { .id = (char *)"a/one", .result = RESULT_FAIL };

	cr_assert_eq(waivers_parse(&ws, OUTCOMES, "w.conf", &err), 0, "%s", err.text);
	strs_add(&t.differs, "u:x/set");
	strs_add(&t.differs, "u:x/get");
	cr_expect(waivers_excuse(&ws, "6.1.0", "bpf-lsm", &t, LAST_DAY));
	cr_expect_not(waivers_excuse(&ws, "6.1.0", "bpf-lsm", &t, DAY_AFTER));
	strs_add(&t.differs, "u:x/new");
	cr_expect_not(waivers_excuse(&ws, "6.1.0", "bpf-lsm", &t, LAST_DAY));
	strs_free(&t.differs);
	waivers_free(&ws);
}

/* Layers from @first on, parsed in their order; the one waiver that is left, or NULL. */
static const struct waiver *layered(struct waivers *ws, const char *second, struct krsi_err *err)
{
	cr_assert_eq(waivers_parse(ws, GOOD, "suite.conf", err), 0, "%s", err->text);
	if (waivers_parse(ws, second, "site.conf", err))
		return NULL;
	cr_expect_leq(ws->n_item, 1);
	return ws->n_item ? &ws->item[0] : NULL;
}

Test(waivers, a_later_layer_replaces_and_withdraws)
{
	static const char late[] = "[w]\ntests = c/three\nkernels = *\nreason = ours\n"
				   "evidence = e\nexpires = 2027-01-01\n";
	struct waivers ws = { 0 };
	struct krsi_err err = { 0 };
	const struct waiver *w = layered(&ws, late, &err);

	cr_assert(w, "%s", err.text);
	cr_expect_str_eq(w->reason, "ours");
	cr_expect_str_eq(w->origin, "site.conf");
	cr_expect_eq(ws.files.n, 2);
	waivers_free(&ws);
	cr_expect_null(layered(&ws, "[w]\nwithdrawn = fixed by our patch\n", &err));
	cr_expect_eq(err.code, 0, "%s", err.text);
	waivers_free(&ws);
	cr_expect_null(layered(&ws, "[v]\nwithdrawn = a slip of the pen\n", &err));
	cr_expect_str_eq(err.text, "site.conf: withdraws [v], which no earlier layer has");
	waivers_free(&ws);
	cr_expect_null(layered(&ws, "[w]\nwithdrawn = x\ntests = a\n", &err));
	cr_expect_str_eq(err.text, "site.conf: waiver [w] is withdrawn, and yet says more");
	waivers_free(&ws);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name), *slash = strrchr(path, '/');
	struct krsi_err err = { 0 };

	*slash = '\0';
	cr_assert_eq(fs_mkdirs(path, &err), 0, "%s", err.text);
	*slash = '/';
	cr_assert_eq(fs_write_atomic(path, text, strlen(text), &err), 0, "%s", err.text);
	free(path);
}

Test(waivers, files_of_the_architecture_and_of_the_site_are_layers)
{
	const char *dir = sample_dir();
	char *suite = xasprintf("%s/w.conf", dir);
	struct waivers ws = { 0 };
	struct krsi_err err = { 0 };
	struct strs named = { 0 };

	write_file(dir, "w.conf", GOOD);
	write_file(dir, "w.x86_64.conf", "[w]\nwithdrawn = not here\n");
	write_file(dir, "w.arm64.conf", "nonsense\n");
	write_file(dir, "krsi/waivers.conf", "[own]\ntests = a\n");
	setenv("XDG_CONFIG_HOME", dir, 1);
	cr_expect_eq(waivers_load_layers(&ws, &named, "x86_64", &err), 0);
	cr_expect_eq(ws.n_item, 0, "without a file, none is read");
	strs_add(&named, suite);
	/* the site's file is read, and is wrong */
	cr_expect_eq(waivers_load_layers(&ws, &named, "x86_64", &err), -1);
	cr_expect(strstr(err.text, "krsi/waivers.conf: waiver [own] lacks"), "%s", err.text);
	write_file(dir, "krsi/waivers.conf", OUTCOMES);
	cr_expect_eq(waivers_load_layers(&ws, &named, "x86_64", &err), 0, "%s", err.text);
	cr_assert_eq(ws.n_item, 1);
	cr_expect(strstr(ws.item[0].origin, "krsi/waivers.conf"));
	cr_expect_eq(ws.files.n, 3);
	waivers_free(&ws);
	strs_free(&named);
	free(suite);
}

Test(waivers, expired_or_about_nothing_makes_a_run_red)
{
	static const struct {
		const char *text, *release;
		time_t now;
		const char *says;
	} cases[] = {
		{ GOOD, "6.1.0", LAST_DAY, NULL },
		{ GOOD, "6.1.0", DAY_AFTER, "waiver [w] of w.conf expired on 2026-12-31" },
		{ GOOD, "6.12.0", DAY_AFTER, NULL },
		{ GOOD "[x]\ntests = a/one, a/typo\nkernels = 9.*\nreason = r\nevidence = e\n"
		       "expires = 2028-01-01\n",
		  "6.1.0", LAST_DAY,
		  "waiver [x] of w.conf is about a/typo, which is the name of no" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cat_test tests[] = { { .id = "a/one" }, { .id = "b/x" } };
		struct catalogue c = { .tests = tests, .n_tests = 2 };
		struct waivers ws = { 0 };
		struct krsi_err err = { 0 };
		struct run run = { 0 };

		fill(&run, cases[i].release, "bpf-lsm");
		cr_assert_eq(waivers_parse(&ws, cases[i].text, "w.conf", &err), 0, "%s", err.text);
		waivers_check(&ws, &run, &c, cases[i].now);
		cr_expect_eq(run.stale.n, cases[i].says ? 1 : 0, "case %zu", i);
		if (cases[i].says && run.stale.n)
			cr_expect(strstr(run.stale.v[0], cases[i].says), "%s", run.stale.v[0]);
		run_free(&run);
		waivers_free(&ws);
	}
}

Test(waivers, what_excuses_a_failure_is_named)
{
	struct run run = { 0 };

	fill(&run, "6.1.0", "bpf-lsm");
	apply(&run, GOOD, LAST_DAY);
	cr_assert_eq(run_test_find(&run, "a/one")->waivers.n, 1);
	cr_expect_str_eq(run_test_find(&run, "a/one")->waivers.v[0], "w");
	cr_expect_eq(run_test_find(&run, "a/two")->waivers.n, 0, "a pass needs no excuse");
	run_free(&run);
}
