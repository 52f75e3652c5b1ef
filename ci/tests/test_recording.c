// SPDX-License-Identifier: GPL-2.0-only
/* Recordings as they come from a guest, and the lists of LSMs that lanes are booted with. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/lane.h"
#include "ci/recording.h"
#include "ci/tests/sample.h"
#include "ci/verdict.h"

Test(recording, is_sorted_whatever_the_order)
{
	struct recording r = { 0 };
	size_t len;
	char *text;

	cr_expect_null(recording_add(&r, "root:b/x", "0"));
	cr_expect_null(recording_add(&r, "nobody:b/x", "-EPERM"));
	cr_expect_null(recording_add(&r, "root:a/x", "5 \"a b\\0a\""));
	text = recording_text(&r, &len);
	cr_expect_str_eq(text, "nobody:b/x -EPERM\nroot:a/x 5 \"a b\\0a\"\nroot:b/x 0\n");
	cr_expect_eq(len, strlen(text));
	free(text);
	recording_free(&r);
}

Test(recording, takes_nothing_that_is_not_an_outcome)
{
	struct recording r = { 0 };
	char *long_name = xcalloc(RECORDING_NAME_MAX + 2, 1);
	char *long_value = xcalloc(RECORDING_VALUE_MAX + 2, 1);
	const struct {
		const char *name, *value, *says;
	} bad[] = {
		{ "", "0", "name" },	      { "a b", "0", "name" },
		{ "a/../b", "0", "name" },    { long_name, "0", "name" },
		{ "a", "", "value" },	      { "a", "two\nlines", "value" },
		{ "a", "\x1b[2J", "value" },  { "a", "\xc3\xa9", "value" },
		{ "a", long_value, "value" },
	};

	memset(long_name, 'n', RECORDING_NAME_MAX + 1);
	memset(long_value, 'v', RECORDING_VALUE_MAX + 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *wrong = recording_add(&r, bad[i].name, bad[i].value);

		cr_assert(wrong, "%zu", i);
		cr_expect(strstr(wrong, bad[i].says), "%zu: %s", i, wrong);
	}
	cr_expect_eq(r.n_item, 0);
	cr_expect_null(recording_add(&r, "a", "0"));
	cr_expect_str_eq(recording_add(&r, "a", "1"), "it came twice");
	cr_expect_str_eq(r.item[0].value, "0", "the first stays");
	free(long_name);
	free(long_value);
	recording_free(&r);
}

Test(recording, is_bounded)
{
	struct recording r = { 0 };
	char name[32];

	for (int i = 0; i < RECORDING_MAX; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		cr_assert_null(recording_add(&r, name, "0"));
	}
	cr_expect_str_eq(recording_add(&r, "one-more", "0"), "there are too many");
	cr_expect_eq(r.n_item, RECORDING_MAX);
	recording_free(&r);
}

#define E(seq, rest) "{\"v\":1,\"seq\":" #seq ",\"event\":" rest "}\n"
#define START                                                                                      \
	E(0, "\"suite-start\",\"suite\":{\"version\":\"1\"},\"implementation\":\"none\","          \
	     "\"kernel\":{\"release\":\"6.1\"},\"capabilities\":[],\"planned\":0,\"seed\":1")
#define OUTCOME(seq, name, value)                                                                  \
	E(seq, "\"outcome\",\"name\":\"" name "\",\"value\":\"" value "\"")
#define FINISH(seq) E(seq, "\"suite-end\",\"seconds\":1,\"totals\":{}")

/* Folds a boot that records, or that was not asked to; returns how many faults it has. */
static size_t fold_boot(struct run *run, struct recording *r, const char *text)
{
	struct fold *f;

	*run = (struct run){ 0 };
	ARRAY_PUSH(run, boots)->outcome = xstrdup("done");
	f = fold_new(run, 0, 0, NULL);
	if (r)
		fold_record(f, r);
	sample_feed(f, text);
	fold_finish(f, FOLD_ORDERLY, "");
	fold_free(f);
	return run->faults.n;
}

static const char whole[] =
	START OUTCOME(1, "root:a/b", "0") OUTCOME(2, "root:a/c", "-EPERM") FINISH(3);

Test(recording, folds_from_a_whole_stream)
{
	struct recording r = { 0 };
	struct run run;

	cr_expect_eq(fold_boot(&run, &r, whole), 0, "%s", run.faults.n ? run.faults.v[0] : "");
	cr_expect_eq(r.n_item, 2);
	cr_expect_str_eq(r.item[1].value, "-EPERM");
	run_free(&run);
	recording_free(&r);
}

Test(recording, no_stream_with_a_lost_line_is_good)
{
	for (const char *p = whole; *p; p = strchr(p, '\n') + 1) {
		char *text = xasprintf("%.*s%s", (int)(p - whole), whole, strchr(p, '\n') + 1);
		struct recording r = { 0 };
		struct run run;

		cr_expect_gt(fold_boot(&run, &r, text), 0, "without %.60s", p);
		run_free(&run);
		recording_free(&r);
		free(text);
	}
}

Test(recording, outcomes_that_no_one_asked_for_are_a_fault)
{
	struct run run;

	cr_expect_gt(fold_boot(&run, NULL, whole), 0);
	cr_expect(sample_fault(&run, "was not asked to record"));
	run_free(&run);
}

Test(lane, lists)
{
	static const struct {
		const char *lane, *own, *wanted, *lsm;
	} cases[] = {
		{ "plain", "bpf", "a,bpf,b", "a,bpf,b" },
		{ "without-bpf", "bpf", "a,bpf,b", "a,b" },
		{ "without-bpf", "bpf", "bpf", "" },
		{ "without-bpf", "bpf", "bpfx,xbpf,bpf", "bpfx,xbpf" },
		{ "bpf-first", "bpf", "a,b,bpf", "bpf,a,b" },
		{ "bpf-first", "bpf", "a,b", "bpf,a,b" },
		{ "without-bpf-apparmor", "bpf", "a,bpf", "landlock,a,apparmor" },
		{ "before-apparmor", "bpf", "apparmor,a,bpf", "bpf,landlock,a,apparmor" },
		{ "after-apparmor", "bpf", "landlock,a,,bpf", "landlock,a,apparmor,bpf" },
		{ "selinux", "bpf", "a,bpf", "a,bpf,selinux" },
		{ "without-bpf", "other", "a,other,b", "a,b" },
		{ "without-bpf", "other", "a,bpf,other", "a,bpf" },
		{ "after-apparmor", "other", "a,other", "landlock,a,apparmor,other" },
	};
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *lsm = lane_lsm(lane_find(cases[i].lane), cases[i].wanted, cases[i].own);

		cr_expect_str_eq(lsm, cases[i].lsm, "%s of %s", cases[i].lane, cases[i].wanted);
		free(lsm);
	}
	cr_expect_null(lane_find("none"));
	text = lane_own("a,bpf,xbpf", "other");
	cr_expect_str_eq(text, "a,other,xbpf");
	free(text);
	cr_expect(lane_has("a,bpf", "bpf"));
	cr_expect_not(lane_has("a,bpfx,xbpf", "bpf"));
}

Test(lane, each_compares_with_one_that_records)
{
	for (size_t i = 0; i < n_lanes; i++) {
		const struct lane *to = lanes[i].against ? lane_find(lanes[i].against) : NULL;

		cr_expect_eq(!to, !lanes[i].against, "%s", lanes[i].name);
		cr_expect(!to || to->records, "%s", lanes[i].name);
		cr_expect_not(lanes[i].records && lanes[i].against, "%s", lanes[i].name);
	}
}
