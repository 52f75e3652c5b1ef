/* SPDX-License-Identifier: GPL-2.0-only */
/* What bpf(2) hands on to KRSI. */
#ifndef _LINUX_BPF_KRSI_H
#define _LINUX_BPF_KRSI_H

#include <linux/bpf.h>

#ifdef CONFIG_SECURITY_KRSI

/* On success the hook keeps the caller's reference to @prog. */
int krsi_prog_attach(const union bpf_attr *attr, struct bpf_prog *prog);
int krsi_prog_detach(const union bpf_attr *attr);
int krsi_prog_query(const union bpf_attr *attr, union bpf_attr __user *uattr);

#else

static inline int krsi_prog_attach(const union bpf_attr *attr, struct bpf_prog *prog)
{
	return -EINVAL;
}

static inline int krsi_prog_detach(const union bpf_attr *attr)
{
	return -EINVAL;
}

static inline int krsi_prog_query(const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	return -EINVAL;
}

#endif

#endif
