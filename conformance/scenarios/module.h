/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A real out-of-tree kernel module, made for the running kernel without its headers: the object
 * hiding_module.c, fitted to what the kernel's BTF says of its structures, and with the version
 * magic that the kernel itself asks for in its log.
 */
#ifndef KRSI_SCENARIOS_MODULE_H
#define KRSI_SCENARIOS_MODULE_H

#include <stdbool.h>
#include <stddef.h>

/* The module's name; files that hold it may be called as they like. */
#define MODULE_NAME "krsi_module"

/* NULL, or why the kernel takes no such module: a probe for krsi_needs. */
const char *module__unmet(void);

/* Writes the module to a new file. hides: it takes itself off the list of modules at load;
 * `remark` is a part of the file without a meaning. 0 or -errno. */
int module__put(const char *path, bool hides, const char *remark);
/* Loads a file by finit_module(2), or its content by init_module(2); 0 or -errno. */
int module__load(const char *path);
int module__load_memory(const char *path);
/* Does /proc/modules list it? Has the kernel code of it, listed or not (sysfs tells)? */
bool module__listed(void);
bool module__present(void);
/* Puts it back on the list, if it hides, and removes it; 0 or -errno. */
int module__remove(void);

#endif
