/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suite's programs on hooks cost, as the kernel itself counts it. For equal programs on an
 * equal kernel the counts are equal under any load, so that a difference is the kernel's doing. The
 * machine code is also the processor's: what it is compiled to depends on what it has to be guarded
 * against there.
 */
#ifndef CI_COST_H
#define CI_COST_H

#include <stdbool.h>
#include <stddef.h>

struct run;
struct strs;

/** The counts of one program; 0: the kernel does not tell. */
struct cost {
	long long verified; /**< instructions that the verifier walked */
	long long xlated;   /**< bytes of instructions after the verifier's changes */
	long long jited;    /**< bytes of machine code */
};

/** A difference of more than this part is told, whatever the limit. */
#define COST_TOLD 0.05

/** No limit: costs are told and not judged. */
#define COST_NO_LIMIT -1.0

/** Whether the kernel told anything. */
bool cost_known(const struct cost *c);

/**
 * Adds a line to @lines for each hook whose program differs by more than COST_TOLD, or @limit if
 * that is less (0.05: 5 %), in one of its counts (the length of machine code only if both ran under
 * emulation, where all have one processor). Returns on how many hooks one of the counts rose past
 * @limit, or the machine code is gone: the program is interpreted. Programs of another build of the
 * suite, or of another implementation, are not compared, and one line says so; with a limit that
 * counts as one, and so does it if no hook of both runs has counts.
 */
size_t cost_compare(struct strs *lines, const struct run *before, const struct run *after,
		    double limit);

/** A run, and the path of its results.json or of the directory that holds it. */
struct cost_side {
	const struct run *run;
	const char *results;
};

/**
 * Adds a line to @lines for each benchmark that differs by more than noise, where both directories
 * of results have one called bench that `krsi bench` filled. Returns how many became worse by more
 * than @limit, or are no longer measured; with a limit also 1 if the older one has figures that
 * cannot be compared.
 */
size_t cost_figures(struct strs *lines, const struct cost_side *before,
		    const struct cost_side *after, double limit);

#endif
