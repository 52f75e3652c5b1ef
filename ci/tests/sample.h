/* SPDX-License-Identifier: GPL-2.0-only */
/* What several unit tests start from. */
#ifndef CI_TESTS_SAMPLE_H
#define CI_TESTS_SAMPLE_H

#include "ci/fold.h"
#include "ci/run.h"

/** A run with one boot and a plan of @n tests: hook/file_open/{fires,deny,errno}, order/lifo. */
void sample_plan(struct run *run, size_t n);

/** A finished run with every kind of result, two hooks, a splat, notes: all that reports show. */
void sample_run(struct run *run);

/** Feeds the lines of @text to @f, one by one. */
void sample_feed(struct fold *f, const char *text);

/** Whether a fault of @run contains @text. */
bool sample_fault(const struct run *run, const char *text);

/** A new directory below /tmp for one test; it is removed when the test's process ends. */
const char *sample_dir(void);

#endif
