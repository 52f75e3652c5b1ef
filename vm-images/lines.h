/* SPDX-License-Identifier: GPL-2.0-only */
/* A byte stream from the guest, cut into bounded lines. */
#ifndef KRSI_LINES_H
#define KRSI_LINES_H

#include <stdbool.h>
#include <stddef.h>

/** enum line_flaw - what is wrong with a line; 0 is a good one. */
enum line_flaw {
	LINE_TOO_LONG = 1, /* it went on beyond the bound; the text is its beginning */
	LINE_BINARY = 2,   /* it holds control characters (tab and CR at the end are none) or is
			    * not UTF-8; they were replaced by '?' */
	LINE_CUT = 4,	   /* the stream ended before its newline */
};

/**
 * typedef lines_fn - one line.
 * @text: NUL-terminated printable text without newline; valid during the call.
 * @flaws: set of enum line_flaw.
 */
typedef void lines_fn(void *ctx, const char *text, size_t len, unsigned int flaws);

/** lines_plain - how many of the @len bytes at @s, from the first on, are ASCII that prints. */
size_t lines_plain(const char *s, size_t len);

/** struct lines - a splitter; opaque. */
struct lines;

/** lines_new - lines of at most @max bytes go to @fn. Never NULL. */
struct lines *lines_new(size_t max, lines_fn *fn, void *ctx);
/** lines_feed - the next bytes of the stream. */
void lines_feed(struct lines *l, const void *data, size_t len);
/** lines_end - the stream ended: hands over an unfinished line (LINE_CUT). */
void lines_end(struct lines *l);
/** lines_free - free it. */
void lines_free(struct lines *l);

#endif
