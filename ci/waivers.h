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
 *	defect = return-range-unchecked
 *	url = https://example.org/bugs/17
 *	expires = 2027-06-30
 *
 * A test that compares many outcomes (neutral/...) names those that differ. `outcomes`, patterns of
 * such names, then waives these alone: the test is `xfail` if all that differs is waived, by this
 * or another waiver, and all that is waived differs. What differs besides leaves it a failure, and
 * what differs no more makes it `xpass`.
 *
 * Files are layers: those of the suite, beside each FILE.conf one for an architecture
 * (FILE.x86_64.conf), and last the site's own. A waiver takes the place of one of the same name in
 * an earlier layer; one with no key but `withdrawn`, which says why, only takes it away.
 *
 * A waiver that has expired for the kernel under test, or that is about no test that there is,
 * makes the run red: nobody may think that it still guards something.
 */
#ifndef CI_WAIVERS_H
#define CI_WAIVERS_H

#include <time.h>

#include "ci/catalogue.h"
#include "ci/run.h"
#include "vm-images/err.h"

/** One waiver. All strings are owned; all but @impl, @outcomes, @defect and @url are never NULL. */
struct waiver {
	char *name;	 /**< of its section */
	char *tests;	 /**< shell patterns of test ids, separated by commas */
	char *outcomes;	 /**< shell patterns of outcomes that may differ, NULL: any */
	char *kernels;	 /**< shell patterns of kernel releases (uname -r), separated by commas */
	char *impl;	 /**< shell pattern of implementations, NULL: bpf-lsm */
	char *reason;	 /**< what the kernel does wrong, one line */
	char *evidence;	 /**< where that is seen: file, function, fix */
	char *defect;	 /**< of defects.conf, with a reproducer; NULL: none */
	char *url;	 /**< where it is tracked, http:// or https://, NULL: not known */
	char *expires;	 /**< last day on which it holds, YYYY-MM-DD */
	char *withdrawn; /**< why an earlier layer's waiver of this name is not wanted here */
	char *origin;	 /**< file that it is from */
};

/** Waivers of one or more files. All zero is none. */
struct waivers {
	struct waiver *item; /**< in the order of the files */
	size_t n_item;	     /**< how many */
	size_t cap_item;     /**< room */
	struct strs files;   /**< the layers that were read */
};

/** Adds the waivers in @text, a layer. Returns 0, or -1 with @err (code 2) naming @origin and the
 * line. */
int waivers_parse(struct waivers *ws, const char *text, const char *origin, struct krsi_err *err);
/** Adds those of the file at @path. As waivers_parse(). */
int waivers_load(struct waivers *ws, const char *path, struct krsi_err *err);
/** Adds the layers that belong to @n files the user named: each, what stands beside it for
 * @machine, and at the end the site's ($XDG_CONFIG_HOME/krsi/waivers.conf, or ~/.config/..., or
 * /etc/krsi/waivers.conf), if there is one. No file named: no layer at all. As waivers_parse(). */
int waivers_load_layers(struct waivers *ws, const struct strs *paths, const char *machine,
			struct krsi_err *err);
/** The waiver that holds at @now for a test on a kernel, or NULL; @expired (may be NULL) instead
 * gets one that would but for its date. */
const struct waiver *waivers_find(const struct waivers *ws, const char *release, const char *impl,
				  const char *id, time_t now, const struct waiver **expired);
/** Whether waivers that hold at @now excuse the failure @t. */
bool waivers_excuse(const struct waivers *ws, const char *release, const char *impl,
		    const struct run_test *t, time_t now);
/** Turns waived results of @run into xfail and xpass; @now decides what has expired. */
void waivers_apply(const struct waivers *ws, struct run *run, time_t now);
/** Adds to @run (stale) the waivers that nobody may rely on: expired ones that concern it, and
 * patterns that are the name of no test of @c. */
void waivers_check(const struct waivers *ws, struct run *run, const struct catalogue *c,
		   time_t now);
/** Whether one of the shell patterns, separated by commas, matches. */
bool waivers_match(const char *patterns, const char *text);
/** Whether the last day of @w is over at @now. */
bool waivers_expired(const struct waiver *w, time_t now);
/** Frees what it owns and empties it. */
void waivers_free(struct waivers *ws);

#endif
