// SPDX-License-Identifier: GPL-2.0-only
#include "ci/array.h"

#include <stdlib.h>
#include <string.h>

void *array_push(void **array, size_t n, size_t *cap, size_t size)
{
	char *slot;

	if (n >= *cap) {
		*cap = *cap ? *cap * 2 : 16;
		*array = xreallocarray(*array, *cap, size);
	}
	slot = (char *)*array + n * size;
	memset(slot, 0, size);
	return slot;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strs_sort(struct strs *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
}

void strs_copy(struct strs *to, const struct strs *from)
{
	for (size_t i = 0; i < from->n; i++)
		strs_add(to, from->v[i]);
}
