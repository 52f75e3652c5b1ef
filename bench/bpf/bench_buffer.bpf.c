// SPDX-License-Identifier: GPL-2.0-only
/* Programs that write records to each kind of buffer; they are run by BPF_PROG_TEST_RUN. */
#include "kernel_types.h"
#include "bench/bpf/bench_buffer.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define BPF_MAP_TYPE_ARRAY_OF_MAPS 12

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, BUFFER_PAGE);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, BUFFER_CPUS);
	__type(key, __u32);
	__type(value, __u32);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct buffer_state);
} state SEC(".maps");

struct payload {
	__u64 number;
	char bytes[BUFFER_PAGE - 8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct payload);
} payload SEC(".maps");

/* Writes as many records as the state says; WRITE is 0 if there was room. */
#define PRODUCE(WRITE)                                                                             \
	do {                                                                                       \
		__u32 zero = 0;                                                                    \
		struct buffer_state *s = bpf_map_lookup_elem(&state, &zero);                       \
		struct payload *data = bpf_map_lookup_elem(&payload, &zero);                       \
                                                                                                   \
		if (!s || !data)                                                                   \
			return 0;                                                                  \
		for (int i = 0; i < BUFFER_BURST; i++) {                                           \
			__u64 size = s->size, flags = s->flags;                                    \
                                                                                                   \
			asm volatile("" : "+r"(size));                                             \
			if (i >= s->count || size > BUFFER_PAGE)                                   \
				break;                                                             \
			data->number = s->sent++;                                                  \
			if (WRITE)                                                                 \
				s->lost++;                                                         \
		}                                                                                  \
	} while (0)

SEC("raw_tp/sys_enter")
int to_ring(void *ctx)
{
	PRODUCE(bpf_ringbuf_output(&ring, data, size, flags));
	return 0;
}

SEC("raw_tp/sys_enter")
int to_rings(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *own = bpf_map_lookup_elem(&rings, &cpu);

	if (own)
		PRODUCE(bpf_ringbuf_output(own, data, size, flags));
	return 0;
}

SEC("raw_tp/sys_enter")
int to_perf(void *ctx)
{
	/* the flags of a perf buffer are the CPU: the current one */
	PRODUCE(flags > 2 ? 0 : bpf_perf_event_output(ctx, &perf, 0xffffffff, data, size));
	return 0;
}
