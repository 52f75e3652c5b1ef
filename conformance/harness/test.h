/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test: one declaration, then a body. Each test runs in a process of its own; the body reports
 * through the functions below, and the first failure counts. A body that returns without having
 * failed or skipped has passed.
 */
#ifndef KRSI_HARNESS_TEST_H
#define KRSI_HARNESS_TEST_H

#include "conformance/adapters/adapter.h"
#include "conformance/harness/needs.h"

struct krsi_run;
struct krsi_hook_entry;
struct recording;
struct crowd;

enum krsi_result {
	RESULT_PASS,
	RESULT_FAIL,
	RESULT_SKIP,
	RESULT_TIMEOUT,
	RESULT_CRASH,
	RESULT_BROKEN,
	RESULTS
};

/* When a test runs: these need different programs to be attached. */
enum krsi_phase {
	PHASE_BARE,    /* nothing attached; the body loads and attaches what it tests */
	PHASE_FLEET,   /* a steered program is attached to every hook */
	PHASE_RESTORE, /* ... and has been detached again */
	PHASE_ALONE,   /* nothing was ever attached in this boot; these run before all others */
	PHASE_SLEEPABLE_CROWD, /* a sleepable program that allows is on every hook that takes one */
	PHASE_CROWD, /* ... and another program that allows on every hook; these run last */
	PHASES
};

#define KRSI_MAX_REQUIREMENTS 4

struct krsi_test {
	const char *id;	     /* permanent, e.g. "order/lifo"; never reused */
	const char *summary; /* one sentence: what holds if it passes */
	const char *requirements[KRSI_MAX_REQUIREMENTS]; /* ids of conformance/spec */
	enum krsi_phase phase;
	struct krsi_needs needs;
	const char *hook[4]; /* hooks that must exist and be attachable */
	bool selftest; /* only with --self: a test of the harness, not of the implementation */
	/* runs in a boot of its own, with the list of LSMs that the host knows by this name, and
	 * needs a recording of the boot that goes with it, or its parameter; NULL: runs in any boot
	 */
	const char *boot;
	/* changes the machine until it boots again, for which it has a boot that none compares
	 * with: skipped where the machine is not a guest of ours */
	bool spoils;
	void (*body)(struct krsi_run *t);
	/* derived tests */
	const struct krsi_hook_entry *entry;
	int variant; /* meaning is that of the body */
};

#define KRSI_TEST(name, ...)                                                                       \
	static void name(struct krsi_run *t);                                                      \
	static const struct krsi_test test_##name = { .body = name, __VA_ARGS__ };                 \
	static const struct krsi_test *test_##name##_p                                             \
		__attribute__((used, section("krsi_tests"))) = &test_##name;                       \
	static void name(struct krsi_run *t)

/* What a body sees. */
struct krsi_run {
	const struct krsi_test *test;
	const struct krsi_adapter *adapter;
	struct krsi_instance *inst;
	const struct krsi_hook *hooks; /* of the implementation, sorted by name */
	size_t nr_hooks;
	struct krsi_prog **fleet;	   /* program of hooks[i], NULL where none is attached */
	struct krsi_report *report;	   /* shared with the runner */
	const struct recording *recording; /* of another boot, or NULL */
	const struct crowd *crowd;	   /* in the phases that have one */
	unsigned int effort; /* 1, or so many times as often a test repeats what it repeats */
};

/* What the runner reads after the test's process ended. */
struct krsi_report {
	int result; /* enum krsi_result */
	bool done;  /* the body returned */
	char reason[512];
	char expected[256];
	char got[256];
	char differs[8192]; /* names of the outcomes that differ, space-separated; see recording.h
			     */
};

/* Each ends the test's process: call only from the process that runs the body. */
_Noreturn void test__fail(struct krsi_run *t, const char *expected, const char *got,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));
_Noreturn void test__skip(struct krsi_run *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
_Noreturn void test__broken(struct krsi_run *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Fails unless got == want; `what` says what the number is. */
void test__equal(struct krsi_run *t, long long want, long long got, const char *what);
/* Fails unless the result of a call is as expected: both are >= 0 (success) or -errno. */
void test__errno(struct krsi_run *t, int want, int got, const char *what);
/* Fails, with `what`, unless cond. */
void test__true(struct krsi_run *t, bool cond, const char *what);

/* The implementation's hook, or NULL. */
const struct krsi_hook *test__hook(const struct krsi_run *t, const char *name);
/* The fleet's program on a hook; broken if there is none. */
struct krsi_prog *test__fleet(struct krsi_run *t, const char *name);

/* Symbol of a result ("success" for >= 0) such as "-EPERM"; static storage per call of a line. */
const char *errno__name(int ret);

#endif
