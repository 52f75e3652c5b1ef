// SPDX-License-Identifier: GPL-2.0-only
/* Waivers: what they match, when they end, and what a wrong file says. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ci/waivers.h"

#define GOOD                                                                                       \
	"[w]\ntests = a/*, b/x\nkernels = 6.1.*\nreason = r\nevidence = e\nexpires = 2026-12-31\n"

#define OUTCOMES GOOD "outcomes = u:x/set, u:x/get*\n"

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
		{ "[w]\ntests =\n", "w.conf:2: 'tests' is empty" },
		{ "[w]\nexpires = soon\n", "w.conf:2: 'soon' is no date YYYY-MM-DD" },
		{ "[w]\nexpires = 2026-13-01\n", "w.conf:2: '2026-13-01' is no date YYYY-MM-DD" },
		{ "[w]\ntests = a\nnonsense\n", "w.conf:3: neither" },
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
