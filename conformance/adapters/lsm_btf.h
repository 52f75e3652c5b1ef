/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The LSM hooks that a kernel has, read from its BTF: the one authority on which hooks exist, what
 * they return and what their parameters are called. Nothing here depends on a kernel version.
 */
#ifndef KRSI_ADAPTERS_LSM_BTF_H
#define KRSI_ADAPTERS_LSM_BTF_H

#include <linux/types.h>

#include "conformance/adapters/adapter.h"

struct btf;

/* How to load a program for one hook; the i-th belongs to the i-th krsi_hook. */
struct lsm_target {
	__u32 btf_id;	 /* of the function bpf_lsm_<hook> */
	__u32 arg_bytes; /* bytes of arguments in the program's context */
	__u64 kinds;	 /* enum wire_kind of each argument slot, one a byte */
};

/* The hooks of one kernel; both arrays are sorted by the hook's name. */
struct lsm_hooks {
	size_t n;
	struct krsi_hook *hook; /* attachable and sleepable are left false */
	struct lsm_target *target;
};

/* Reads all hooks; 0 or -errno (-ENOENT: this BTF has no LSM hooks). Free with lsm_btf__free. */
int lsm_btf__read(const struct btf *btf, struct lsm_hooks *hooks);
void lsm_btf__free(struct lsm_hooks *hooks);
/* Index of a hook by name, or -ENOENT. */
int lsm_btf__find(const struct lsm_hooks *hooks, const char *name);
/* Has the kernel's structure or union of this name such a member, in itself or in those within
 * it? */
bool lsm_btf__has_member(const struct btf *btf, const char *type, const char *member);

#endif
