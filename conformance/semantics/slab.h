/* SPDX-License-Identifier: GPL-2.0-only */
/* How many objects the kernel's caches for memory of any use hold. */
#ifndef KRSI_SEMANTICS_SLAB_H
#define KRSI_SEMANTICS_SLAB_H

#include <stddef.h>

#define SLAB_CACHES 128
/* Memory that waits for its readers is freed later: so many looks, with pauses of so long. */
#define SLAB_TRIES   100
#define SLAB_TICK_US 50000

struct slab {
	size_t n;
	struct slab_cache {
		char name[32];
		unsigned long objects;
	} cache[SLAB_CACHES];
};

/* Counts; n is 0 where the kernel does not tell. */
void slab__count(struct slab *slab);
/* By how much the cache that grew most did. */
unsigned long slab__grown(const struct slab *before, const struct slab *after);
/* The same in words; static storage. */
const char *slab__most_grown(const struct slab *before, const struct slab *after);

#endif
