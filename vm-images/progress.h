/* SPDX-License-Identifier: GPL-2.0-only */
/* How long work tells that it goes on. The caller decides what a terminal or a log shows. */
#ifndef KRSI_PROGRESS_H
#define KRSI_PROGRESS_H

#include <stdint.h>

/**
 * struct progress - the caller's callbacks; each may be NULL, and so may a pointer to this struct.
 * @step: a new step begins, or a fact worth a line ("fetching X (27 MB)"); one printable line.
 * @bytes: @done of @total bytes of the current step; at most a few times a second, and only
 *         useful on a terminal. @total is 0 if unknown.
 * @ctx: handed to both.
 */
struct progress {
	void (*step)(void *ctx, const char *text);
	void (*bytes)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/** progress_step - format a line and hand it to @p's step callback, if there is one. */
void progress_step(const struct progress *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** progress_bytes - hand figures to @p's bytes callback, if there is one. */
void progress_bytes(const struct progress *p, uint64_t done, uint64_t total);

#endif
