// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/lines.h"
#include "vm-images/mem.h"

struct lines {
	size_t max;
	lines_fn *fn;
	void *ctx;
	size_t len;
	bool skipping; /* the rest of a line that was handed over as too long */
	char buf[];
};

struct lines *lines_new(size_t max, lines_fn *fn, void *ctx)
{
	struct lines *l = xreallocarray(NULL, 1, sizeof(*l) + max + 1);

	*l = (struct lines){ .max = max, .fn = fn, .ctx = ctx };
	return l;
}

#define BLOCK 16

/* Signed, a byte beyond ASCII is below all others. */
static bool is_plain(char c)
{
	return (signed char)c >= 0x20 && c != 0x7f;
}

size_t lines_plain(const char *s, size_t len)
{
	size_t n = 0;

	for (; n + BLOCK <= len; n += BLOCK) {
		bool other = false;

		/* no way out of a block: the compiler makes a few instructions of it */
		for (size_t i = 0; i < BLOCK; i++)
			other |= !is_plain(s[n + i]);
		if (other)
			break;
	}
	while (n < len && is_plain(s[n]))
		n++;
	return n;
}

/*
 * How many bytes the well-formed UTF-8 sequence at @s takes, 0 if it is not one. Surrogates,
 * overlong forms and C1 control characters count as ill-formed: terminals act on the latter.
 */
static size_t utf8_len(const unsigned char *s, size_t n)
{
	size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t c;
	static const uint32_t least[] = { 0, 0, 0xa0, 0x800, 0x10000 };

	if (s[0] < 0xc2 || s[0] > 0xf4 || n < len)
		return 0;
	c = s[0] & (0xff >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return len;
}

static unsigned int make_printable(char *text, size_t len, bool may_be_cut)
{
	unsigned int flaws = 0;

	for (size_t i = 0; (i += lines_plain(text + i, len - i)) < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t step = 1;

		if (c >= 0x80)
			step = utf8_len((unsigned char *)text + i, len - i);
		else if ((c < 0x20 && c != '\t') || c == 0x7f)
			step = 0;
		if (!step) {
			/* the bound may have fallen into the middle of a character */
			if (!(may_be_cut && c >= 0xc2 && len - i < 4))
				flaws = LINE_BINARY;
			text[i] = '?';
			step = 1;
		}
		i += step;
	}
	return flaws;
}

static void hand_over(struct lines *l, unsigned int flaws)
{
	while (l->len && l->buf[l->len - 1] == '\r')
		l->len--;
	l->buf[l->len] = '\0';
	flaws |= make_printable(l->buf, l->len, flaws & LINE_TOO_LONG);
	l->fn(l->ctx, l->buf, l->len, flaws);
	l->len = 0;
}

void lines_feed(struct lines *l, const void *data, size_t len)
{
	const char *p = data, *end = p + len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p), room = l->max - l->len;

		if (!l->skipping) {
			memcpy(l->buf + l->len, p, n < room ? n : room);
			l->len += n < room ? n : room;
			if (n > room) {
				hand_over(l, LINE_TOO_LONG);
				l->skipping = true;
			} else if (nl) {
				hand_over(l, 0);
			}
		}
		if (!nl)
			return;
		l->skipping = false;
		p = nl + 1;
	}
}

void lines_end(struct lines *l)
{
	if (l->len)
		hand_over(l, LINE_CUT);
	l->skipping = false;
}

void lines_free(struct lines *l)
{
	free(l);
}
