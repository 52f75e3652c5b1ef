// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "conformance/harness/hook.h"

/* The linker collects what HOOK() declares. */
extern const struct krsi_hook_entry *__start_krsi_hooks[], *__stop_krsi_hooks[];

static const char *const family_names[FAMILIES] = {
	[FAMILY_INODE] = "inode",   [FAMILY_PATH] = "path",	  [FAMILY_FILE] = "file",
	[FAMILY_MOUNT] = "mount",   [FAMILY_EXEC] = "exec",	  [FAMILY_TASK] = "task",
	[FAMILY_CRED] = "cred",	    [FAMILY_IPC] = "ipc",	  [FAMILY_KEY] = "key",
	[FAMILY_SOCKET] = "socket", [FAMILY_NETWORK] = "network", [FAMILY_BPF] = "bpf",
	[FAMILY_KERNEL] = "kernel", [FAMILY_LABEL] = "label",
};

const char *family__name(enum krsi_family family)
{
	return family_names[family];
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct krsi_hook_entry *const *)a)->name,
		      (*(const struct krsi_hook_entry *const *)b)->name);
}

const struct krsi_hook_entry *const *catalogue__all(size_t *n)
{
	static bool sorted;

	*n = __stop_krsi_hooks - __start_krsi_hooks;
	if (!sorted)
		qsort(__start_krsi_hooks, *n, sizeof(__start_krsi_hooks[0]), by_name);
	sorted = true;
	return __start_krsi_hooks;
}

const struct krsi_hook_entry *catalogue__find(const char *name)
{
	size_t n;
	const struct krsi_hook_entry *const *all = catalogue__all(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}
