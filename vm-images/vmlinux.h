/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel inside a bzImage, unpacked on the host: a guest need not do it at every boot, which
 * under emulation takes a quarter of the time to init. QEMU starts it at its PVH entry
 * (Documentation/arch/x86/boot.rst; CONFIG_PVH, which distributions have).
 */
#ifndef KRSI_VMLINUX_H
#define KRSI_VMLINUX_H

#include <stdbool.h>
#include <stddef.h>

/**
 * vmlinux_open - unpack @image into memory.
 * Return: a descriptor that programs inherit (close() it), or -1 where the image has to be booted
 * as it is: packed in a way that cannot be read here, damaged, or without a PVH entry.
 */
int vmlinux_open(const char *image);

/** vmlinux_has_pvh - whether the ELF file in @len bytes of memory names a PVH entry. */
bool vmlinux_has_pvh(const void *data, size_t len);

#endif
