/* SPDX-License-Identifier: GPL-2.0-only */
/* One kernel's figures held against another's. */
#ifndef KRSI_BENCH_VERDICT_H
#define KRSI_BENCH_VERDICT_H

#include "bench/host/figures.h"

/** enum change - what became of a metric. */
enum change {
	CHANGE_NOISE,	/* the same, as far as can be told */
	CHANGE_BETTER,	/* less */
	CHANGE_WORSE,	/* more */
	CHANGE_OTHER,	/* a number of something is another one */
	CHANGE_LOST,	/* it was measured, and is not now: absent or failed */
	CHANGE_NEW,	/* it was not, and is now */
	CHANGE_NEITHER, /* neither has it */
};

/** change_name - "within noise", "better", "worse", "differs", "no longer measured", ... */
const char *change_name(enum change c);

/**
 * struct comparison - of one metric.
 * @a, @b: before and after; NULL: it does not have the metric.
 * @ratio: b / a; 0 where that says nothing.
 * @band: how far from 1 the ratio may be and still be noise.
 */
struct comparison {
	const struct metric *a, *b;
	double ratio;
	double band;
	enum change change;
};

/**
 * verdict_compare - the metrics of both, by name.
 * @n: how many.
 * Return: an array, free() it.
 */
struct comparison *verdict_compare(const struct figures *a, const struct figures *b, size_t *n);

/**
 * verdict_comparable - whether @b can be held against the baseline @a: the same engine, processor,
 * QEMU (of a deterministic run), seeds, and kernel by name.
 * @any_kernel: two kernels are to be compared, whatever they are called.
 * Return: 0, or -1 with @err (code 2) and the reason.
 */
int verdict_comparable(const struct figures *a, const struct figures *b, bool any_kernel,
		       struct krsi_err *err);

/**
 * verdict_past - how many metrics are worse by more than @threshold (0.01: 1 %; and by more than
 * noise), or no longer measured.
 */
size_t verdict_past(const struct comparison *c, size_t n, double threshold);

#endif
