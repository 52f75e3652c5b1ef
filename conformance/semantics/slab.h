/* SPDX-License-Identifier: GPL-2.0-only */
/* How many objects the kernel's caches for memory of any use hold. */
#ifndef KRSI_SEMANTICS_SLAB_H
#define KRSI_SEMANTICS_SLAB_H

#include <stddef.h>

#define SLAB_CACHES 128

struct slab {
	size_t n;
	struct slab_cache {
		char name[32];
		unsigned long objects;
	} cache[SLAB_CACHES];
};

/* Counts; n is 0 where the kernel does not tell. */
void slab__count(struct slab *slab);
/* Waits until no cache has grown by as many objects as `limit`, or no more go: NULL, or the cache
 * that grew most, in words (static storage). */
const char *slab__outgrown(const struct slab *before, unsigned long limit);

#endif
