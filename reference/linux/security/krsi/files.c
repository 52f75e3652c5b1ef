// SPDX-License-Identifier: GPL-2.0-only
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include "files.h"
#include "run.h"

/* The whole text at once, into a buffer that seq_file keeps: small reads see one state. */
static int show(struct seq_file *m, void *unused)
{
	struct krsi_hook *hook = m->private;
	const struct krsi_chain *chain;
	u32 i;

	mutex_lock(&hook->lock);
	chain = rcu_dereference_protected(hook->chain, lockdep_is_held(&hook->lock));
	for (i = 0; chain && i < chain->n; i++)
		seq_printf(m, "%s\n", chain->link[i].name);
	mutex_unlock(&hook->lock);
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, inode->i_private);
}

static const struct file_operations hook_fops = {
	.open = open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

struct krsi_hook *krsi_hook_of(const struct file *file, bool write)
{
	if (!file)
		return ERR_PTR(-EBADF);
	if (!capable(CAP_MAC_ADMIN))
		return ERR_PTR(-EPERM);
	if (file->f_op != &hook_fops)
		return ERR_PTR(-EINVAL);
	if (write && !(file->f_mode & FMODE_WRITE))
		return ERR_PTR(-EBADF);
	return file_inode(file)->i_private;
}

static int __init create(const char *name, struct dentry *dir, struct krsi_hook *hook)
{
	return PTR_ERR_OR_ZERO(securityfs_create_file(name, 0600, dir, hook, &hook_fops));
}

static int __init krsi_files_init(void)
{
	struct dentry *dir;
	int i, err;

	if (!krsi_enabled)
		return 0;
	dir = securityfs_create_dir("krsi", NULL);
	err = PTR_ERR_OR_ZERO(dir);
	for (i = 0; i < KRSI_HOOKS && !err; i++)
		err = create(krsi_hooks[i].name, dir, &krsi_hooks[i]);
	if (!err)
		err = create("process_execution", dir, &krsi_hooks[KRSI_HOOK_bprm_check_security]);
	if (err)
		pr_err("krsi: no hook files: %d\n", err);
	return err;
}
fs_initcall(krsi_files_init);
