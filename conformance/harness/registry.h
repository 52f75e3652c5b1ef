/* SPDX-License-Identifier: GPL-2.0-only */
/* All tests: those declared with KRSI_TEST and those derived from the catalogue. */
#ifndef KRSI_HARNESS_REGISTRY_H
#define KRSI_HARNESS_REGISTRY_H

#include "conformance/harness/test.h"

/* All tests sorted by phase, then id; *n of them. Owned by the registry. */
const struct krsi_test *const *registry__tests(size_t *n);
/* Does the id match one of the comma-separated globs? */
bool registry__match(const char *globs, const char *id);
/*
 * The first of the globs that no test matches (or no self-test, if those are meant), "" where there
 * is no glob at all, NULL where each has one. The caller frees it.
 */
char *registry__unmatched(const char *globs, bool selftests);

#endif
