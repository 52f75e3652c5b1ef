/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What both programs do once they have the values: judge, report, clean up.
 *
 * The event is made in a map and not on the stack, which is too small, nor in the ring buffer: a
 * full ring buffer may cost the event, never the verdict. The map is keyed by task because a
 * program that sleeps may share its CPU with others.
 */
#ifndef KRSI_LOG_BPF_H
#define KRSI_LOG_BPF_H

#include "kernel_types.h"
#include "verdict.h"
#include "reference/krsi-log/policy.h"
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#define EPERM 1
#define E2BIG 7

char LICENSE[] SEC("license") = "GPL";

const volatile struct log_policy policy = {};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct log_scratch);
} blank SEC(".maps");

struct {
	__uint(type, 1 /* hash */);
	__uint(max_entries, LOG_TASKS);
	__type(key, __u64);
	__type(value, struct log_scratch);
} scratch SEC(".maps");

static __always_inline void count_lost(void)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&lost, &zero);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* This task's own, NULL: too many are at work. */
static __always_inline struct log_scratch *take_scratch(void)
{
	__u64 key = bpf_get_current_pid_tgid();
	struct log_scratch *s = bpf_map_lookup_elem(&scratch, &key);
	__u32 zero = 0;

	if (s)
		return s;
	s = bpf_map_lookup_elem(&blank, &zero);
	if (!s || bpf_map_update_elem(&scratch, &key, s, 0))
		return NULL;
	return bpf_map_lookup_elem(&scratch, &key);
}

/* Bytes after which it is asked whether there are more: each question is a way to follow. */
#define BLOCK 64

/* Whether one of the values, of @size bytes with their NULs, is as the pattern has it. */
static __always_inline bool is_denied(const struct log_scratch *s, __u32 size)
{
	/* 1, which the verifier must not know, or it follows what becomes of it */
	__u64 states = 1 | s->frame.reserved, hit = 0;

	for (__u32 block = 0; block < LOG_VALUES && block < size; block += BLOCK) {
#pragma clang loop unroll(disable)
		for (__u32 i = 0; i < BLOCK; i++) {
			/* behind the last value are zeroes, which are no values */
			__u64 found = 0;

			log_pattern_step(&policy.pattern, &states, &found, s->data[block + i]);
			hit |= found & log_below(block + i, size);
		}
	}
	return hit;
}

/* What could not be read whole cannot be judged, and is denied. */
static __always_inline int judge(const struct log_scratch *s, __u64 result)
{
	__s32 bytes = (__s32)result;

	if (!policy.deny)
		return 0;
	return verdict_in_range(bytes < 0 || is_denied(s, bytes) ? -EPERM : 0);
}

/* Fills in the head, but for the file. */
static __always_inline void fill_head(struct log_scratch *s, __u64 result, __u32 used,
				      __u32 path_size, int verdict)
{
	s->frame.magic = KRSI_FRAME_MAGIC;
	s->frame.version = KRSI_FRAME_VERSION;
	s->frame.head_size = sizeof(s->frame);
	s->frame.size = sizeof(s->frame) + used + path_size;
	s->frame.nsec = bpf_ktime_get_ns();
	s->frame.pid_tgid = bpf_get_current_pid_tgid();
	s->frame.uid_gid = bpf_get_current_uid_gid();
	s->frame.result = result;
	s->frame.verdict = verdict;
	s->frame.path_size = path_size;
	bpf_get_current_comm(s->frame.comm, sizeof(s->frame.comm));
}

/* Bytes of @s->data that hold values after @result. */
static __always_inline __u32 values_of(__u64 result)
{
	__s32 bytes = (__s32)result;

	if (bytes == -E2BIG)
		return LOG_VALUES;
	return bytes < 0 || bytes > LOG_VALUES ? 0 : bytes;
}

/* Sends the event off. */
static __always_inline void emit(struct log_scratch *s, __u32 used, __u32 path_size)
{
	__u64 key = bpf_get_current_pid_tgid(), size;

	size = sizeof(s->frame) + used + path_size;
	asm volatile("" : "+r"(size));
	if (size > sizeof(*s) || bpf_ringbuf_output(&events, s, size, 0))
		count_lost();
	bpf_map_delete_elem(&scratch, &key);
}

#endif
