/* SPDX-License-Identifier: GPL-2.0-only */
/* Many runs at a glance: a line of text for each. */
#ifndef CI_TABLE_H
#define CI_TABLE_H

#include <stddef.h>

#include "ci/run.h"

/**
 * The table of @n runs, in the order given: kernel, hooks that fired of those attachable, tests by
 * result ("red" is all that makes a run red), boots, seconds, verdict.
 * Return: the text, to be freed with free(); *@len is its length.
 */
char *table_text(const struct run *runs, size_t n, size_t *len);

#endif
