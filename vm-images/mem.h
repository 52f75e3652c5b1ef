/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is there or the program ends: a command that needs a few megabytes has nothing
 * sensible to do without them. Each prints one line and exits with KRSI_EXIT_INFRA on failure.
 */
#ifndef KRSI_MEM_H
#define KRSI_MEM_H

#include <stddef.h>

/** xcalloc - zeroed array of @n elements of @size bytes; free() it. */
void *xcalloc(size_t n, size_t size);
/** xreallocarray - grow or shrink @p to @n elements of @size bytes; new elements are not zeroed. */
void *xreallocarray(void *p, size_t n, size_t size);
/** xstrdup - copy of @s; NULL stays NULL. */
char *xstrdup(const char *s);
/** xstrndup - copy of at most @n bytes of @s, terminated. */
char *xstrndup(const char *s, size_t n);
/** xasprintf - formatted string; free() it. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * struct strs - a growing list of owned strings.
 * @v: the strings, NULL-terminated once the first was added.
 * @n: how many.
 */
struct strs {
	char **v;
	size_t n;
};

/** strs_add - append a copy of @s. */
void strs_add(struct strs *l, const char *s);
/** strs_take - append @s itself (malloc'ed); the list owns it from now on. */
void strs_take(struct strs *l, char *s);
/** strs_has - whether @s is in the list. */
int strs_has(const struct strs *l, const char *s);
/** strs_join - all strings with @sep between them; free() it. */
char *strs_join(const struct strs *l, const char *sep);
/** strs_free - free the list's content and leave an empty list. */
void strs_free(struct strs *l);

#endif
