// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program of this example's implementation. adapter.c loads it once for each program that the
 * suite asks for, and changes what it does by writing to its map `rule`.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "monitor.h"

char LICENSE[] SEC("license") = "GPL";

/* Of the kernel's types only what is read, at offsets that the loader corrects. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct upid {
	int nr;
};
struct pid {
	struct upid numbers[1];
};
struct signal_struct {
	struct pid *pids[4];
};
struct task_struct {
	struct signal_struct *signal;
};
#pragma clang attribute pop

#define PIDTYPE_SID 3

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rule);
} rule SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

static int of_session(int leader)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, signal, pids[PIDTYPE_SID], numbers[0].nr) == leader;
}

static void record(struct rule *r)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&r->lost, 1);
		return;
	}
	e->number = r->number;
	e->nsec = bpf_ktime_get_ns();
	e->tgid = id >> 32;
	e->pid = (__u32)id;
	e->cpu = bpf_get_smp_processor_id();
	e->verdict = r->verdict;
	bpf_ringbuf_submit(e, 0);
}

static long verdict(void)
{
	struct rule *r;
	__u32 key = 0;

	r = bpf_map_lookup_elem(&rule, &key);
	if (!r || r->who == NOBODY || (r->who == SUBJECT && !of_session(r->session)))
		return 0;
	__sync_fetch_and_add(&r->calls, 1);
	if (r->record)
		record(r);
	return r->verdict;
}

/* The verifier wants to see that a verdict is in the range of its hook. */
#define IN_RANGE(v, low, high)                                                                     \
	({                                                                                         \
		long v_ = (v);                                                                     \
		asm volatile("if %0 s> " #high " goto +1\n"                                        \
			     "if %0 s>= " #low " goto +1\n"                                        \
			     "%0 = 0"                                                              \
			     : "+r"(v_));                                                          \
		v_;                                                                                \
	})

SEC("lsm/file_open")
long on_int(void *ctx)
{
	return IN_RANGE(verdict(), -4095, 0);
}

SEC("lsm/file_open")
long on_bool(void *ctx)
{
	return IN_RANGE(verdict(), 0, 1);
}

SEC("lsm/file_open")
long on_void(void *ctx)
{
	verdict();
	return 0;
}
