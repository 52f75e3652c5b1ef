/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that comes from a guest is hostile: it may hold control characters, terminal escapes, bytes
 * that are no UTF-8. It is made harmless once, where it enters, with text_clean().
 */
#ifndef CI_TEXT_H
#define CI_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/** Longest test id, in bytes. */
#define TEXT_ID_MAX 200

/** vprintf() into new memory. Free with free(). */
char *text_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/** Replaces the string at @slot (freed) by a copy of @s; NULL clears it. */
void text_set(char **slot, const char *s);

/**
 * A copy of the @len bytes at @s as printable UTF-8 of at most @max bytes: what is not valid UTF-8,
 * a control character (but newline and tab), or no XML character becomes '?'; text that is cut ends
 * in "...". Free with free().
 */
char *text_clean(const char *s, size_t len, size_t max);

/** text_clean(), and newlines and tabs become spaces: for places that hold one line. */
char *text_line(const char *s, size_t max);

/** Takes out of @s what makes a terminal change colours and characters: programs that do not ask
 * whether they talk to one. */
void text_uncolour(char *s);

/**
 * Whether @id is a well-formed test, hook or requirement name: 1 to TEXT_ID_MAX bytes of
 * [A-Za-z0-9_.:+-] in parts joined by '/', no part empty, "." or "..".
 */
bool text_id_ok(const char *id);

/** "EPERM" for 1; NULL if @err is no errno. */
const char *text_errno_name(long err);

/** A result of a system call in words: "0", "17", "-1 (EPERM)" is "-EPERM". Free with free(). */
char *text_ret(long long ret);

/** @s with every byte that is not [A-Za-z0-9._+-] replaced by '-': safe as a file name. */
char *text_file_name(const char *s);

/** @s quoted for a POSIX shell, only if it needs quoting. Free with free(). */
char *text_shell(const char *s);

#endif
