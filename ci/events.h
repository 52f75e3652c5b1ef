/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line of the event stream, version 1: text from the guest's second serial port in, a checked
 * event out. One JSON object a line. All of it is hostile input: lengths, counts, names and types
 * are bounded and checked here, so that what comes after may trust a struct event. This unit knows
 * the form of a line; what may follow what is the business of fold.h.
 */
#ifndef CI_EVENTS_H
#define CI_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "ci/array.h"
#include "ci/cost.h"
#include "ci/result.h"

/** Most bytes of a reason, of expected, got and of a note; the rest is cut with "...". */
#define EVENT_TEXT_MAX 4000

/** What a line can say. */
enum event_kind {
	EVENT_SUITE_START, /**< first: who runs what on which kernel */
	EVENT_HOOK,	   /**< a hook of this kernel */
	EVENT_PROGRAM,	   /**< what the program on a hook costs */
	EVENT_TEST_START,  /**< a test begins */
	EVENT_TEST_END,	   /**< its result */
	EVENT_NOTE,	   /**< for the reader */
	EVENT_OUTCOME,	   /**< an outcome of the workload, in a boot that records */
	EVENT_FATAL,	   /**< the suite cannot run; nothing follows */
	EVENT_SUITE_END,   /**< last: the guest's own count */
	EVENT_UNKNOWN,	   /**< an event of a later version: its name is in text */
};

/** One checked line. Strings are clean (text.h) and are owned. */
struct event {
	enum event_kind kind; /**< says which of the members below are set */
	long long seq;	      /**< counts lines from 0 */

	char *id;		  /**< test-start, test-end, outcome; note: may be NULL */
	enum result result;	  /**< test-end */
	double seconds;		  /**< test-end, suite-end */
	struct strs requirements; /**< test-end */
	char *reason;		  /**< test-end; NULL if none */
	char *expected;		  /**< test-end; NULL if none */
	char *got;		  /**< test-end; NULL if none */
	struct strs differs;	  /**< test-end: outcomes that are not as recorded */
	char *value;		  /**< outcome */

	char *name;	  /**< hook: its name; program: that of its hook */
	char *ret;	  /**< hook: "int", "void" or "bool" */
	bool attachable;  /**< hook */
	bool sleepable;	  /**< hook */
	bool covered;	  /**< hook */
	bool unreachable; /**< hook */
	bool untriggered; /**< hook */
	struct cost cost; /**< program */

	char *text;  /**< note, fatal: one line; unknown: the event's name */
	char *cause; /**< fatal: no-btf, no-bpf-lsm, lsm-order, adapter, usage, workload */

	char *suite_version;	  /**< suite-start */
	char *suite_commit;	  /**< suite-start; NULL if unknown */
	bool suite_dirty;	  /**< suite-start */
	char *implementation;	  /**< suite-start */
	char *impl_version;	  /**< suite-start; NULL if unknown */
	char *kernel_release;	  /**< suite-start */
	char *kernel_version;	  /**< suite-start; NULL if unknown */
	char *kernel_machine;	  /**< suite-start; NULL if unknown */
	char *kernel_cmdline;	  /**< suite-start; NULL if unknown */
	char *lsm;		  /**< suite-start; NULL if unknown */
	struct strs capabilities; /**< suite-start */
	long long planned;	  /**< suite-start: tests that will follow */
	long long seed;		  /**< suite-start */

	long long totals[RESULT_COUNT]; /**< suite-end: the guest's count of each result */
};

/**
 * Reads one line of @len bytes. @flaws is what the splitter found (enum line_flaw).
 * Returns 0 with @ev filled (release it with event_free()), or -1 with *@why (free() it) saying
 * what is wrong with the line.
 */
int event_read(struct event *ev, const char *line, size_t len, unsigned int flaws, char **why);

/** Frees what the event owns. */
void event_free(struct event *ev);

#endif
