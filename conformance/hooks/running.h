/* SPDX-License-Identifier: GPL-2.0-only */
/* What entries ask about the running kernel. */
#ifndef KRSI_HOOKS_RUNNING_H
#define KRSI_HOOKS_RUNNING_H

#include <stdbool.h>

/* Has the kernel's BTF this name: a function (static ones too, unless inlined), a type, or a
 * member of one? */
bool btf_has_name(const char *name);
/* For krsi_needs.probe: the kernel must not be locked down, which denies before programs run. */
const char *kernel_is_locked_down(void);

#endif
