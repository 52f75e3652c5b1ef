// SPDX-License-Identifier: GPL-2.0-only
/* Programs that hand data over: by a ring buffer and by perf buffers. */
#include "program.h"
#include "buffer.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, BUFFER_RING);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

/* What is sent. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct payload);
} payload SEC(".maps");

/* The payload and the bytes of it to send, in a range that the verifier sees. */
static struct payload *outgoing(struct io *shared, __u64 *bytes)
{
	__u32 zero = 0;

	*bytes = shared->in[0];
	asm volatile("" : "+r"(*bytes));
	return *bytes <= sizeof(struct payload) ? bpf_map_lookup_elem(&payload, &zero) : 0;
}

/* in[0]: bytes of the payload to send, in[1]: flags; out[0]: result. */
SEC("lsm/inode_mkdir")
int ring_output(void *ctx)
{
	struct io *shared = answered();
	struct payload *data;
	__u64 bytes;

	if (!shared)
		return 0;
	data = outgoing(shared, &bytes);
	if (data)
		shared->out[0] = bpf_ringbuf_output(&ring, data, bytes, shared->in[1]);
	return io_verdict(shared);
}

/* in[0]: submit (1) or discard; what is sent is in[1]; out[0]: was there room. */
SEC("lsm/inode_mkdir")
int ring_reserve(void *ctx)
{
	struct io *shared = answered();
	__u64 *record;

	if (!shared)
		return 0;
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record) {
		shared->out[0] = 0;
		return 0;
	}
	shared->out[0] = 1;
	*record = shared->in[1];
	if (shared->in[0])
		bpf_ringbuf_submit(record, 0);
	else
		bpf_ringbuf_discard(record, 0);
	return 0;
}

/* Must not load: the reservation is never given back. */
SEC("lsm/inode_mkdir")
int ring_leak(void *ctx)
{
	return bpf_ringbuf_reserve(&ring, sizeof(__u64), 0) ? 0 : -1;
}

/* in[0]: bytes of the payload to send, in[1]: flags with the index; out[0]: result. */
SEC("lsm/inode_mkdir")
int perf_output(void *ctx)
{
	struct io *shared = answered();
	struct payload *data;
	__u64 bytes;

	if (!shared)
		return 0;
	data = outgoing(shared, &bytes);
	if (data)
		shared->out[0] = bpf_perf_event_output(ctx, &perf, shared->in[1], data, bytes);
	return 0;
}

/* Must not load: the buffers of a CPU are not for programs that may move to another. */
SEC("lsm.s/file_open")
int perf_sleepable(void *ctx)
{
	__u64 value = 0;

	bpf_perf_event_output(ctx, &perf, 0xffffffff, &value, sizeof(value));
	return 0;
}
