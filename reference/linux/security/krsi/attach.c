// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bpf_krsi.h>
#include <linux/file.h>
#include <linux/filter.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>
#include "files.h"
#include "run.h"

static struct krsi_chain *chain_of(struct krsi_hook *hook)
{
	return rcu_dereference_protected(hook->chain, lockdep_is_held(&hook->lock));
}

static struct krsi_chain *chain_alloc(u32 n)
{
	struct krsi_chain *chain;

	return kzalloc(struct_size(chain, link, n), GFP_KERNEL_ACCOUNT);
}

static void chain_free(struct rcu_head *rcu)
{
	struct krsi_chain *chain = container_of(rcu, struct krsi_chain, rcu);

	if (chain->gone)
		bpf_prog_put(chain->gone);
	kfree(chain);
}

/*
 * Puts @new (NULL: none) in place of the chain, which waits for its readers with @gone. Readers of
 * a hook that may sleep hold rcu_read_lock_trace() from the look at the chain to the end of its
 * last program, sleepable or not; those of another hook rcu_read_lock(). So one grace period, of
 * the hook's flavour, covers the array and the program that left. A reference that was dropped
 * earlier would not do: bpf_prog_put() waits for the flavour of the *program*.
 */
static void publish(struct krsi_hook *hook, struct krsi_chain *new, struct bpf_prog *gone)
{
	struct krsi_chain *old = chain_of(hook);

	rcu_assign_pointer(hook->chain, new);
	if (!old)
		return;
	old->gone = gone;
	if (hook->sleepable)
		call_rcu_tasks_trace(&old->rcu, chain_free);
	else
		call_rcu(&old->rcu, chain_free);
}

/* Whether exec has to copy its strings: once the last program that asks is gone, no more. */
static bool wants_strings(const struct krsi_chain *chain)
{
	const struct bpf_prog *prog;
	u32 i;

	for (i = 0; i < chain->n; i++) {
		prog = chain->link[i].prog;
		if (prog->aux->krsi_strings && !prog->sleepable)
			return true;
	}
	return false;
}

static int attach(struct krsi_hook *hook, struct bpf_prog *prog, bool replace)
{
	const struct krsi_link link = { .prog = prog, .name = prog->aux->name };
	struct krsi_chain *old = chain_of(hook), *new;
	u32 n = old ? old->n : 0;
	void *gone;
	int rc;

	new = chain_alloc(n + 1);
	if (!new)
		return -ENOMEM;
	rc = krsi_chain_attach(old ? old->link : NULL, n, &link, replace, new->link, &gone);
	if (rc < 0) {
		kfree(new);
		return rc;
	}
	new->n = rc;
	new->wants_strings = wants_strings(new);
	publish(hook, new, gone);
	return 0;
}

static int detach(struct krsi_hook *hook, struct bpf_prog *prog)
{
	struct krsi_chain *old = chain_of(hook), *new;
	int rc;

	if (!old)
		return -ENOENT;
	new = chain_alloc(old->n);
	if (!new)
		return -ENOMEM;
	rc = krsi_chain_detach(old->link, old->n, prog, new->link);
	if (rc <= 0) {
		kfree(new);
		new = NULL;
	}
	if (rc < 0)
		return rc;
	if (new) {
		new->n = rc;
		new->wants_strings = wants_strings(new);
	}
	publish(hook, new, prog);
	return 0;
}

int krsi_prog_attach(const union bpf_attr *attr, struct bpf_prog *prog)
{
	CLASS(fd, f)(attr->target_fd);
	struct krsi_hook *hook = krsi_hook_of(fd_file(f), true);
	int rc;

	if (IS_ERR(hook))
		return PTR_ERR(hook);
	if (attr->attach_flags & ~BPF_F_ALLOW_OVERRIDE || attr->replace_bpf_fd)
		return -EINVAL;
	if (prog->sleepable && !hook->sleepable)
		return -EINVAL;
	mutex_lock(&hook->lock);
	rc = attach(hook, prog, attr->attach_flags & BPF_F_ALLOW_OVERRIDE);
	mutex_unlock(&hook->lock);
	return rc;
}

int krsi_prog_detach(const union bpf_attr *attr)
{
	struct bpf_prog *prog = bpf_prog_get_type(attr->attach_bpf_fd, BPF_PROG_TYPE_KRSI);
	CLASS(fd, f)(attr->target_fd);
	struct krsi_hook *hook;
	int rc;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	hook = krsi_hook_of(fd_file(f), true);
	rc = PTR_ERR_OR_ZERO(hook);
	if (!rc && attr->replace_bpf_fd)
		rc = -EINVAL;
	if (!rc) {
		mutex_lock(&hook->lock);
		rc = detach(hook, prog);
		mutex_unlock(&hook->lock);
	}
	bpf_prog_put(prog);
	return rc;
}

/* Ids are collected first: nobody's page fault is waited for with the lock held. */
static u32 collect(struct krsi_hook *hook, u32 *ids)
{
	const struct krsi_chain *chain;
	u32 i, n;

	mutex_lock(&hook->lock);
	chain = chain_of(hook);
	n = chain ? chain->n : 0;
	for (i = 0; i < n; i++)
		ids[i] = ((struct bpf_prog *)chain->link[i].prog)->aux->id;
	mutex_unlock(&hook->lock);
	return n;
}

int krsi_prog_query(const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	void __user *to = u64_to_user_ptr(attr->query.prog_ids);
	CLASS(fd, f)(attr->query.target_fd);
	struct krsi_hook *hook = krsi_hook_of(fd_file(f), false);
	u32 room = attr->query.prog_cnt, ids[KRSI_CHAIN_MAX], n, flags = 0;

	if (IS_ERR(hook))
		return PTR_ERR(hook);
	if (attr->query.query_flags)
		return -EINVAL;
	n = collect(hook, ids);
	if (copy_to_user(&uattr->query.attach_flags, &flags, sizeof(flags)) ||
	    copy_to_user(&uattr->query.prog_cnt, &n, sizeof(n)))
		return -EFAULT;
	if (!to || !room)
		return 0;
	if (copy_to_user(to, ids, min(n, room) * sizeof(*ids)))
		return -EFAULT;
	return n > room ? -ENOSPC : 0;
}
