// SPDX-License-Identifier: GPL-2.0-only
/* Programs with an opaque context that call each helper there is for such, one at a time. */
#include "kernel_types.h"
#include "io.h"
#include "opaque_io.h"
#include "verdict.h"
#include <bpf/bpf_helpers.h>

#include "reference/linux/uapi.h"

#define BPF_MAP_TYPE_HASH 1
#define BPF_ANY		  0

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct io);
} io SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

/* Updates, looks up and deletes; which step failed, or 0. */
static __u64 use_map(void)
{
	__u64 value = 42, *found;
	__u32 key = 7;

	if (bpf_map_update_elem(&hash, &key, &value, BPF_ANY))
		return 1;
	found = bpf_map_lookup_elem(&hash, &key);
	if (!found || *found != value)
		return 2;
	if (bpf_map_delete_elem(&hash, &key))
		return 3;
	return bpf_map_lookup_elem(&hash, &key) ? 4 : 0;
}

static __u64 send(void *ctx, struct io *shared, __u64 flags, __u64 n)
{
	/* one register for the test and the use, or the verifier loses the bound */
	asm volatile("" : "+r"(n));
	if (n > OPAQUE_MOST)
		return 0;
	if (shared->in[0] == OPAQUE_RING)
		return bpf_ringbuf_output(&ring, shared->in_data, n, 0);
	return bpf_perf_event_output(ctx, &perf, flags, shared->in_data, n);
}

static __u64 reserve(struct io *shared)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 0;
	*record = shared->in[2];
	if (shared->in[1])
		bpf_ringbuf_submit(record, 0);
	else
		bpf_ringbuf_discard(record, 0);
	return 1;
}

static __u64 env(void *ctx, struct io *shared, __u64 n)
{
	asm volatile("" : "+r"(n));
	if (n > OPAQUE_MOST)
		return 0;
	if (shared->in[2])
		return krsi_get_env_vars(ctx, (char *)shared->out_data, n);
	return krsi_get_env_var(ctx, "NAME", 5, (char *)shared->out_data, n);
}

static __u64 stay_busy(void *ctx, struct io *shared)
{
	volatile __u64 *told = &shared->in[1];

	shared->out[1] = 1;
	for (int i = 0; i < OPAQUE_READS; i++) {
		if (*told) {
			shared->out[2] = 1;
			break;
		}
		krsi_get_env_vars(ctx, (char *)shared->out_data, 0);
	}
	return 0;
}

static __u64 file_id(void *ctx, struct io *shared, __u64 n)
{
	asm volatile("" : "+r"(n));
	if (!n || n > OPAQUE_MOST)
		return 0;
	return krsi_get_file_id(ctx, (void *)shared->out_data, n);
}

static int call(void *ctx)
{
	__u32 zero = 0;
	struct io *shared = bpf_map_lookup_elem(&io, &zero);

	if (!shared || !shared->session || shared->session != (__u32)krsi_get_session(ctx))
		return 0;
	shared->calls++;
	switch (shared->in[0]) {
	case OPAQUE_FILE_ID:
		shared->out[0] = file_id(ctx, shared, shared->in[1]);
		break;
	case OPAQUE_PERF:
	case OPAQUE_RING:
		shared->out[0] = send(ctx, shared, shared->in[1], shared->in[2]);
		break;
	case OPAQUE_RESERVE:
		shared->out[0] = reserve(shared);
		break;
	case OPAQUE_TASK:
		shared->out[0] = bpf_get_current_comm(shared->out_data, 16);
		shared->out[1] = bpf_get_current_uid_gid();
		shared->out[2] = bpf_get_current_pid_tgid();
		break;
	case OPAQUE_MAP:
		shared->out[0] = use_map();
		break;
	case OPAQUE_ENV:
		shared->out[0] = env(ctx, shared, shared->in[1]);
		break;
	case OPAQUE_BUSY:
		shared->out[0] = stay_busy(ctx, shared);
		break;
	}
	return verdict_in_range(shared->verdict);
}

SEC("krsi")
int plain(void *ctx)
{
	return call(ctx);
}

SEC("krsi.s")
int sleepable(void *ctx)
{
	return call(ctx);
}
