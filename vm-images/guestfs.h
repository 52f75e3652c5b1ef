/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest finds in its initramfs. */
#ifndef KRSI_GUESTFS_H
#define KRSI_GUESTFS_H

#include <stdbool.h>
#include "vm-images/guest.h"

/**
 * guestfs_build - put together the initramfs of a boot, in memory.
 * @shell: for guest_shell(): busybox, and the terminal's size.
 * @missing: gets the names of modules that the kernel does not have.
 * @bytes: its size.
 * Return: a descriptor that QEMU inherits, or -1 with @err.
 */
int guestfs_build(const struct guest_opts *o, bool shell, struct strs *missing, size_t *bytes,
		  struct krsi_err *err);

#endif
