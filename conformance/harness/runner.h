/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs tests: phase by phase, each in a process of its own, and reports to a stream. */
#ifndef KRSI_HARNESS_RUNNER_H
#define KRSI_HARNESS_RUNNER_H

#include "conformance/harness/stream.h"

struct runner_options {
	const char *impl;      /* adapter, with ":option" */
	const char *tests;     /* globs; NULL: all but the self-tests */
	const char *skip_list; /* file with the ids that are not to run, one a line; may be NULL */
	int timeout;	       /* seconds for one test */
	unsigned long seed;    /* reported; for tests that draw */
	unsigned int effort;   /* by how much tests that can go on for long do */
	bool selftests;	       /* the tests of the harness take part */
	bool record;	       /* no tests: run the workload and tell its outcomes */
	const char *recording; /* file of the outcomes that tests compare theirs with, or NULL */
};

/* Exit code: 0 all passed or were skipped, 1 not, 2 usage, 4 the suite cannot run here. */
int runner__run(const struct runner_options *options, struct stream *stream);

#endif
