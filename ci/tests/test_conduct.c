// SPDX-License-Identifier: GPL-2.0-only
/* The loop over boots, against a QEMU that is played by a script (fake-qemu.sh). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci/conduct.h"
#include "ci/tests/sample.h"
#include "ci/text.h"
#include "ci/verdict.h"
#include "vm-images/fs.h"

#define FAKE  "ci/tests/fake-qemu.sh"
#define DENY  "hook/file_open/deny"
#define ERRNO "hook/file_open/errno"
#define FIRES "hook/file_open/fires"
#define LIFO  "order/lifo"

static const char describe[] =
	"{\"suite\":{\"version\":\"0.1.0\",\"commit\":\"c\",\"dirty\":false},\"hooks\":[],"
	"\"tests\":["
	"{\"id\":\"" DENY "\",\"summary\":\"denies\",\"requirements\":[\"DENY-1\"]},"
	"{\"id\":\"" ERRNO "\",\"summary\":\"passes errno on\",\"requirements\":[\"DENY-1\"]},"
	"{\"id\":\"" FIRES "\",\"summary\":\"fires\",\"requirements\":[]},"
	"{\"id\":\"" LIFO "\",\"summary\":\"newest first\",\"requirements\":[]}],"
	"\"requirements\":[{\"id\":\"DENY-1\",\"level\":\"MUST\",\"text\":\"Denied is denied.\"},"
	"{\"id\":\"OTHER-1\",\"level\":\"MUST\",\"text\":\"Not in this plan.\"}]}";

/* The same, and tests in lanes. */
#define PLAIN "neutral/plain/x"
#define FIRST "neutral/first/x"
static const char with_lanes[] =
	"{\"suite\":{\"version\":\"0.1.0\",\"commit\":\"c\",\"dirty\":false},\"hooks\":[],"
	"\"tests\":["
	"{\"id\":\"" DENY "\",\"summary\":\"denies\",\"requirements\":[]},"
	"{\"id\":\"" PLAIN "\",\"summary\":\"s\",\"requirements\":[],\"boot\":\"plain\"},"
	"{\"id\":\"" FIRST "\",\"summary\":\"s\",\"requirements\":[],\"boot\":\"bpf-first\"}],"
	"\"requirements\":[]}";

/* The same, where some need modules, which the fake kernel has not. */
static const char with_modules[] =
	"{\"suite\":{\"version\":\"0.1.0\",\"commit\":\"c\",\"dirty\":false},"
	"\"hooks\":[{\"name\":\"unused\",\"family\":\"x\",\"unreachable\":\"nobody calls it\","
	"\"modules\":[\"for_proof\"]}],"
	"\"tests\":["
	"{\"id\":\"" DENY "\",\"summary\":\"s\",\"requirements\":[],\"modules\":[\"for_deny\"]},"
	"{\"id\":\"" LIFO "\",\"summary\":\"s\",\"requirements\":[],\"modules\":[\"for_lifo\"]},"
	"{\"id\":\"" PLAIN
	"\",\"summary\":\"s\",\"requirements\":[],\"boot\":\"plain\",\"modules\":[\"never\"]}],"
	"\"requirements\":[]}";

/* One test's surroundings. */
struct scene {
	struct catalogue catalogue;
	struct selection selection;
	struct outdir out;
	struct meter *meter;
	struct kernel kernel;
	struct guest_opts guest;
	struct run run;
	struct krsi_err err;
	struct verdict verdict;
	int rc;
};

/* Conducts a run of all four tests in which the guest behaves as @what says. */
static struct scene play_as(const char *catalogue, const char *ids, const char *what,
			    unsigned int reboots, unsigned int jobs)
{
	struct scene s = { .out = { .lock = -1 } };
	const char *dir = sample_dir();
	char *out = xasprintf("%s/out", dir);
	struct conduct_opts o = { .timeout = 5, .seed = -1, .reboots = reboots, .jobs = jobs };

	setenv("FAKE_DIR", dir, 1);
	setenv("FAKE_IDS", ids, 1);
	setenv("FAKE_DO", what, 1);
	cr_assert_eq(
		catalogue_parse(&s.catalogue, catalogue, strlen(catalogue), "describe", &s.err), 0,
		"%s", s.err.text);
	cr_assert_eq(select_tests(&s.selection, &s.catalogue, "*", false, &s.err), 0);
	cr_assert_eq(outdir_open(&s.out, out, "k", "i", &s.err), 0, "%s", s.err.text);
	s.kernel = (struct kernel){ .name = xstrdup("fake"),
				    .release = xstrdup("6.1.0-fake"),
				    .arch = arch_find("x86_64"),
				    .image = xstrdup(FAKE) };
	s.guest = (struct guest_opts){ .kernel = &s.kernel,
				       .payload = "build/init",
				       .init = "build/init",
				       .accel = ACCEL_TCG,
				       .qemu = FAKE,
				       .boot_seconds = strstr(what, "mute") ? 3 : 60,
				       .silence_seconds = strstr(what, "hang") ? 5 : 60,
				       .total_seconds = 120 };
	s.meter = meter_new(stderr, true);
	s.run.implementation = xstrdup("bpf-lsm");
	o.guest = &s.guest;
	o.catalogue = &s.catalogue;
	o.selection = &s.selection;
	o.impl = "bpf-lsm";
	o.out = &s.out;
	o.meter = s.meter;
	s.rc = conduct(&s.run, &o, &s.err);
	verdict_of(&s.verdict, &s.run);
	free(out);
	return s;
}

static struct scene play(const char *what, unsigned int reboots, unsigned int jobs)
{
	return play_as(describe, DENY " " ERRNO " " FIRES " " LIFO, what, reboots, jobs);
}

static struct scene play_lanes(const char *what, unsigned int jobs)
{
	return play_as(with_lanes, DENY " " FIRST " " PLAIN, what, 1, jobs);
}

static void end(struct scene *s)
{
	verdict_free(&s->verdict);
	run_free(&s->run);
	meter_free(s->meter);
	outdir_close(&s->out);
	kernel_free(&s->kernel);
	selection_free(&s->selection);
	catalogue_free(&s->catalogue);
}

static enum result result_of(const struct scene *s, const char *id)
{
	const struct run_test *t = run_test_find(&s->run, id);

	cr_assert(t && t->done, "%s has no result", id);
	return t->result;
}

static void says(const struct scene *s, int code, const char *text)
{
	cr_expect_eq(s->rc, 0, "%s", s->err.text);
	cr_expect_eq(s->verdict.code, code, "%d: %s", s->verdict.code, s->verdict.text);
	cr_expect(!text || strstr(s->verdict.text, text), "'%s' does not say '%s'", s->verdict.text,
		  text);
}

Test(conduct, all_pass)
{
	struct scene s = play("", 3, 1);

	says(&s, 0, "4 tests passed");
	cr_expect_eq(s.run.n_boots, 1);
	cr_expect_eq(s.run.faults.n, 0);
	cr_expect_str_eq(s.run.boots[0].outcome, "done");
	cr_expect_str_eq(s.run.accel, "tcg");
	cr_expect_gt(s.run.seconds, 0);
	cr_expect_eq(s.run.n_requirements, 1, "only those of the plan");
	cr_expect_str_eq(run_test_find(&s.run, DENY)->summary, "denies");
	end(&s);
}

Test(conduct, a_failure_is_red)
{
	struct scene s = play("fail:" DENY, 3, 1);
	const struct run_test *t = run_test_find(&s.run, DENY);

	says(&s, 1, "1 of 4 tests failed");
	cr_expect_str_eq(t->expected, "-EPERM");
	cr_expect_str_eq(t->reason, "<b>told</b> to?[2J", "no escape sequence gets through");
	end(&s);
}

Test(conduct, only_skips_show_nothing)
{
	struct scene s = play("skip:" DENY " skip:" ERRNO " skip:" FIRES " skip:" LIFO, 3, 1);

	says(&s, 1, "nothing was shown");
	end(&s);
}

Test(conduct, after_a_crash_it_goes_on_with_the_next)
{
	struct scene s = play("crash:" ERRNO, 3, 1);

	says(&s, 3, "went down in " ERRNO);
	cr_expect_eq(result_of(&s, DENY), RESULT_PASS);
	cr_expect_eq(result_of(&s, ERRNO), RESULT_CRASH);
	cr_expect_eq(result_of(&s, FIRES), RESULT_PASS);
	cr_expect_eq(result_of(&s, LIFO), RESULT_PASS);
	cr_expect_eq(s.run.n_boots, 2);
	cr_expect_eq(s.run.faults.n, 0, "%s", s.run.faults.n ? s.run.faults.v[0] : "");
	cr_expect_eq(s.run.n_splats, 1);
	cr_expect_str_eq(s.run.splats[0].test, ERRNO);
	cr_expect(strstr(s.run.splats[0].text, "Kernel panic"));
	cr_expect_eq(run_test_find(&s.run, LIFO)->boot, 1);
	end(&s);
}

Test(conduct, a_guest_that_is_just_gone_is_a_crash)
{
	struct scene s = play("silent:" FIRES, 3, 1);

	says(&s, 3, FIRES);
	cr_expect_eq(result_of(&s, FIRES), RESULT_CRASH);
	cr_expect_eq(result_of(&s, LIFO), RESULT_PASS);
	end(&s);
}

Test(conduct, a_hang_is_a_timeout, .timeout = 60)
{
	struct scene s = play("hang:" FIRES, 3, 1);

	says(&s, 3, FIRES);
	cr_expect_eq(result_of(&s, FIRES), RESULT_TIMEOUT);
	cr_expect_eq(result_of(&s, LIFO), RESULT_PASS);
	cr_expect_str_eq(s.run.boots[0].outcome, "hang");
	end(&s);
}

Test(conduct, reboots_are_bounded)
{
	struct scene s = play("crash:" DENY " crash:" ERRNO " crash:" FIRES " crash:" LIFO, 2, 1);

	says(&s, 3, "3 times");
	cr_expect_eq(s.run.n_boots, 3);
	cr_expect(s.run.cut);
	cr_expect_eq(result_of(&s, LIFO), RESULT_BROKEN);
	cr_expect(sample_fault(&s.run, "1 tests were not run"));
	end(&s);
}

Test(conduct, a_boot_that_dies_before_init_is_tried_once_more)
{
	struct scene s = play("noinit:1", 3, 1);

	says(&s, 0, NULL);
	cr_expect_eq(s.run.n_boots, 1);
	cr_assert_not_null(s.run.boots[0].first_failure, "the retry has to be told");
	end(&s);
}

Test(conduct, a_kernel_that_never_boots)
{
	struct scene s = play("noinit:1 noinit:2", 3, 1);

	says(&s, 4, NULL);
	cr_expect_eq(s.run.stop, RUN_NO_BOOT);
	cr_expect_eq(s.run.n_boots, 1);
	cr_expect_str_eq(s.run.boots[0].outcome, "no-boot");
	cr_expect_not_null(s.run.boots[0].tail);
	cr_expect_eq(result_of(&s, DENY), RESULT_BROKEN);
	end(&s);
}

Test(conduct, a_kernel_that_says_nothing, .timeout = 60)
{
	struct scene s = play("mute:1 mute:2", 3, 1);

	says(&s, 4, NULL);
	end(&s);
}

Test(conduct, a_guest_that_dies_before_any_test_is_not_booted_forever)
{
	struct scene s = play("early:1 early:2 early:3", 9, 1);

	says(&s, 3, "between tests");
	cr_expect_eq(s.run.n_boots, 1);
	cr_expect_eq(result_of(&s, DENY), RESULT_BROKEN);
	end(&s);
}

Test(conduct, a_kernel_without_bpf_lsm)
{
	struct scene s = play("fatal:1", 3, 1);

	says(&s, 4, "CONFIG_BPF_LSM=y");
	cr_expect_eq(s.run.stop, RUN_KERNEL_LACKS);
	cr_expect_str_eq(s.run.stop_cause, "no-bpf-lsm");
	end(&s);
}

static void is_broken(const char *what, const char *fault)
{
	struct scene s = play(what, 3, 1);

	says(&s, 1, NULL);
	cr_expect(sample_fault(&s.run, fault), "%s: '%s'", what,
		  s.run.faults.n ? s.run.faults.v[0] : "no fault");
	end(&s);
}

Test(conduct, a_lost_end)
{
	is_broken("lost:" ERRNO, "a start and no end");
}

Test(conduct, an_end_that_comes_twice)
{
	is_broken("twice:" ERRNO, "an end and no start");
}

Test(conduct, a_stream_without_an_end)
{
	is_broken("noend:1", "stops before suite-end");
}

Test(conduct, a_line_of_garbage)
{
	is_broken("garbage:1", "no JSON object");
}

Test(conduct, an_exit_code_that_tells_another_story)
{
	is_broken("wrongexit:1", "its events say otherwise");
}

Test(conduct, a_flood_is_stopped, .timeout = 60)
{
	is_broken("flood:1", "16 MiB");
}

Test(conduct, a_warning_of_the_kernel_is_red)
{
	struct scene s = play("warn:" FIRES, 3, 1);

	says(&s, 1, "1 complaint");
	cr_expect_eq(result_of(&s, FIRES), RESULT_PASS);
	cr_expect_null(s.run.splats[0].test, "two ports have no common clock");
	end(&s);
}

Test(conduct, jobs_share_the_plan, .timeout = 60)
{
	struct scene s = play("crash:" ERRNO, 3, 3);

	says(&s, 3, ERRNO);
	cr_expect_eq(s.run.n_tests, 4);
	cr_expect_eq(result_of(&s, DENY), RESULT_PASS);
	cr_expect_eq(result_of(&s, ERRNO), RESULT_CRASH);
	cr_expect_eq(result_of(&s, LIFO), RESULT_PASS);
	cr_expect_eq(s.run.faults.n, 0, "%s", s.run.faults.n ? s.run.faults.v[0] : "");
	cr_expect_eq(s.run.n_hooks, 2);
	cr_expect_eq(s.run.n_boots, 3, "a hook's guest twice, the other once, none for nothing");
	cr_expect_eq(run_test_find(&s.run, DENY)->boot, run_test_find(&s.run, ERRNO)->boot,
		     "the tests of a hook share a guest");
	cr_expect_neq(run_test_find(&s.run, LIFO)->boot, run_test_find(&s.run, DENY)->boot);
	cr_expect_str_eq(s.run.splats[0].test, ERRNO);
	cr_expect_eq(run_test_find(&s.run, ERRNO)->boot, s.run.splats[0].boot);
	end(&s);
}

Test(conduct, logs_are_kept)
{
	struct scene s = play("crash:" ERRNO, 3, 1);
	static const char *const files[] = { "console.log", "events.jsonl", "console-2.log",
					     "events-2.jsonl" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *path = outdir_file(&s.out, files[i]);

		cr_expect(fs_exists(path), "%s", path);
		free(path);
	}
	end(&s);
}

Test(conduct, a_missing_qemu)
{
	struct conduct_opts o = { .timeout = 5, .seed = -1, .jobs = 1, .impl = "bpf-lsm" };
	struct scene s = play("", 0, 1);
	struct run run = { 0 };

	s.guest.kernel = &s.kernel;
	s.guest.qemu = "/nonexistent/qemu";
	o.guest = &s.guest;
	o.catalogue = &s.catalogue;
	o.selection = &s.selection;
	o.out = &s.out;
	o.meter = s.meter;
	cr_expect_eq(conduct(&run, &o, &s.err), -1);
	cr_expect_eq(s.err.code, 5);
	cr_expect(strstr(s.err.text, "not found"), "%s", s.err.text);
	run_free(&run);
	end(&s);
}

static const struct run_boot *boot_of(const struct scene *s, const char *lane)
{
	for (size_t i = 0; i < s->run.n_boots; i++)
		if (s->run.boots[i].lane && !strcmp(s->run.boots[i].lane, lane))
			return &s->run.boots[i];
	return NULL;
}

Test(conduct, lanes_get_the_recording_of_their_own, .timeout = 60)
{
	for (unsigned int jobs = 1; jobs <= 3; jobs++) {
		struct scene s = play_lanes("", jobs);
		const struct run_boot *records = boot_of(&s, "without-bpf");
		const struct run_boot *first = boot_of(&s, "bpf-first");

		says(&s, 0, "3 tests passed");
		cr_expect_eq(s.run.faults.n, 0, "%s", s.run.faults.n ? s.run.faults.v[0] : "");
		cr_expect_eq(s.run.n_boots, 4);
		cr_assert(records && first && boot_of(&s, "plain"));
		cr_expect_str_eq(records->lsm, "lockdown,capability,yama,ipe");
		cr_expect_str_eq(first->lsm, "bpf,lockdown,capability,yama,ipe");
		cr_expect_eq(records->recorded, 1);
		cr_expect_eq(&s.run.boots[first->against - 1], records);
		cr_expect_eq(records->against, 0);
		cr_expect_null(s.run.boots[run_test_find(&s.run, DENY)->boot].lane);
		end(&s);
	}
}

/* How the recording boot, the first of all, fails; and what the tests that needed it say. */
static const char *const no_recordings[][2] = {
	{ "early:1", "told to" },
	{ "noend:1", "stops before suite-end" },
	{ "garbage:1", "no JSON object" },
	{ "twin:1", "it came twice" },
	{ "odd:1", "not printable" },
	{ "silent:1", "no outcome" },
	{ "fatal:1", "BPF LSM is not built in" },
};

Test(conduct, without_a_recording_nothing_that_compares_is_green, .timeout = 120)
{
	for (size_t i = 0; i < ARRAY_SIZE(no_recordings); i++) {
		struct scene s = play_lanes(no_recordings[i][0], 1);
		const struct run_test *t = run_test_find(&s.run, PLAIN);

		cr_expect_eq(s.rc, 0, "%s", s.err.text);
		cr_expect_neq(s.verdict.code, 0, "%s", no_recordings[i][0]);
		cr_expect_eq(result_of(&s, PLAIN), RESULT_BROKEN);
		cr_expect_eq(result_of(&s, FIRST), RESULT_BROKEN);
		cr_expect_eq(result_of(&s, DENY), RESULT_PASS);
		cr_expect(strstr(t->reason, no_recordings[i][1]), "%s: '%s'", no_recordings[i][0],
			  t->reason);
		end(&s);
	}
}

Test(conduct, a_boot_that_no_lane_makes)
{
	char *text = xasprintf("%.*splein%s", (int)(strstr(with_lanes, "plain\"}") - with_lanes),
			       with_lanes, strstr(with_lanes, "plain\"}") + 5);
	struct scene s = play_as(text, DENY " " FIRST " " PLAIN, "", 1, 1);

	cr_expect_eq(s.rc, -1);
	cr_expect_eq(s.err.code, 5);
	cr_expect(strstr(s.err.text, "unknown boot, plein"), "%s", s.err.text);
	free(text);
	end(&s);
}

Test(conduct, an_interrupt_stops_it, .timeout = 60)
{
	struct scene s;

	conduct_interrupt(2);
	s = play("hang:" DENY, 3, 1);
	cr_expect_eq(s.rc, -1);
	cr_expect_eq(s.err.code, 5);
	cr_expect_eq(conduct_interrupted(), 2);
	end(&s);
}

static int notes_of(const struct scene *s, const char *module)
{
	int n = 0;

	for (size_t i = 0; i < s->run.notes.n; i++)
		n += strstr(s->run.notes.v[i], module) != NULL;
	return n;
}

Test(conduct, a_guest_loads_what_its_own_tests_need)
{
	struct scene s = play_as(with_modules, DENY " " LIFO " " PLAIN, "run", 1, 2);

	cr_expect_eq(s.run.n_boots, 4, "two shares, a lane and what it is held against");
	cr_expect_eq(notes_of(&s, "for_deny"), 1);
	cr_expect_eq(notes_of(&s, "for_lifo"), 1);
	cr_expect_eq(notes_of(&s, "for_proof"), 1, "of the first guest");
	cr_expect_eq(notes_of(&s, "never"), 0, "outcomes are compared without");
	end(&s);
}
