// SPDX-License-Identifier: GPL-2.0-only
/* A program that reads what userspace has written to a ring; not every kernel has it. */
#include "kernel_types.h"
#include "bench/bpf/bench_buffer.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define BPF_MAP_TYPE_USER_RINGBUF 31

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 512 * 1024);
} user_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct buffer_state);
} state SEC(".maps");

/* What the callback may be handed is memory of the stack alone. */
struct seen {
	__u64 sent, got;
};

static long take(struct bpf_dynptr *record, struct seen *seen)
{
	__u64 number;

	if (!bpf_dynptr_read(&number, sizeof(number), record, 0, 0) && number == seen->sent)
		seen->got++;
	seen->sent++;
	return 0;
}

SEC("raw_tp/sys_enter")
int from_user(void *ctx)
{
	__u32 zero = 0;
	struct buffer_state *s = bpf_map_lookup_elem(&state, &zero);
	struct seen seen;

	if (!s)
		return 0;
	seen.sent = s->sent;
	seen.got = s->got;
	bpf_user_ringbuf_drain(&user_ring, take, &seen, 0);
	s->sent = seen.sent;
	s->got = seen.got;
	return 0;
}
