// SPDX-License-Identifier: GPL-2.0-only
/* Programs that read the environment of the process that will run, and may deny it for that. */
#include "kernel_types.h"
#include "env_io.h"
#include "verdict.h"
#include <bpf/bpf_helpers.h>

#include "reference/linux/uapi.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct env_io);
} io SEC(".maps");

static int look(void *ctx)
{
	__u32 zero = 0;
	struct env_io *shared = bpf_map_lookup_elem(&io, &zero);
	__u64 result, name_len, buf_len, call;
	__s64 verdict;

	if (!shared || !shared->session || shared->session != (__u32)krsi_get_session(ctx))
		return 0;
	name_len = shared->name_len;
	buf_len = shared->buf_len;
	/* one register for the test and the use, or the verifier loses the bound */
	asm volatile("" : "+r"(name_len), "+r"(buf_len));
	if (name_len > sizeof(shared->name) || buf_len > ENV_BUF)
		return 0;
	if (shared->all)
		result = krsi_get_env_vars(ctx, shared->buf, buf_len);
	else
		result = krsi_get_env_var(ctx, shared->name, name_len, shared->buf, buf_len);
	/* one task at a time: the session's */
	call = shared->calls;
	shared->calls = call + 1;
	asm volatile("" : "+r"(call));
	if (call < ENV_CALLS)
		shared->result[call] = result;
	verdict = result >> 32 ? shared->verdict : 0;
	return verdict_in_range(verdict);
}

SEC("krsi")
int plain(void *ctx)
{
	return look(ctx);
}

SEC("krsi.s")
int sleepable(void *ctx)
{
	return look(ctx);
}
