/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs that tests load by name have in common: the map `io`, and whose calls to answer.
 * A program is named "object:function": sleep.bpf.c holds "sleep:...".
 */
#ifndef KRSI_BPF_PROGRAM_H
#define KRSI_BPF_PROGRAM_H

#include "kernel_types.h"
#include "io.h"
#include "verdict.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct io);
} io SEC(".maps");

/* The shared memory, if this call is one to answer; counts it. */
static struct io *answered(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 zero = 0;
	struct io *shared = bpf_map_lookup_elem(&io, &zero);

	if (!shared || !shared->session ||
	    shared->session != (__u32)BPF_CORE_READ(task, signal, pids[PIDTYPE_SID], numbers[0].nr))
		return 0;
	__sync_fetch_and_add(&shared->calls, 1);
	return shared;
}

/* How many bytes in[1] asks for; the verifier knows the bound of what is not more than IO_BYTES. */
static inline __u64 io_bytes(const struct io *shared)
{
	__u64 bytes = shared->in[1];

	asm volatile("" : "+r"(bytes));
	return bytes;
}

/* The verdict that the test asked for, in the range that the verifier wants to see. */
static inline int io_verdict(const struct io *shared)
{
	return verdict_in_range(shared->verdict);
}

#endif
