// SPDX-License-Identifier: GPL-2.0-only
/* The reference's programs that log LD_PRELOAD. */
#include "kernel_types.h"
#include "bench/bpf/bench_env.h"
#include <bpf/bpf_helpers.h>

#include "reference/linux/uapi.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ring SEC(".maps");

/* The value alone, after the name, so that the record looks like that of the other programs. */
static __always_inline int log_value(void *ctx)
{
	static const char name[] = "LD_PRELOAD";
	struct env_record *record;
	__u64 result;

	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record)
		return 0;
	result = krsi_get_env_var(ctx, name, sizeof(name), record->text + ENV_NAME_LEN,
				  ENV_TEXT - ENV_NAME_LEN);
	if (!(result >> 32) || (__s32)result < 0) {
		bpf_ringbuf_discard(record, 0);
		return 0;
	}
	__builtin_memcpy(record->text, ENV_NAME, ENV_NAME_LEN);
	record->len = ENV_NAME_LEN + (__u32)result;
	record->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("krsi")
int precompute(void *ctx)
{
	return log_value(ctx);
}

SEC("krsi.s")
int sleepable(void *ctx)
{
	return log_value(ctx);
}

SEC("krsi")
int idle(void *ctx)
{
	return 0;
}
