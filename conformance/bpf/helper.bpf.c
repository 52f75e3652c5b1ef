// SPDX-License-Identifier: GPL-2.0-only
/* Programs that each call one helper of the kernel, with what the test gives them. */
#include "program.h"

/* in[0]: bytes of out_data to use; out[0]: result, out_data: the path. */
static void path_of(struct io *shared, struct file *file)
{
	__u64 bytes = shared->in[0];

	asm volatile("" : "+r"(bytes));
	if (bytes <= IO_BYTES)
		shared->out[0] = bpf_d_path(&file->f_path, (char *)shared->out_data, bytes);
}

SEC("lsm/file_open")
int BPF_PROG(d_path, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		path_of(shared, file);
	return 0;
}

/* Must not load: the hook is called with locks held that the helper takes. */
SEC("lsm/file_permission")
int BPF_PROG(d_path_outside, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		path_of(shared, file);
	return 0;
}

/* in[0]: address in the task, in[1]: bytes, in[2]: flags; out[0]: result, out_data: the bytes. */
SEC("lsm.s/task_setscheduler")
int BPF_PROG(copy_task, struct task_struct *task)
{
	struct io *shared = answered();
	__u64 bytes;

	if (!shared)
		return 0;
	bytes = io_bytes(shared);
	if (bytes <= IO_BYTES)
		shared->out[0] = bpf_copy_from_user_task(
			shared->out_data, bytes, (void *)shared->in[0], task, shared->in[2]);
	return 0;
}

/* in[0]: flags; out[0]: result. */
SEC("lsm/bprm_creds_for_exec")
int BPF_PROG(bprm_opts, struct linux_binprm *bprm)
{
	struct io *shared = answered();

	if (shared)
		shared->out[0] = bpf_bprm_opts_set(bprm, shared->in[0]);
	return 0;
}

/* in[0]: the signal; out[0]: result. */
SEC("lsm/inode_mkdir")
int send_signal(void *ctx)
{
	struct io *shared = answered();

	if (!shared)
		return 0;
	shared->out[0] = bpf_send_signal(shared->in[0]);
	return io_verdict(shared);
}

/* in[1]: the round that ends the loop; out[1]: rounds. */
static long round_of(__u32 i, void *data)
{
	struct io *shared = *(struct io **)data;

	shared->out[1]++;
	return i + 1 == shared->in[1];
}

/* in[0]: rounds, in[2]: flags; out[0]: result. */
SEC("lsm/inode_mkdir")
int loop(void *ctx)
{
	struct io *shared = answered();

	if (shared)
		shared->out[0] = bpf_loop(shared->in[0], round_of, &shared, shared->in[2]);
	return 0;
}

/* out[0]: the algorithm or an error, out_data: the digest of the new program. */
SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(ima_file_hash, struct linux_binprm *bprm)
{
	struct io *shared = answered();

	if (shared)
		shared->out[0] = bpf_ima_file_hash(bprm->file, shared->out_data, 64);
	return 0;
}

/* Must not load: the file is read, for which the program would have to sleep. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(ima_plain, struct linux_binprm *bprm)
{
	struct io *shared = answered();

	if (shared)
		shared->out[0] = bpf_ima_file_hash(bprm->file, shared->out_data, 64);
	return 0;
}

/* out[0]: the algorithm or an error, out_data: the digest that is kept of the new program. */
SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(ima_inode_hash, struct linux_binprm *bprm)
{
	struct io *shared = answered();

	if (shared)
		shared->out[0] = bpf_ima_inode_hash(bprm->file->f_inode, shared->out_data, 64);
	return 0;
}

/* in[0]: user address, in[1]: bytes of the buffer; out[0]: result, out_data: the string. */
SEC("lsm/inode_mkdir")
int user_str(void *ctx)
{
	struct io *shared = answered();
	__u64 bytes;

	if (!shared)
		return 0;
	bytes = io_bytes(shared);
	if (bytes <= IO_BYTES)
		shared->out[0] =
			bpf_probe_read_user_str(shared->out_data, bytes, (void *)shared->in[0]);
	return 0;
}
