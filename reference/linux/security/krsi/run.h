/* SPDX-License-Identifier: GPL-2.0-only */
/* Running the programs of a hook. */
#ifndef KRSI_RUN_H
#define KRSI_RUN_H

#include <linux/rcupdate.h>
#include "core/chain.h"
#include "hooks.h"

struct linux_binprm;

/**
 * struct krsi_chain - the programs of one hook, in the order in which they run. Never changed
 * while a hook points to it.
 * @rcu: for the end.
 * @gone: the program whose departure ended this chain; its reference is dropped with the chain,
 *	  when no reader is left. Or NULL.
 * @n: number of programs, at least 1.
 * @wants_strings: one of them reads the strings of exec, and cannot sleep to do so.
 * @link: the programs; the hook holds a reference to each.
 */
struct krsi_chain {
	struct rcu_head rcu;
	struct bpf_prog *gone;
	u32 n;
	bool wants_strings;
	struct krsi_link link[];
};

/* As krsi_run(), for a hook that has programs. */
int krsi_run_chain(struct krsi_hook *hook, struct linux_binprm *bprm);

/**
 * krsi_run - what a hook does.
 * @bprm: the execution in progress, in the call of bprm_check_security; else NULL.
 *
 * Return: 0, or what the first program that denies returned.
 */
static __always_inline int krsi_run(struct krsi_hook *hook, struct linux_binprm *bprm)
{
	if (likely(!rcu_access_pointer(hook->chain)))
		return 0;
	return krsi_run_chain(hook, bprm);
}

#endif
