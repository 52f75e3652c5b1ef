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
	size_t known;	     /**< tests that are as red as before */
};

/**
 * Compares. A test is worse if it is red and was not, or was less red, and also if it passed and
 * is skipped now: what is no longer shown is lost. Free with gate_free().
 */
void gate_compare(struct gate *g, const struct run *before, const struct run *after);

/** Holds @run against @before, called @path, and keeps what that says in @run. */
void gate_apply(struct run *run, const struct run *before, const char *path);

/** Frees what it owns and empties it. */
void gate_free(struct gate *g);

#endif
