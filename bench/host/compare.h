/* SPDX-License-Identifier: GPL-2.0-only */
/* What `krsi compare` and `krsi bench --baseline` say of figures. */
#ifndef KRSI_BENCH_COMPARE_H
#define KRSI_BENCH_COMPARE_H

#include "bench/host/figures.h"

/**
 * compare_print - what changed from @a to @b, a line a metric, and a summary.
 * @threshold: see verdict_past().
 * Return: how many metrics are past it.
 */
size_t compare_print(const struct figures *a, const struct figures *b, double threshold);

/**
 * compare_figures - `krsi compare` for files of ours: two are held against each other, more stand
 * in columns.
 * @out: directory for report.html with plots, or NULL.
 * @markdown: print tables for a results page instead.
 * Return: the exit code.
 */
int compare_figures(const char *const *paths, size_t n, const char *out, bool markdown);

#endif
