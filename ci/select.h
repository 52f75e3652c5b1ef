/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which tests a user means: patterns, separated by commas, against the ids of the catalogue. A
 * pattern is a test id, a shell pattern (`hook/inode_*`, where * also matches '/'), a family of
 * ids (`order`, for order/...), or the name of a hook (`file_open`, for hook/file_open/...).
 */
#ifndef CI_SELECT_H
#define CI_SELECT_H

#include "ci/catalogue.h"

/** What was chosen. */
struct selection {
	struct strs globs; /**< what is handed to krsi-test: hook names have become patterns */
	struct strs ids;   /**< the tests, sorted, each once */
};

/**
 * Chooses. @globs is what the user wrote; "*" is everything. @self: among the
 * hidden self-tests, else among all others. Returns 0, or -1 with @err (code 2):
 * a pattern that matches nothing, with the nearest name that exists.
 */
int select_tests(struct selection *s, const struct catalogue *c, const char *globs, bool self,
		 struct krsi_err *err);

/** Adds to @out the names of the modules that a test may need, each once. */
void select_modules(const struct cat_test *t, struct strs *out);

/** Adds to @out the modules without which a hook cannot be called: whether it can is reported of
 * every kernel, whatever the tests. */
void select_proofs(const struct catalogue *c, struct strs *out);

/** Frees what it owns and empties it. */
void selection_free(struct selection *s);

#endif
