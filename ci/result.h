/* SPDX-License-Identifier: GPL-2.0-only */
/* The eight things that can become of a test, in the order in which reports list them. */
#ifndef CI_RESULT_H
#define CI_RESULT_H

#include <stdbool.h>

/** What became of a test. */
enum result {
	RESULT_PASS,	/**< the behaviour is as required */
	RESULT_FAIL,	/**< the behaviour is not as required */
	RESULT_SKIP,	/**< a declared need is not met; says which */
	RESULT_XFAIL,	/**< fails, and a waiver says so (made on the host) */
	RESULT_XPASS,	/**< passes although a waiver says that it fails (made on the host) */
	RESULT_TIMEOUT, /**< did not end in time; the guest may have hung with it */
	RESULT_CRASH,	/**< the test, or the kernel under it, died */
	RESULT_BROKEN,	/**< the harness could not find out; also: no result at all */
	RESULT_COUNT,	/**< how many there are */
};

/** The name used in events, results.json and reports: "pass", "fail" and so on. */
const char *result_name(enum result r);

/** Finds @name. Returns 0, or -1 if there is no such result (and @r is untouched). */
int result_parse(const char *name, enum result *r);

/** Whether one such result makes the whole run red. */
bool result_is_red(enum result r);

/** How bad it is, for taking the worst of several: skip is least, broken is most. */
int result_badness(enum result r);

#endif
