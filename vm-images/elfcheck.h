/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a program can run in a guest that has no libraries. */
#ifndef KRSI_ELFCHECK_H
#define KRSI_ELFCHECK_H

#include "vm-images/arch.h"
#include "vm-images/err.h"

/**
 * elf_check_static - see that @path is a static program for @arch.
 * Return: 0, or -1 with @err (code 2): unreadable, not a program, for another machine, dynamic.
 */
int elf_check_static(const char *path, const struct arch *arch, struct krsi_err *err);

#endif
