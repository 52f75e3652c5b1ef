/* SPDX-License-Identifier: GPL-2.0-only */
/* Helpers and kfuncs that not every kernel has: its BTF is asked, never its version. */
#ifndef KRSI_SEMANTICS_KERNEL_BTF_H
#define KRSI_SEMANTICS_KERNEL_BTF_H

#include <stdbool.h>

/* Does the kernel have this function? It must stand in the list of kernel_btf.c. */
bool kernel_btf__has(const char *function);

/* Defines a probe for krsi_needs. */
#define KERNEL_FUNCTION(name)                                                                      \
	static const char *no_##name(void)                                                         \
	{                                                                                          \
		return kernel_btf__has(#name) ? NULL : "the kernel has no " #name;                 \
	}

#endif
