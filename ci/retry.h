/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second try of what is red, in fresh guests: it tells a flake from a defect. Both results are
 * kept, and the first one counts: a test that had to be run twice has not passed.
 */
#ifndef CI_RETRY_H
#define CI_RETRY_H

#include "ci/conduct.h"

/** With more red tests than this nothing is run again: that is no flake. */
#define RETRY_MOST 20

/**
 * Runs the tests of @run that failed, hung or crashed once more, as @o says. Returns 0, also if
 * there was nothing to do; -1 with @err as conduct().
 */
int retry(struct run *run, const struct conduct_opts *o, struct krsi_err *err);

#endif
