// SPDX-License-Identifier: GPL-2.0-only
#include <linux/filter.h>
#include <linux/rcupdate_trace.h>
#include <linux/uaccess.h>
#include "exec.h"
#include "run.h"

static int run_prog(void *data, void *ctx)
{
	const struct bpf_prog *prog = data;
	int verdict;

	if (prog->sleepable) {
		might_fault();
		return bpf_prog_run_pin_on_cpu(prog, ctx);
	}
	/* in the call of a hook that may sleep this is the first rcu_read_lock() */
	rcu_read_lock();
	verdict = bpf_prog_run_pin_on_cpu(prog, ctx);
	rcu_read_unlock();
	return verdict;
}

static int run_mute(void *data, void *ctx)
{
	run_prog(data, ctx);
	return 0;
}

static int run(struct krsi_hook *hook, const struct krsi_chain *chain, struct krsi_ctx *ctx)
{
	int verdict;

	if (hook->mute)
		return krsi_chain_run(chain->link, chain->n, run_mute, ctx, false);
	/* without its strings a policy cannot judge: refuse, unless nothing is to be refused */
	if (chain->wants_strings && krsi_strings_copy(ctx) && krsi_enforce)
		return -ENOMEM;
	verdict = krsi_chain_run(chain->link, chain->n, run_prog, ctx, krsi_enforce);
	krsi_strings_free(ctx);
	return verdict;
}

int krsi_run_chain(struct krsi_hook *hook, struct linux_binprm *bprm)
{
	struct krsi_ctx ctx = { .bprm = bprm };
	const struct krsi_chain *chain;
	int verdict = 0;

	if (hook->sleepable)
		rcu_read_lock_trace();
	else
		rcu_read_lock();
	chain = rcu_dereference_check(hook->chain, rcu_read_lock_trace_held());
	if (chain)
		verdict = run(hook, chain, &ctx);
	if (hook->sleepable)
		rcu_read_unlock_trace();
	else
		rcu_read_unlock();
	return verdict;
}
