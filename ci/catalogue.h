/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suite says of itself (`krsi-test --describe`): its tests, hooks and requirements. The
 * host command knows no test; it learns them all from here.
 */
#ifndef CI_CATALOGUE_H
#define CI_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "ci/array.h"
#include "vm-images/err.h"

/** A test of the suite. */
struct cat_test {
	char *id;		  /**< permanent id; first member: sorted by it */
	char *summary;		  /**< one sentence */
	struct strs requirements; /**< ids */
	struct strs modules;	  /**< kernel modules that it may need, loaded in the guest */
	char *lsm;		  /**< LSM that must be active beside the implementation, or NULL */
	bool selftest;		  /**< tests the suite, not a kernel: hidden unless asked for */
	char *boot;		  /**< the lane that it runs in (lane.h); NULL: the plain boot */
};

/** A hook of the catalogue. */
struct cat_hook {
	char *name;	     /**< first member: sorted by it */
	char *family;	     /**< file, inode, task, ... */
	struct strs modules; /**< modules without which nothing calls it */
	struct strs routes;  /**< names of the ways to make it happen */
	char *unreachable;   /**< proof that nothing can call it, or NULL; see hook.h */
	char *untriggered;   /**< what a route would need that is not there yet, or NULL */
};

/** A numbered promise. Members other than id, level and text may be NULL. */
struct cat_requirement {
	char *id;	/**< first member: sorted by it */
	char *level;	/**< MUST, SHOULD, MAY */
	char *text;	/**< the sentence */
	char *source;	/**< who promised it, where */
	char *since;	/**< first kernel it holds for */
	char *until;	/**< last kernel it holds for */
	char *untested; /**< why no test holds anyone to it */
};

/** The whole of it. All zero is empty. */
struct catalogue {
	char *program; /**< path of the krsi-test that said so */
	char *version; /**< of the suite */
	char *commit;  /**< NULL if unknown */
	bool dirty;    /**< built from a changed tree */
	char *lsm;     /**< of the implementation, as in lsm= */
	char *lsm_off; /**< kernel parameter that leaves it out, NULL: absence from lsm= does */
	struct cat_test *tests;
	size_t n_tests;
	size_t cap_tests;
	struct cat_hook *hooks;
	size_t n_hooks;
	size_t cap_hooks;
	struct cat_requirement *requirements;
	size_t n_requirements;
	size_t cap_requirements;
};

/**
 * Finds a program of the suite: in $KRSI_LIBDIR if that is set, else beside the running krsi.
 * Returns its path (free() it), or NULL with @err (code 5) if it is not there.
 */
char *catalogue_program(const char *name, struct krsi_err *err);

/**
 * Runs `krsi-test --describe` and reads what it says. @impl, if not NULL, is handed to it too.
 * Returns 0, or -1 with @err: code 5, or 2 if it does not know the implementation.
 */
int catalogue_load(struct catalogue *c, const char *impl, struct krsi_err *err);

/**
 * Reads the document from memory; @what names it in messages. Returns 0, or -1 with @err (code 5):
 * a member that is missing, of the wrong type, an id twice.
 */
int catalogue_parse(struct catalogue *c, const char *text, size_t len, const char *what,
		    struct krsi_err *err);

/** The test with that id, or NULL. */
const struct cat_test *catalogue_test(const struct catalogue *c, const char *id);

/** The hook with that name, or NULL. */
const struct cat_hook *catalogue_hook(const struct catalogue *c, const char *name);

/** The requirement with that id, or NULL. */
const struct cat_requirement *catalogue_requirement(const struct catalogue *c, const char *id);

/** Frees all that it owns and empties it. */
void catalogue_free(struct catalogue *c);

#endif
