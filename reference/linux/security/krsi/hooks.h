/* SPDX-License-Identifier: GPL-2.0-only */
/* The hooks: one struct for each LSM hook, generated from lsm_hook_defs.h. */
#ifndef KRSI_HOOKS_H
#define KRSI_HOOKS_H

#include <linux/lsm_hooks.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct krsi_chain;

/**
 * struct krsi_hook - one LSM hook.
 * @chain: the attached programs; NULL: none. Changed under @lock, read under the flavour of RCU
 *	   that @sleepable selects.
 * @name: as in lsm_hook_defs.h.
 * @lock: serialises changes of @chain.
 * @sleepable: may run sleepable programs; in its calls, and only there, readers hold
 *	       rcu_read_lock_trace() in place of rcu_read_lock().
 * @mute: verdicts count for nothing, and all programs run: it returns nothing, or something
 *	  that a negative value does not refuse.
 */
struct krsi_hook {
	struct krsi_chain __rcu *chain;
	const char *name;
	struct mutex lock;
	bool sleepable;
	bool mute;
};

enum krsi_hook_id {
#define LSM_HOOK(RET, DEFAULT, NAME, ...) KRSI_HOOK_##NAME,
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK
	KRSI_HOOKS,
};

extern struct krsi_hook krsi_hooks[KRSI_HOOKS];

/* Boot parameters. */
extern int krsi_enabled;
extern bool krsi_enforce;

/* What the LSM framework calls. The definitions are weak: one that has something to hand to its
 * programs is defined where that is. */
#define LSM_HOOK(RET, DEFAULT, NAME, ...) RET krsi_call_##NAME(__VA_ARGS__);
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK

#endif
