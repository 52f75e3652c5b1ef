/* SPDX-License-Identifier: GPL-2.0-only */
/* What a loop can do over and over, and which hooks it drives. */
#ifndef KRSI_BENCH_HOOK_H
#define KRSI_BENCH_HOOK_H

#include <stdbool.h>

/**
 * struct op - one behaviour.
 * @name: of the benchmark, after hook/.
 * @hooks: those it drives, as words. What this kernel does not have, or does not call here, is
 *         reported as such.
 * @once: does it; false: it did not happen.
 * @set_up: once before all; false: this kernel cannot. May be NULL.
 * @slow: it takes so long that most samples see an interrupt: the mean of as many samples as exec/
 *        takes.
 */
struct op {
	const char *name;
	const char *hooks;
	bool (*once)(void);
	bool (*set_up)(void);
	bool slow;
};

#define OP_MAX_HOOKS 16

/** ops - all of them; ended by one without name. */
extern const struct op ops[];

/** hook_matters - one of the dozen whose cost is measured in more ways. */
bool hook_matters(const char *hook);

#endif
