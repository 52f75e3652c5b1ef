/* SPDX-License-Identifier: GPL-2.0-only */
/* One run out of the parts that several machines ran (share.h). */
#ifndef CI_MERGE_H
#define CI_MERGE_H

#include "ci/run.h"
#include "vm-images/err.h"

/**
 * Makes the first of @n parts the whole run and empties the others. Returns 0, or -1 with @err
 * (code 2): a part is missing or there twice, they are not of one kernel, implementation, suite
 * and selection, or a test of the whole is in none of them.
 */
int merge_parts(struct run *parts, size_t n, struct krsi_err *err);

#endif
