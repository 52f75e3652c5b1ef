/* SPDX-License-Identifier: GPL-2.0-only */
/* From a run to an exit code and a sentence: the one place that decides what is red. */
#ifndef CI_VERDICT_H
#define CI_VERDICT_H

#include <stdbool.h>

#include "ci/run.h"

/** The verdict on a run. */
struct verdict {
	int code;	  /**< enum krsi_exit */
	const char *word; /**< PASS, FAIL, CRASH, NO BOOT, ...: one or two words, static */
	bool judged;	  /**< it says something about the kernel, not only about the run */
	char *text;	  /**< a sentence: the word, then why; owned */
};

/** Decides. Free the content with verdict_free(). */
void verdict_of(struct verdict *v, const struct run *run);

/** Whether a splat of the kernel alone makes a run red: those that a slow host can cause do not. */
bool verdict_splat_is_red(const struct run_splat *s);

/** Frees what it owns. */
void verdict_free(struct verdict *v);

#endif
