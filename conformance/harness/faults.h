/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Self-tests that hold the suite against wrong implementations: selftest/fault/<name> runs the
 * suite with that fault of the faulty adapter and passes if a test that passes on the real
 * implementation turns red. The reason of a pass names the tests that did.
 */
#ifndef KRSI_HARNESS_FAULTS_H
#define KRSI_HARNESS_FAULTS_H

#include "conformance/harness/test.h"

/* Calls fn for each fault's test. */
void faults__derive(void (*fn)(const struct krsi_test *test, void *data), void *data);

#endif
