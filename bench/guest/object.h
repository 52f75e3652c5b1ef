/* SPDX-License-Identifier: GPL-2.0-only */
/* One program out of the BPF objects inside the binary: loaded, attached, with its buffer read. */
#ifndef KRSI_BENCH_OBJECT_H
#define KRSI_BENCH_OBJECT_H

#include <stddef.h>

struct bpf_object;

/**
 * struct attached - a program that runs. All zero: none.
 * @object: it and its maps.
 * @link: of libbpf, NULL for a program of the reference.
 * @program: descriptor.
 * @hook_file: of the reference's hook file, if it is attached by one; else -1.
 */
struct attached {
	struct bpf_object *object;
	struct bpf_link *link;
	int program;
	int hook_file;
};

/**
 * object__start - load one program, "object:function", and attach it as its section says; with
 * @hook by the reference's file of that hook.
 * Return: NULL, or why not.
 */
const char *object__start(struct attached *a, const char *name, const char *hook);
/** object__start_idle - the same, but it is not attached: it is run for a test. */
const char *object__start_idle(struct attached *a, const char *name);
/** object__open, object__load - its two halves, for who changes the maps in between. */
const char *object__open(struct attached *a, const char *name);
const char *object__load(struct attached *a, const char *name);
/** object__start_maps - an object without programs, for its maps. NULL, or why not. */
const char *object__start_maps(struct attached *a, const char *object);
/** object__map - descriptor of a map, or -1. */
int object__map(const struct attached *a, const char *name);
/** object__stop - detach and unload. */
void object__stop(struct attached *a);

#endif
