/* SPDX-License-Identifier: GPL-2.0-only */
/* What plots are made of. Each plot_*() writes gnuplot's commands, or returns false: no figures. */
#ifndef KRSI_BENCH_PLOT_PARTS_H
#define KRSI_BENCH_PLOT_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/host/figures.h"

struct point {
	double x, y;
};

/** struct curve - a line through points. All zero but for @title is empty. */
struct curve {
	char *title; /**< owned */
	size_t colour;
	int dash; /**< 1: solid */
	struct point *points;
	size_t n_points;
	size_t cap_points;
};

/** struct curves - those of one plot. */
struct curves {
	struct curve *all;
	size_t n_all;
	size_t cap_all;
};

/** curves_add - a new one. @title is taken over. */
struct curve *curves_add(struct curves *c, char *title, size_t colour, int dash);
/** curve_add - a point. */
void curve_add(struct curve *c, double x, double y);
/** curves_draw - the plot command with its data; frees them. False: there is not one point. */
bool curves_draw(FILE *f, struct curves *c);

/**
 * plot_quote - @s as a string of gnuplot's. In single quotes nothing is replaced: names come from
 * files that others made, and between double ones gnuplot runs what backticks enclose.
 */
void plot_quote(FILE *f, const char *s);

/** plot_colour - the i-th, apart from its neighbours also for those who see fewer colours. */
const char *plot_colour(size_t i);

bool plot_distribution(FILE *f, const struct figures *r, size_t n);
bool plot_talk(FILE *f, const struct figures *r, size_t n);
bool plot_history(FILE *f, const struct figures *r, size_t n);
bool plot_hooks(FILE *f, const struct figures *r, size_t n);
bool plot_programs(FILE *f, const struct figures *r, size_t n);
bool plot_buffers(FILE *f, const struct figures *r, size_t n);
bool plot_environ(FILE *f, const struct figures *r, size_t n);

#endif
