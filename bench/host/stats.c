// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/stats.h"

#include <stdlib.h>
#include <string.h>

#include "vm-images/mem.h"

/* 95 %: what lies outside on either side. */
#define TAIL 0.025

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double *sorted(const double *v, size_t n)
{
	double *copy = xcalloc(n, sizeof(*copy));

	memcpy(copy, v, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), ascending);
	return copy;
}

static double middle(const double *s, size_t n)
{
	return n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
}

double stats_mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return n ? sum / (double)n : 0;
}

double stats_median(const double *v, size_t n)
{
	double *s, m;

	if (!n)
		return 0;
	s = sorted(v, n);
	m = middle(s, n);
	free(s);
	return m;
}

double stats_min(const double *v, size_t n)
{
	double m = n ? v[0] : 0;

	for (size_t i = 1; i < n; i++)
		m = v[i] < m ? v[i] : m;
	return m;
}

double stats_max(const double *v, size_t n)
{
	double m = n ? v[0] : 0;

	for (size_t i = 1; i < n; i++)
		m = v[i] > m ? v[i] : m;
	return m;
}

double stats_spread(const double *v, size_t n)
{
	double median = stats_median(v, n);

	return median ? (stats_max(v, n) - stats_min(v, n)) / median : 0;
}

/* xorshift64*: the draw must be the same everywhere, which rand() is not. */
static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static double draw_median(const double *v, size_t n, double *room, uint64_t *state)
{
	for (size_t i = 0; i < n; i++)
		room[i] = v[(size_t)((next(state) >> 11) % n)];
	qsort(room, n, sizeof(*room), ascending);
	return middle(room, n);
}

static struct interval interval_of(double *medians, unsigned int rounds)
{
	struct interval out;

	qsort(medians, rounds, sizeof(*medians), ascending);
	out.lo = medians[(size_t)(TAIL * rounds)];
	out.hi = medians[(size_t)((1 - TAIL) * rounds)];
	return out;
}

struct interval stats_bootstrap(const double *v, size_t n, unsigned int rounds, uint64_t seed)
{
	double *room = xcalloc(n + 1, sizeof(*room)), *medians = xcalloc(rounds, sizeof(*medians));
	uint64_t state = seed ? seed : 1;
	struct interval out = { 0, 0 };

	if (n) {
		for (unsigned int i = 0; i < rounds; i++)
			medians[i] = draw_median(v, n, room, &state);
		out = interval_of(medians, rounds);
	}
	free(medians);
	free(room);
	return out;
}

struct interval stats_bootstrap_ratio(const double *a, size_t na, const double *b, size_t nb,
				      unsigned int rounds, uint64_t seed)
{
	size_t most = na > nb ? na : nb;
	double *room = xcalloc(most + 1, sizeof(*room));
	double *ratios = xcalloc(rounds, sizeof(*ratios));
	uint64_t state = seed ? seed : 1;
	struct interval out;

	for (unsigned int i = 0; i < rounds; i++) {
		double below = draw_median(a, na, room, &state);

		ratios[i] = draw_median(b, nb, room, &state) / below;
	}
	out = interval_of(ratios, rounds);
	free(ratios);
	free(room);
	return out;
}
