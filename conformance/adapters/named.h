/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that tests load by name from the BPF objects inside the binary: "object:function", from
 * conformance/bpf/<object>.bpf.c. Each load is an object of its own, with its own maps.
 */
#ifndef KRSI_ADAPTERS_NAMED_H
#define KRSI_ADAPTERS_NAMED_H

#include <stdbool.h>
#include <stddef.h>

struct named;
struct bpf_object;

/* Loads one program for a hook; `hook` NULL: the one that its section names. 0 or -errno: -ENOENT
 * no such object or function, else what the kernel says; *why (of static memory) explains. */
int named__load(const char *name, const char *hook, bool sleepable, struct named **out,
		const char **why);
/* The object `name` (of so many bytes) as it was compiled; -ENOENT: there is none. */
int named__image(const char *name, size_t len, const char **image, size_t *size);
/* Gives the programs of the sections krsi and krsi.s their types, before the object is loaded. */
void named__set_types(struct bpf_object *object);
/* The program's descriptor. */
int named__fd(const struct named *named);
/* The memory that it shares (struct io); NULL if the object has no map `io`. */
void *named__io(const struct named *named, size_t *size);
/* The object, for its other maps. */
struct bpf_object *named__object(const struct named *named);
/* Drops the loader's reference. NULL is ignored. */
void named__free(struct named *named);

#endif
