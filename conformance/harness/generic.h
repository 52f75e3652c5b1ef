/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests that are derived from the catalogue: hook/<hook>/<semantic>. */
#ifndef KRSI_HARNESS_GENERIC_H
#define KRSI_HARNESS_GENERIC_H

#include "conformance/harness/hook.h"
#include "conformance/harness/test.h"

/* Calls fn for each test that the entry gives; the test and its id are allocated for good. */
void generic__derive(const struct krsi_hook_entry *entry,
		     void (*fn)(const struct krsi_test *test, void *data), void *data);

#endif
