/* SPDX-License-Identifier: GPL-2.0-only */
/* Plots of one or several kernels' figures, drawn by gnuplot as SVG and PNG. */
#ifndef KRSI_BENCH_PLOT_H
#define KRSI_BENCH_PLOT_H

#include "bench/host/figures.h"
#include "vm-images/mem.h"

/** struct plot - one picture: NAME.svg and NAME.png, and what it shows. */
struct plot {
	const char *name;
	const char *title;
	const char *text;
};

extern const struct plot plots[];
extern const size_t n_plots;

/**
 * plot_all - draw what the figures give, into a directory; also NAME.gp, which draws it again.
 * @done: gets the names of those that were drawn.
 * Return: 0; -1 with @err (code 5: no gnuplot, or it failed).
 */
int plot_all(struct strs *done, const struct figures *r, size_t n, const char *dir,
	     struct krsi_err *err);

#endif
