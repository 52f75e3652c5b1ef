/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel modules: which ones a set of names needs, in which order, and their content. */
#ifndef KRSI_MODULES_H
#define KRSI_MODULES_H

#include <stddef.h>
#include "vm-images/err.h"
#include "vm-images/mem.h"

/**
 * struct module_list - the closure of a set of modules.
 * @paths: module files (possibly compressed) in load order: a module comes after all it needs.
 * @builtin: wanted names that are built into the kernel; nothing to load.
 * @missing: wanted names (or softdeps of them) that this kernel has neither as a module nor
 *           built in. No error: the test that needs one is skipped in the guest.
 */
struct module_list {
	struct strs paths;
	struct strs builtin;
	struct strs missing;
};

/**
 * modules_closure - what to load for @names, with dependencies and softdeps.
 * @dir: lib/modules/<release> with modules.dep.bin, or NULL (then all names are missing).
 * @names: module names or aliases; '-' and '_' are the same.
 * Return: 0, or -1 with @err (code 2: the directory cannot be read as a module directory).
 */
int modules_closure(struct module_list *out, const char *dir, const char *release,
		    const char *const *names, size_t n, struct krsi_err *err);
/** module_list_free - free the content. */
void module_list_free(struct module_list *l);

/**
 * modules_read - a module's content, decompressed if it is .ko.xz, .ko.zst or .ko.gz.
 * @len: number of bytes.
 * Return: the ELF file in memory (free() it), or NULL with @err (code 2: no ELF file comes out).
 */
void *modules_read(const char *path, size_t *len, struct krsi_err *err);

#endif
