/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests that nothing changes: neutral/<condition>/<group of the workload>. Each runs its group and
 * holds every outcome against a recording of the same kernel booted without bpf in lsm=.
 */
#ifndef KRSI_NEUTRAL_NEUTRAL_H
#define KRSI_NEUTRAL_NEUTRAL_H

#include "conformance/harness/test.h"

/* Hands the tests to fn; they live as long as the process. */
void neutral__derive(void (*fn)(const struct krsi_test *test, void *data), void *data);

#endif
