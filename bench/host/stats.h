/* SPDX-License-Identifier: GPL-2.0-only */
/* The few statistics that benchmarks need. None changes its input. */
#ifndef KRSI_BENCH_STATS_H
#define KRSI_BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

/** stats_mean - of @n values; 0 of none. */
double stats_mean(const double *v, size_t n);
/** stats_median - the middle one, or the mean of the two; 0 of none. */
double stats_median(const double *v, size_t n);
/** stats_min, stats_max - 0 of none. */
double stats_min(const double *v, size_t n);
double stats_max(const double *v, size_t n);
/** stats_spread - (max - min) / median; 0 where the median is 0. */
double stats_spread(const double *v, size_t n);

/** struct interval - from @lo to @hi. */
struct interval {
	double lo, hi;
};

/**
 * stats_bootstrap - 95 % confidence interval of the median, by resampling.
 * @rounds: how many samples are drawn.
 * @seed: of the draw: the same data and seed give the same interval.
 */
struct interval stats_bootstrap(const double *v, size_t n, unsigned int rounds, uint64_t seed);

/**
 * stats_bootstrap_ratio - the same of median(b) / median(a). Both need values, those of @a more
 * than 0.
 */
struct interval stats_bootstrap_ratio(const double *a, size_t na, const double *b, size_t nb,
				      unsigned int rounds, uint64_t seed);

#endif
