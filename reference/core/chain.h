/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs of one hook: in which order they run, what their verdicts add up to, and which
 * program takes the place of which.
 *
 * A chain is an array that nobody changes while it is in use. A change makes a new array; who
 * owns the old one frees it when its last reader is done.
 */
#ifndef KRSI_CORE_CHAIN_H
#define KRSI_CORE_CHAIN_H

#include "compat.h"

/* Most programs on one hook; one more is -E2BIG. */
#define KRSI_CHAIN_MAX 64

/**
 * struct krsi_link - one attached program.
 * @prog: what runs; the chain compares it, and hands it to the caller's function.
 * @name: its name, NUL-terminated; belongs to @prog.
 */
struct krsi_link {
	void *prog;
	const char *name;
};

/** typedef krsi_run_fn - runs one program. Returns its verdict. */
typedef int (*krsi_run_fn)(void *prog, void *ctx);

/**
 * krsi_name_equal - whether two program names stand for the same program: what precedes the first
 * double underscore is equal. So a new version of "logger__v1" may be called "logger__v2".
 */
bool krsi_name_equal(const char *a, const char *b);

/**
 * krsi_chain_attach - the chain with one more program, at its end.
 * @old: @n programs in the order in which they run.
 * @replace: a program of equal name leaves the chain for @link; else it is an error.
 * @new: room for @n + 1 programs; not @old.
 * @gone: set to the program that left, else to NULL.
 *
 * Return: number of programs in @new; -EEXIST: @link itself is in the chain, or a program of equal
 * name and not @replace; -E2BIG: the chain is full. After an error @new is of no use.
 */
int krsi_chain_attach(const struct krsi_link *old, u32 n, const struct krsi_link *link,
		      bool replace, struct krsi_link *new, void **gone);

/**
 * krsi_chain_detach - the chain without one program.
 * @new: room for @n - 1 programs; not @old.
 *
 * Return: number of programs in @new, or -ENOENT: @prog is not in the chain.
 */
int krsi_chain_detach(const struct krsi_link *old, u32 n, const void *prog, struct krsi_link *new);

/**
 * krsi_chain_run - runs the programs in order up to the first that denies.
 * @enforce: if not, all that follows a denial is skipped as well, but the verdict becomes 0.
 *
 * Here and not in chain.c so that @run is inlined: this is on the path of every hook.
 *
 * Return: the first negative verdict; 0 if there is none, positive ones count for nothing.
 */
static __always_inline int krsi_chain_run(const struct krsi_link *link, u32 n, krsi_run_fn run,
					  void *ctx, bool enforce)
{
	int verdict;
	u32 i;

	for (i = 0; i < n; i++) {
		verdict = run(link[i].prog, ctx);
		if (verdict < 0)
			return enforce ? verdict : 0;
	}
	return 0;
}

#endif
