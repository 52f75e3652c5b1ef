/* SPDX-License-Identifier: GPL-2.0-only */
/* A program of conformance/bpf with the memory that it shares. */
#ifndef KRSI_SEMANTICS_PROGRAM_H
#define KRSI_SEMANTICS_PROGRAM_H

#include <linux/types.h>

#include "conformance/bpf/io.h"
#include "conformance/semantics/scene.h"

/* Loads "object:function"; its errors are those of the test. */
struct krsi_prog *program__load(struct krsi_run *t, const char *name);
/* The same for a hook that the section does not name: programs with an opaque context fit all. */
struct krsi_prog *program__load_on(struct krsi_run *t, const char *hook, const char *name);
/* The memory that a program shares, which must be `size` bytes at least. */
void *program__shared(struct krsi_run *t, struct krsi_prog *prog, size_t size);
/* Lets a loaded program answer this process; the memory that it shares. */
struct io *program__memory(struct krsi_run *t, struct krsi_prog *prog);
/* Loads "object:function", attaches it to the hook that its section names, and lets it answer this
 * process. Ends the test where that does not succeed. */
struct io *program__start(struct krsi_run *t, const char *name, struct krsi_prog **prog);
struct io *program__start_on(struct krsi_run *t, const char *hook, const char *name,
			     struct krsi_prog **prog);
/* Loads it and drops it again; 0 or the errno of the load. */
int program__try(struct krsi_run *t, const char *name);

#endif
