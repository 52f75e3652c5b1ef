/* SPDX-License-Identifier: GPL-2.0-only */
/* Figures for tests, made from what a guest would say. */
#ifndef KRSI_BENCH_TESTS_SAMPLE_H
#define KRSI_BENCH_TESTS_SAMPLE_H

#include "bench/host/figures.h"

/** sample_figures - of one boot with one seed: @body are the lines between first and last. */
struct figures sample_figures(const char *body);

#endif
