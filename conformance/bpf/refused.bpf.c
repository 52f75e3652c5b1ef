// SPDX-License-Identifier: GPL-2.0-only
/* Programs that no kernel may load, each beside one that differs in that point alone. */
#include "program.h"

extern struct file *bpf_get_task_exe_file(struct task_struct *task) __ksym __weak;
extern void bpf_put_file(struct file *file) __ksym __weak;
extern int bpf_path_d_path(struct path *path, char *buf, unsigned long size) __ksym __weak;

/* inode_mkdir has three arguments, and one word more is the result so far. */
SEC("lsm/inode_mkdir")
int reads_last(__u64 *ctx)
{
	return ctx[2] ? 0 : -1;
}

/* What a hook with n arguments has at their end is its result: these read the next word. */
#define READS_BEYOND(hook, n)                                                                      \
	SEC("lsm/" #hook)                                                                          \
	int reads_beyond_##hook(__u64 *ctx)                                                        \
	{                                                                                          \
		return ctx[(n) + 1] ? 0 : -1;                                                      \
	}

READS_BEYOND(inode_mkdir, 3)
READS_BEYOND(inode_rename, 4)
READS_BEYOND(file_open, 1)
READS_BEYOND(task_kill, 4)
READS_BEYOND(socket_bind, 3)

SEC("lsm/file_open")
int BPF_PROG(reads_object, struct file *file)
{
	return file->f_inode ? 0 : -1;
}

SEC("lsm/file_open")
int BPF_PROG(writes_object, struct file *file)
{
	file->f_inode = 0;
	return 0;
}

SEC("lsm/inode_mkdir")
int calls_helper(void *ctx)
{
	return bpf_get_smp_processor_id() < 1 << 20 ? 0 : -1;
}

/* The helper is for programs on packets. */
SEC("lsm/inode_mkdir")
int calls_packet_helper(void *ctx)
{
	return bpf_skb_change_type(ctx, 0) ? -1 : 0;
}

static void path_of(struct file *file)
{
	struct io *shared = answered();

	if (shared)
		shared->out[0] = bpf_path_d_path(&file->f_path, (char *)shared->out_data, IO_BYTES);
}

SEC("lsm/file_open")
int BPF_PROG(asks_opened, struct file *file)
{
	path_of(file);
	return 0;
}

/* Nobody holds this file any more. */
SEC("lsm/file_free_security")
int BPF_PROG(asks_freed, struct file *file)
{
	path_of(file);
	return 0;
}

static int ask_task(void)
{
	struct file *file = bpf_get_task_exe_file(bpf_get_current_task_btf());

	if (file)
		bpf_put_file(file);
	return 0;
}

SEC("lsm/inode_mkdir")
int asks_as_lsm(void *ctx)
{
	return ask_task();
}

/* The kfunc is for LSM programs alone. */
SEC("fentry/bpf_fentry_test1")
int asks_elsewhere(void *ctx)
{
	return ask_task();
}
