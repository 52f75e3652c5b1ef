// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <math.h>

#include "bench/host/stats.h"

static const double odd[] = { 5, 1, 3 }, even[] = { 4, 1, 3, 2 };

static void near(double got, double expected)
{
	cr_assert(fabs(got - expected) < 1e-9, "%g is not %g", got, expected);
}

Test(stats, median_is_the_middle)
{
	near(stats_median(odd, 3), 3);
	near(stats_median(even, 4), 2.5);
	near(stats_median(odd, 1), 5);
	near(stats_median(NULL, 0), 0);
}

Test(stats, input_is_left_alone)
{
	double v[] = { 3, 1, 2 };

	stats_median(v, 3);
	stats_bootstrap(v, 3, 10, 1);
	near(v[0], 3);
	near(v[1], 1);
	near(v[2], 2);
}

Test(stats, mean_and_extremes)
{
	near(stats_mean(odd, 3), 3);
	near(stats_mean(NULL, 0), 0);
	near(stats_min(even, 4), 1);
	near(stats_max(even, 4), 4);
	near(stats_min(NULL, 0), 0);
}

Test(stats, spread_is_relative)
{
	const double v[] = { 99, 100, 102 }, zero[] = { 0, 0 };

	near(stats_spread(v, 3), 0.03);
	near(stats_spread(zero, 2), 0);
}

/* Nothing varies: the interval is a point. */
Test(stats, bootstrap_of_equal_values)
{
	const double v[] = { 7, 7, 7, 7 };
	struct interval i = stats_bootstrap(v, 4, 100, 1);

	near(i.lo, 7);
	near(i.hi, 7);
}

Test(stats, bootstrap_is_reproducible_and_holds_the_median)
{
	double v[40];
	struct interval a, b;

	for (int i = 0; i < 40; i++)
		v[i] = 100 + (i * 7919) % 41;
	a = stats_bootstrap(v, 40, 1000, 3);
	b = stats_bootstrap(v, 40, 1000, 3);
	near(a.lo, b.lo);
	near(a.hi, b.hi);
	cr_assert_leq(a.lo, stats_median(v, 40));
	cr_assert_geq(a.hi, stats_median(v, 40));
	cr_assert_lt(a.lo, a.hi);
	/* the median of forty values out of 41 in a row is known to better than a third of them */
	cr_assert_lt(a.hi - a.lo, 14);
}

/* Of many draws of 31 out of the same population, at least nine in ten intervals hold its median.
 */
Test(stats, bootstrap_covers)
{
	unsigned int hit = 0;
	uint32_t x = 12345;

	for (int round = 0; round < 200; round++) {
		double v[31];
		struct interval i;

		for (int j = 0; j < 31; j++) {
			x = x * 1664525 + 1013904223;
			v[j] = (double)(x >> 8) / (1 << 24);
		}
		i = stats_bootstrap(v, 31, 500, 1);
		hit += i.lo <= 0.5 && i.hi >= 0.5;
	}
	cr_assert_geq(hit, 180, "%u of 200", hit);
	cr_assert_leq(hit, 199, "%u of 200: an interval that always holds it says nothing", hit);
}

Test(stats, bootstrap_ratio)
{
	const double a[] = { 10, 10, 10 }, b[] = { 20, 20, 20, 20 };
	struct interval i = stats_bootstrap_ratio(a, 3, b, 4, 100, 1);

	near(i.lo, 2);
	near(i.hi, 2);
}
