// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that run without their file: a process that deletes the file it was executed from (by
 * unlink, or by a rename over it), and the exec of a file that has no name any more (a deleted one,
 * or one that never had any, as memfd_create makes).
 */
#include "program.h"

/* out[0]: how often it happened; out_data: the file's name. */
static inline __attribute__((always_inline)) int removed(struct dentry *dentry)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct inode *own = BPF_CORE_READ(task, mm, exe_file, f_inode);
	struct io *shared;

	if (!own || dentry->d_inode != own)
		return 0;
	shared = answered();
	if (!shared)
		return 0;
	shared->out[0]++;
	bpf_probe_read_kernel_str(shared->out_data, 256, dentry->d_name.name);
	return io_verdict(shared);
}

SEC("lsm/inode_unlink")
int BPF_PROG(unlinks_itself, struct inode *dir, struct dentry *dentry)
{
	return removed(dentry);
}

SEC("lsm/inode_rename")
int BPF_PROG(replaces_itself, struct inode *old_dir, struct dentry *old_dentry,
	     struct inode *new_dir, struct dentry *new_dentry)
{
	return removed(new_dentry);
}

/* out[0]: how often it happened. */
SEC("lsm/bprm_check_security")
int BPF_PROG(runs_deleted, struct linux_binprm *bprm)
{
	struct io *shared;

	if (bprm->file->f_inode->i_nlink)
		return 0;
	shared = answered();
	if (!shared)
		return 0;
	shared->out[0]++;
	return io_verdict(shared);
}
