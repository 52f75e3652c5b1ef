/* SPDX-License-Identifier: GPL-2.0-only */
/* One HTML page of the figures of one or several kernels: tables and plots. */
#ifndef KRSI_BENCH_PAGE_H
#define KRSI_BENCH_PAGE_H

#include <stdio.h>

#include "bench/host/figures.h"
#include "vm-images/mem.h"

/**
 * page_write - DIR/report.html, and the plots beside it.
 * Without gnuplot the page has tables alone and says so.
 * Return: 0, or -1 with @err.
 */
int page_write(const struct figures *r, size_t n, const char *dir, struct krsi_err *err);

/**
 * page_tables - the tables as Markdown, for a results page in a repository.
 */
void page_tables(FILE *f, const struct figures *r, size_t n);

#endif
