// SPDX-License-Identifier: GPL-2.0-only
/* Programs that copy from user memory: what a sleepable program may do and a plain one may not. */
#include "program.h"

/*
 * in[0]: user address, in[1]: bytes (at most IO_BYTES); out[0]: result, out_data: what was read,
 * out[1]: calls that came as far as the copy, out[2]: calls that came past it.
 */
static int copy(struct io *shared)
{
	__u64 bytes = io_bytes(shared);

	if (bytes > IO_BYTES)
		return io_verdict(shared);
	__sync_fetch_and_add(&shared->out[1], 1);
	shared->out[0] = bpf_copy_from_user(shared->out_data, bytes, (void *)shared->in[0]);
	__sync_fetch_and_add(&shared->out[2], 1);
	return io_verdict(shared);
}

/* in[2]: a process that is let pass; out[3]: how often it was. */
SEC("lsm.s/file_open")
int copy_sleepable(void *ctx)
{
	struct io *shared = answered();
	__u32 zero = 0;

	if (shared)
		return copy(shared);
	shared = bpf_map_lookup_elem(&io, &zero);
	if (shared && shared->in[2] == bpf_get_current_pid_tgid() >> 32)
		__sync_fetch_and_add(&shared->out[3], 1);
	return 0;
}

/* As copy(), from where the strings of the new program begin. */
SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(copy_at_exec, struct linux_binprm *bprm)
{
	struct io *shared = answered();

	if (!shared)
		return 0;
	shared->in[0] = bprm->p;
	copy(shared);
	return 0;
}

/* The same, without leave to sleep: a page that is not there is an error. */
SEC("lsm/file_open")
int copy_plain(void *ctx)
{
	struct io *shared = answered();
	__u64 bytes;

	if (!shared)
		return 0;
	bytes = io_bytes(shared);
	if (bytes > IO_BYTES)
		return io_verdict(shared);
	shared->out[0] = bpf_probe_read_user(shared->out_data, bytes, (void *)shared->in[0]);
	return io_verdict(shared);
}

/* Not sleepable, and calls a helper that may sleep: must not load. */
SEC("lsm/file_open")
int copy_refused(void *ctx)
{
	struct io *shared = answered();

	return shared ? copy(shared) : 0;
}
