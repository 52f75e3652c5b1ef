/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known defects of kernels, each with a reproducer: conformance/defects/defects.conf, which is a
 * part of the program. A section for each, named as the reproducer's file:
 *
 *	[mount-setattr-unseen]
 *	symptom = mount_setattr(2) changes the flags of a mount past every hook
 *	kernels = 6.*, 7.*
 *	fix = none known; ...
 *	shows = status
 *	lsm = capability,bpf,apparmor
 *	modules = loop, ext4
 */
#ifndef CI_DEFECTS_H
#define CI_DEFECTS_H

#include <stddef.h>

#include "vm-images/err.h"
#include "vm-images/mem.h"

/** How a defect shows: by the reproducer's exit status, or by what becomes of the kernel. */
enum defect_shows { SHOWS_STATUS, SHOWS_PANIC, SHOWS_SPLAT };

/** One defect. Strings are owned; all but @lsm are never NULL. */
struct defect {
	char *name;		 /**< of its section, and of the reproducer */
	char *symptom;		 /**< what the kernel does wrong, one line */
	char *kernels;		 /**< shell patterns of the releases that have it, by commas */
	char *fix;		 /**< where it is mended, or that no fix is known */
	char *lsm;		 /**< lsm= with which it shows, NULL: any with bpf */
	struct strs modules;	 /**< kernel modules that the reproducer needs */
	enum defect_shows shows; /**< default SHOWS_STATUS */
};

/** All of them. All zero is none. */
struct defects {
	struct defect *item; /**< in the order of the file */
	size_t n_item;	     /**< how many */
	size_t cap_item;     /**< room */
};

/** Reads the built-in file. Returns 0, or -1 with @err. */
int defects_load(struct defects *ds, struct krsi_err *err);
/** Adds the defects in @text. Returns 0, or -1 with @err (code 2) naming @origin and the line. */
int defects_parse(struct defects *ds, const char *text, const char *origin, struct krsi_err *err);
/** The defect called @name, or NULL. */
const struct defect *defects_find(const struct defects *ds, const char *name);
/** Frees what it owns and empties it. */
void defects_free(struct defects *ds);

#endif
