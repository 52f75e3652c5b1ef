/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kept event stream of one boot, held against itself once more: with the rules of fold.h, and
 * without the run that it came of. A stream that was whole when it came is without a fault again.
 */
#ifndef CI_REPLAY_H
#define CI_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "ci/array.h"

/** What a stream says of itself. */
struct replay {
	size_t planned;	    /**< tests that its guest was about to run */
	bool ended;	    /**< it has an end; a guest that went down gives none */
	struct strs faults; /**< what is wrong with it, a line each */
};

/** Reads the @len bytes at @data. Free with replay_free(). */
void replay(struct replay *r, const char *data, size_t len);

/** Frees what it owns and empties it. */
void replay_free(struct replay *r);

#endif
