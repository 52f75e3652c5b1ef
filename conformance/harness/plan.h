/* SPDX-License-Identifier: GPL-2.0-only */
/* Which tests run, in which order, and which of them this machine can run at all. */
#ifndef KRSI_HARNESS_PLAN_H
#define KRSI_HARNESS_PLAN_H

#include "conformance/harness/runner.h"

/* One test of a run. */
struct planned {
	const struct krsi_test *test;
	const char *unmet; /* why it is skipped, NULL: it runs */
	long hook[4]; /* indices of the hooks that it uses, ended by -1; none where it is skipped */
	bool done;
};

struct plan {
	struct planned *item;
	size_t n;
};

/* Selects the tests; 0, or why the skip list cannot be read (-ENOENT, ...), or -ENOMEM. */
int plan__make(struct plan *plan, const struct runner_options *options);
/* Holds each test's needs against the implementation and the machine. */
void plan__check(struct plan *plan, const struct krsi_run *run, uint32_t capabilities);
/* How many tests of a phase use each hook: adds to users[hook index]. */
void plan__count_users(const struct plan *plan, enum krsi_phase phase, unsigned int *users);
void plan__free(struct plan *plan);

#endif
