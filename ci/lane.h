/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boots besides the one that the user describes. A test that compares the same kernel under several
 * lists of LSMs names the boot that it runs in; that boot's lane says with which list the guest is
 * started, and which other boot, without bpf, records what the test compares with.
 */
#ifndef CI_LANE_H
#define CI_LANE_H

#include <stdbool.h>
#include <stddef.h>

/** A kind of boot. In its lists bpf stands for the LSM of the implementation. */
struct lane {
	const char *name;    /**< as tests name it */
	const char *against; /**< the lane that records for it, or NULL */
	bool records;	     /**< others compare with what it records */
	const char *only;    /**< the LSM whose tests it is for, NULL: any */
	const char *cmdline; /**< more for the kernel command line, NULL: nothing */
	bool given;	     /**< its LSMs are those that the user (or the kernel's entry) wants, */
			     /**< and after them `after`, if that is set */
	const char *before;  /**< else: LSMs before the wanted ones that are neither bpf ... */
	const char *after;   /**< ... nor named here, and LSMs after them */
};

/** All lanes, those that record first. */
extern const struct lane lanes[];
/** How many. */
extern const size_t n_lanes;

/** The lane called @name, or NULL. */
const struct lane *lane_find(const char *name);

/** The lsm= of a lane where the user wants @wanted and @own is the LSM of the implementation. Free
 * with free(). */
char *lane_lsm(const struct lane *l, const char *wanted, const char *own);

/** @list with @own in place of bpf. Free with free(). */
char *lane_own(const char *list, const char *own);

/** Whether @lsm is in the comma-separated @list. */
bool lane_has(const char *list, const char *lsm);

#endif
