/* SPDX-License-Identifier: GPL-2.0-only */
/* Two runs side by side: what became worse, what became better, what else is not the same. */
#ifndef CI_GATE_H
#define CI_GATE_H

#include "ci/run.h"

/** What differs. Lines are ready to print, sorted, and owned. */
struct gate {
	struct strs worse;   /**< "id: pass -> fail: reason" */
	struct strs better;  /**< the same, the other way round */
	struct strs other;   /**< red in both, but not the same red */
	struct strs added;   /**< tests that only the new run has, and their result */
	struct strs removed; /**< tests that only the old run has */
	struct strs hooks;   /**< "new hook x (attachable, sleepable)", "hook y is gone", ... */
	struct strs defects; /**< defects that waivers name: which came, which are gone */
	struct strs costs;   /**< "hook x: 412 -> 438 bytes of machine code (+6.3 %)" */
	size_t known;	     /**< tests that are as red as before */
};

/** What two results of one test mean. */
enum gate_kind {
	GATE_SAME,   /**< nothing */
	GATE_WORSE,  /**< worse */
	GATE_BETTER, /**< better */
	GATE_OTHER,  /**< red in both, less so now */
	GATE_CAME,   /**< a defect that a waiver names is there now and was not */
	GATE_GONE,   /**< one that was there passes now */
};

/** Judges. */
enum gate_kind gate_judge(enum result before, enum result after);

/**
 * Compares. A test is worse if it is red and was not, or was less red, and also if it passed and
 * is skipped now: what is no longer shown is lost. A failure that a waiver names is never worse: it
 * is known, and stands among the defects. Free with gate_free().
 */
void gate_compare(struct gate *g, const struct run *before, const struct run *after);

/** How a hook takes programs, in words; static. */
const char *gate_attach_word(const struct run_hook *h);

/**
 * Holds @run, whose results go to the directory @own (NULL: not known), against @before, and keeps
 * what that says in @run. @cost: the part by which a program on a hook or a benchmark may cost
 * more, else the run is worse; < 0: costs are only told.
 */
void gate_apply(struct run *run, const struct cost_side *before, const char *own, double cost);

/** Frees what it owns and empties it. */
void gate_free(struct gate *g);

#endif
