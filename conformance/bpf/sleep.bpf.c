// SPDX-License-Identifier: GPL-2.0-only
/* Programs that copy from user memory: what a sleepable program may do and a plain one may not. */
#include "program.h"

/* in[0]: user address, in[1]: bytes (at most IO_BYTES); out[0]: result; out_data: what was read. */
static int copy(struct io *shared)
{
	__u64 bytes = shared->in[1];

	asm volatile("" : "+r"(bytes));
	if (bytes > IO_BYTES)
		return io_verdict(shared);
	shared->out[0] = bpf_copy_from_user(shared->out_data, bytes, (void *)shared->in[0]);
	return io_verdict(shared);
}

SEC("lsm.s/file_open")
int copy_sleepable(void *ctx)
{
	struct io *shared = answered();

	return shared ? copy(shared) : 0;
}

/* The same, without leave to sleep: a page that is not there is an error. */
SEC("lsm/file_open")
int copy_plain(void *ctx)
{
	struct io *shared = answered();
	__u64 bytes;

	if (!shared)
		return 0;
	bytes = shared->in[1];
	asm volatile("" : "+r"(bytes));
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
