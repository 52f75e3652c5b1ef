/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as text or JSON, one a line. */
#ifndef KRSI_LOG_PRINT_H
#define KRSI_LOG_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "reference/core/env.h"
#include "reference/core/frame.h"

/**
 * struct printer - how to print.
 * @name: of the variable.
 * @json: JSON, else text.
 * @denied: the word for a verdict that denies: "denied", "killed" or "would be denied".
 */
struct printer {
	const char *name;
	bool json;
	const char *denied;
};

/**
 * print_text - bytes in a printable form: control characters, the backslash and what is not
 * UTF-8 as \xNN; for JSON with what a string needs besides.
 */
void print_text(FILE *out, const char *text, bool json);

/** print_event - an execution. @data, @size: as krsi_frame_check() gave them. @path: or NULL. */
void print_event(const struct printer *p, FILE *out, const struct krsi_frame *frame,
		 const char *data, u32 size, const char *path);

/** print_lost - @n events more that had no room. */
void print_lost(const struct printer *p, FILE *out, uint64_t n);

#endif
