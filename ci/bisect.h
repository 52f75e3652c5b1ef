/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit codes for git bisect run, which knows good, bad, "cannot be judged" and "stop". */
#ifndef CI_BISECT_H
#define CI_BISECT_H

#include "ci/verdict.h"

/** What is looked for. */
enum bisect {
	BISECT_OFF,   /**< nothing: the exit codes are those of krsi */
	BISECT_BROKE, /**< the commit with which a test began to fail */
	BISECT_FIXED, /**< the commit with which it began to pass */
};

/** git's word for a commit that cannot be judged, and for an end of the bisection. */
#define BISECT_SKIP 125
#define BISECT_STOP 255

/** The exit code for a verdict: 0, 1 or BISECT_SKIP. */
int bisect_code(enum bisect b, const struct verdict *v);

/** The exit code where no verdict was reached: @code is enum krsi_exit. A kernel that is not there
 * (its tree does not build) is skipped; a mistake in the command, or a host that cannot go on, ends
 * the bisection. */
int bisect_error(enum bisect b, int code, bool kernel);

#endif
