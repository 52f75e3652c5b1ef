// SPDX-License-Identifier: GPL-2.0-only
/* Programs that each call kfuncs, which not every kernel has. */
#include "program.h"

extern struct file *bpf_get_task_exe_file(struct task_struct *task) __ksym __weak;
extern void bpf_put_file(struct file *file) __ksym __weak;
extern int bpf_path_d_path(struct path *path, char *buf, unsigned long size) __ksym __weak;
extern int bpf_get_file_xattr(struct file *file, const char *name,
			      struct bpf_dynptr *value) __ksym __weak;
extern int bpf_set_dentry_xattr(struct dentry *dentry, const char *name,
				const struct bpf_dynptr *value, int flags) __ksym __weak;
extern int bpf_copy_from_user_str(void *buf, __u32 size, const void *from,
				  __u64 flags) __ksym __weak;

static const char user_name[] = "user.krsi", trusted_name[] = "trusted.krsi",
		  bpf_name[] = "security.bpf.krsi", security_name[] = "security.krsi";

/* out[0]: result, out_data: the path of the task's program. */
SEC("lsm/inode_mkdir")
int exe_file(void *ctx)
{
	struct io *shared = answered();
	struct file *file;

	if (!shared)
		return 0;
	shared->out[0] = -1;
	file = bpf_get_task_exe_file(bpf_get_current_task_btf());
	if (!file)
		return 0;
	shared->out[0] = bpf_path_d_path(&file->f_path, (char *)shared->out_data, IO_BYTES);
	bpf_put_file(file);
	return 0;
}

/* Must not load: the file is never given back. */
SEC("lsm/inode_mkdir")
int exe_leak(void *ctx)
{
	return bpf_get_task_exe_file(bpf_get_current_task_btf()) ? 0 : -1;
}

/* in[0]: bytes of the buffer; out[0], out[1]: results for the two names, out_data: the value. */
static void read_xattr(struct io *shared, struct file *file)
{
	struct bpf_dynptr value;

	if (bpf_dynptr_from_mem(shared->out_data, 64, 0, &value))
		return;
	shared->out[0] = bpf_get_file_xattr(file, user_name, &value);
	shared->out[1] = bpf_get_file_xattr(file, trusted_name, &value);
}

SEC("lsm.s/file_open")
int BPF_PROG(get_xattr, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		read_xattr(shared, file);
	return 0;
}

/* Must not load: the kfunc may sleep, and the program may not. */
SEC("lsm/file_open")
int BPF_PROG(get_xattr_plain, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		read_xattr(shared, file);
	return 0;
}

/* in_data: the value; out[0], out[1]: results for the two names. */
SEC("lsm.s/inode_getxattr")
int BPF_PROG(set_xattr, struct dentry *dentry)
{
	struct io *shared = answered();
	struct bpf_dynptr value;

	/* the compiler describes a type in whole, as the kfunc needs it, only where it is read */
	if (!shared || !dentry->d_inode || bpf_dynptr_from_mem(shared->in_data, 8, 0, &value))
		return 0;
	shared->out[0] = bpf_set_dentry_xattr(dentry, bpf_name, &value, 0);
	shared->out[1] = bpf_set_dentry_xattr(dentry, security_name, &value, 0);
	return 0;
}

/* in[0]: user address, in[1]: 1: room for 4 bytes only, in[2]: flags; out[0]: result, out_data. */
SEC("lsm.s/file_open")
int BPF_PROG(copy_str, struct file *file)
{
	struct io *shared = answered();
	const void *from;

	if (!shared)
		return 0;
	from = (const void *)shared->in[0];
	if (shared->in[1])
		shared->out[0] = bpf_copy_from_user_str(shared->out_data, 4, from, shared->in[2]);
	else
		shared->out[0] = bpf_copy_from_user_str(shared->out_data, 64, from, shared->in[2]);
	return 0;
}
