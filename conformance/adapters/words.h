/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words of a line, ` key=value`, as an implementation behind a program of its own sends and gets
 * them (adapter(7)). In a value %XX stands for what would end it.
 */
#ifndef KRSI_ADAPTERS_WORDS_H
#define KRSI_ADAPTERS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Writes one word to `f`. */
void words__put(FILE *f, const char *key, const char *value);
/* Takes %XX out of `s`, in place; what is no such thing stays as it is. */
void words__decode(char *s);
/* The first value of `key` behind *from, as it stands; *from is then behind it. One that is longer
 * than `size` - 1 bytes is cut. false: there is none. */
bool words__next(const char **from, const char *key, char *out, size_t size);
/* The first value of `key` in a line, decoded. */
bool words__get(const char *line, const char *key, char *out, size_t size);
/* The same as a number, of any base that C knows; `otherwise` where there is none. */
long long words__number(const char *line, const char *key, long long otherwise);

#endif
