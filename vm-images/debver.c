// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/debver.h"

/* '~' sorts before the end, the end before letters, letters before all else. */
static int rank(const char *p, const char *end)
{
	if (p == end || isdigit((unsigned char)*p))
		return 0;
	if (*p == '~')
		return -1;
	if (isalpha((unsigned char)*p))
		return (unsigned char)*p;
	return (unsigned char)*p + 256;
}

static const char *skip_zeros(const char *p, const char *end)
{
	while (p < end && *p == '0')
		p++;
	return p;
}

static size_t digits(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && isdigit((unsigned char)p[n]))
		n++;
	return n;
}

/* One part: turns of non-digits, compared by rank, and digits, compared as numbers. */
static int part_cmp(const char *a, const char *a_end, const char *b, const char *b_end)
{
	while (a < a_end || b < b_end) {
		size_t na, nb;
		int d;

		while ((a < a_end && !isdigit((unsigned char)*a)) ||
		       (b < b_end && !isdigit((unsigned char)*b))) {
			d = rank(a, a_end) - rank(b, b_end);
			if (d)
				return d;
			a += a < a_end;
			b += b < b_end;
		}
		a = skip_zeros(a, a_end);
		b = skip_zeros(b, b_end);
		na = digits(a, a_end);
		nb = digits(b, b_end);
		if (na != nb)
			return na < nb ? -1 : 1;
		d = memcmp(a, b, na);
		if (d)
			return d;
		a += na;
		b += nb;
	}
	return 0;
}

int debver_cmp(const char *a, const char *b)
{
	const char *ca = strchr(a, ':'), *cb = strchr(b, ':'), *ra, *rb;
	long ea = ca ? strtol(a, NULL, 10) : 0, eb = cb ? strtol(b, NULL, 10) : 0;
	int d;

	if (ea != eb)
		return ea < eb ? -1 : 1;
	a = ca ? ca + 1 : a;
	b = cb ? cb + 1 : b;
	ra = strrchr(a, '-') ?: a + strlen(a);
	rb = strrchr(b, '-') ?: b + strlen(b);
	d = part_cmp(a, ra, b, rb);
	if (d)
		return d;
	/* no revision counts as revision 0 */
	return part_cmp(ra + !!*ra, ra + strlen(ra), rb + !!*rb, rb + strlen(rb));
}
