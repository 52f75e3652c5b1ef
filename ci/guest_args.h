/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that say which kernel is booted in what machine: the same for all commands. */
#ifndef CI_GUEST_ARGS_H
#define CI_GUEST_ARGS_H

#include <argp.h>
#include <stdbool.h>

#include "vm-images/guest.h"

/** What the user said. All zero: nothing yet. Strings are the user's. */
struct guest_args {
	const char *kernel;	  /**< a name, an image or a tree; given after a successful parse */
	bool optional;		  /**< it may be left out, with all else that is about a guest */
	const char *kernels_file; /**< more names */
	const char *modules;	  /**< modules directory */
	const char *append;	  /**< added to the kernel command line */
	const char *lsm;	  /**< lsm= of the kernel command line */
	enum accel accel;	  /**< who runs the guest */
	const char *accel_word;	  /**< as it was written */
	unsigned int memory_mb;	  /**< 0: the default */
	unsigned int cpus;	  /**< 0: the default */
	unsigned int silence;	  /**< seconds without a word that count as a hang; 0: default */
	unsigned int deadline;	  /**< seconds that one boot may take in all; 0: default */
	bool refresh;		  /**< ask the archive again */
};

/** A parser for them, as an argp child; its input is a struct guest_args. */
extern const struct argp guest_argp;

/**
 * The default of the parser of a command that has guest_argp as its first child and takes nothing
 * but options: hands @a to that child, and refuses any other word.
 */
error_t guest_args_rest(int key, char *arg, struct argp_state *state, struct guest_args *a);

/** Finds (and fetches) the kernel. Returns 0, or -1 with @err. */
int guest_args_kernel(struct kernel *k, const struct guest_args *a, const struct progress *progress,
		      struct krsi_err *err);

/** Fills what they determine of @o. */
void guest_args_opts(struct guest_opts *o, const struct guest_args *a, const struct kernel *k);

/** Appends the options as shell words: "--kernel", "debian-6.1" and so on. */
void guest_args_command(const struct guest_args *a, struct strs *words);

#endif
