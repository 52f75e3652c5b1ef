/* SPDX-License-Identifier: GPL-2.0-only */
/* The nearest known word to a misspelt one, for "unknown X: did you mean Y?". */
#ifndef KRSI_SUGGEST_H
#define KRSI_SUGGEST_H

#include <stddef.h>

/**
 * suggest_nearest - the entry of @words that is fewest edits away from @word.
 * Return: an element of @words, or NULL if none is near (more than a third of its letters differ).
 */
const char *suggest_nearest(const char *word, const char *const *words, size_t n);

#endif
