/* SPDX-License-Identifier: GPL-2.0-only */
/* What the writer and the reader of results.json must agree on. */
#ifndef CI_RESULTS_KEYS_H
#define CI_RESULTS_KEYS_H

#include <stddef.h>

/** A plain string: where it is in the file, and in struct run. */
struct results_text {
	const char *object; /**< the member of the document that holds it; NULL: the document */
	const char *key;    /**< its key there */
	size_t offset;	    /**< of the char * in struct run */
};

/** All plain strings of a run. */
extern const struct results_text results_texts[];
/** How many. */
extern const size_t n_results_texts;

/** The names of enum run_stop, in its order. */
extern const char *const results_stops[];
/** How many. */
extern const size_t n_results_stops;

#endif
