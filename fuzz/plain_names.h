/* SPDX-License-Identifier: GPL-2.0-only */
/* Which names of programs are equal, found the plain way: what the reference is held against. */
#ifndef FUZZ_PLAIN_NAMES_H
#define FUZZ_PLAIN_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** plain_name_counts - as many bytes as count of a name. */
static inline size_t plain_name_counts(const char *name)
{
	const char *end = strstr(name, "__");

	return end ? (size_t)(end - name) : strlen(name);
}

/** plain_name_equal - whether what counts of both is equal. */
static inline bool plain_name_equal(const char *a, const char *b)
{
	size_t n = plain_name_counts(a);

	return n == plain_name_counts(b) && !memcmp(a, b, n);
}

#endif
