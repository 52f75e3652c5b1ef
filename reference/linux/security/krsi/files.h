/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook files in securityfs. */
#ifndef KRSI_FILES_H
#define KRSI_FILES_H

#include <linux/types.h>

struct file;
struct krsi_hook;

/**
 * krsi_hook_of - the hook that a file stands for, to a caller who may change its programs.
 * @file: may be NULL: a bad descriptor.
 * @write: it must be open for writing.
 *
 * Return: the hook, or the first that applies of -EBADF: no file; -EPERM: the caller lacks
 * CAP_MAC_ADMIN; -EINVAL: no hook file; -EBADF: not open for writing.
 */
struct krsi_hook *krsi_hook_of(const struct file *file, bool write);

#endif
