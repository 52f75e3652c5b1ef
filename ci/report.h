/* SPDX-License-Identifier: GPL-2.0-only */
/* The forms in which a run can be read. Each is one function from a run to text in memory. */
#ifndef CI_REPORT_H
#define CI_REPORT_H

#include <stddef.h>

#include "ci/run.h"

/** A form of report. */
struct report {
	const char *name; /**< as in `krsi report --format` */
	const char *file; /**< its file in the results directory; NULL: it is not kept */
	/** The text, to be freed with free(); *@len is its length. */
	char *(*format)(const struct run *run, size_t *len);
};

/** All forms; the last has a NULL name. */
extern const struct report reports[];

/** The form with that name, or NULL. */
const struct report *report_find(const char *name);

/**
 * The name of the extra row with which line formats end, so that a run that is red for a reason
 * that no test has (lost events, a complaint of the kernel, an uncovered hook) is red there too.
 */
#define REPORT_RUN_ROW "krsi/run"

/** KTAP version 1. */
char *report_ktap(const struct run *run, size_t *len);

/** JUnit XML, one testsuite per first part of the ids. */
char *report_junit(const struct run *run, size_t *len);

/** One self-contained HTML page. */
char *report_html(const struct run *run, size_t *len);

/** A few plain lines: the first failures with their reasons, the totals, the verdict. */
char *report_text(const struct run *run, size_t *len);

#endif
