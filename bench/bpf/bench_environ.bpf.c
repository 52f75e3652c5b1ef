// SPDX-License-Identifier: GPL-2.0-only
/* Programs of the reference that read one variable, or all, or could and do not. */
#include "kernel_types.h"
#include "bench/bpf/bench_environ.h"
#include <bpf/bpf_helpers.h>

#include "reference/linux/uapi.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct environ_state);
} state SEC(".maps");

struct buffer {
	char bytes[ENVIRON_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct buffer);
} buffer SEC(".maps");

static __always_inline int get(void *ctx, int all)
{
	static const char name[] = "LD_PRELOAD";
	__u32 zero = 0;
	struct environ_state *s = bpf_map_lookup_elem(&state, &zero);
	struct buffer *to = bpf_map_lookup_elem(&buffer, &zero);
	__u64 len;

	if (!s || !to)
		return 0;
	s->calls++;
	len = s->len;
	asm volatile("" : "+r"(len));
	if (!s->ask || len > ENVIRON_MAX)
		return 0;
	s->result = all ? krsi_get_env_vars(ctx, to->bytes, len)
			: krsi_get_env_var(ctx, name, sizeof(name), to->bytes, len);
	return 0;
}

SEC("krsi")
int unused(void *ctx)
{
	__u32 zero = 0;
	struct environ_state *s = bpf_map_lookup_elem(&state, &zero);

	if (s)
		s->calls++;
	return 0;
}

SEC("krsi")
int one(void *ctx)
{
	return get(ctx, 0);
}

SEC("krsi")
int all(void *ctx)
{
	return get(ctx, 1);
}

SEC("krsi.s")
int one_sleepable(void *ctx)
{
	return get(ctx, 0);
}

SEC("krsi.s")
int all_sleepable(void *ctx)
{
	return get(ctx, 1);
}
