/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waivers: known defects of named kernels, as data. A waived test that fails is `xfail` and does
 * not make the run red; one that passes is `xpass` and does, since the waiver is then wrong. A
 * waiver that has expired waives nothing.
 *
 * A file of them is INI, a section for each:
 *
 *	[positive-returns]
 *	tests = return/range-int-positive, return/range-bool
 *	kernels = 5.10.*, 6.1.*
 *	reason = return values are not checked at load
 *	evidence = check_return_code() in kernel/bpf/verifier.c has no case for BPF_LSM_MAC
 *	expires = 2027-06-30
 *
 * A test that compares many outcomes (neutral/...) names those that differ. `outcomes`, patterns of
 * such names, then waives these alone: the test is `xfail` if all that differs is waived, by this
 * or another waiver, and all that is waived differs. What differs besides leaves it a failure, and
 * what differs no more makes it `xpass`.
 */
#ifndef CI_WAIVERS_H
#define CI_WAIVERS_H

#include <time.h>

#include "ci/run.h"
#include "vm-images/err.h"

/** One waiver. All strings are owned; all but @impl and @outcomes are never NULL. */
struct waiver {
	char *name;	/**< of its section */
	char *tests;	/**< shell patterns of test ids, separated by commas */
	char *outcomes; /**< shell patterns of outcomes that may differ, NULL: any */
	char *kernels;	/**< shell patterns of kernel releases (uname -r), separated by commas */
	char *impl;	/**< shell pattern of implementations, NULL: bpf-lsm */
	char *reason;	/**< what the kernel does wrong, one line */
	char *evidence; /**< where that is seen: file, function, fix */
	char *expires;	/**< last day on which it holds, YYYY-MM-DD */
};

/** Waivers of one or more files. All zero is none. */
struct waivers {
	struct waiver *item; /**< in the order of the files */
	size_t n_item;	     /**< how many */
	size_t cap_item;     /**< room */
};

/** Adds the waivers in @text. Returns 0, or -1 with @err (code 2) naming @origin and the line. */
int waivers_parse(struct waivers *ws, const char *text, const char *origin, struct krsi_err *err);
/** Adds those of the file at @path. As waivers_parse(). */
int waivers_load(struct waivers *ws, const char *path, struct krsi_err *err);
/** The waiver that holds at @now for a test on a kernel, or NULL; @expired (may be NULL) instead
 * gets one that would but for its date. */
const struct waiver *waivers_find(const struct waivers *ws, const char *release, const char *impl,
				  const char *id, time_t now, const struct waiver **expired);
/** Whether waivers that hold at @now excuse the failure @t. */
bool waivers_excuse(const struct waivers *ws, const char *release, const char *impl,
		    const struct run_test *t, time_t now);
/** Turns waived results of @run into xfail and xpass; @now decides what has expired. */
void waivers_apply(const struct waivers *ws, struct run *run, time_t now);
/** Frees what it owns and empties it. */
void waivers_free(struct waivers *ws);

#endif
