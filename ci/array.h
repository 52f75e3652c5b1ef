/* SPDX-License-Identifier: GPL-2.0-only */
/* Growing arrays of structs, and what lists of strings need besides vm-images/mem.h. */
#ifndef CI_ARRAY_H
#define CI_ARRAY_H

#include <stddef.h>

#include "vm-images/mem.h"

/**
 * array_push - make room for one more element of @size bytes in the array at *@array, which holds
 * @n and has room for *@cap.
 * Return: the new element, zeroed; the caller counts it.
 */
void *array_push(void **array, size_t n, size_t *cap, size_t size);

/** ARRAY_PUSH - array_push() for a struct with members NAME, n_NAME and cap_NAME; counts. */
#define ARRAY_PUSH(obj, name)                                                                      \
	((__typeof__((obj)->name))array_push((void **)&(obj)->name, (obj)->n_##name++,             \
					     &(obj)->cap_##name, sizeof(*(obj)->name)))

/** ARRAY_SIZE - elements of a C array. */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

/** strs_sort - sort in byte order. */
void strs_sort(struct strs *l);

/** strs_copy - append copies of all strings of @from. */
void strs_copy(struct strs *to, const struct strs *from);

#endif
