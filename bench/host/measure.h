/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots a kernel as often as benchmarks ask for it, and collects what they say. */
#ifndef KRSI_BENCH_MEASURE_H
#define KRSI_BENCH_MEASURE_H

#include <stdbool.h>

#include "bench/host/figures.h"
#include "vm-images/guest.h"

/**
 * struct measure_opts - what is measured. Strings are borrowed.
 * @guest: the machine; kernel, payload and init are set. Its LSMs, arguments and callbacks are not
 *         looked at.
 * @wall: by the clock, not by instructions.
 * @force_tcg: the clock may be an emulated machine's, whose figures say nothing.
 * @glob: which benchmarks; NULL: all.
 * @seeds: boots of each kind.
 * @samples, @execs, @extra: as in the guest's settings; 0: the guest's own.
 * @jobs: guests at a time.
 * @out: directory; gets samples/BOOT-seedN.txt and console/BOOT-seedN.log.
 * @progress: may be NULL.
 */
struct measure_opts {
	const struct guest_opts *guest;
	bool wall;
	bool force_tcg;
	const char *glob;
	unsigned int seeds;
	unsigned int samples;
	unsigned int execs;
	unsigned int extra;
	unsigned int jobs;
	const char *out;
	const struct progress *progress;
};

/** Room for a sample that counts with the wall-clock engine. */
#define MEASURE_WALL_SAMPLES 30

/**
 * measure - do it.
 * @r: its seeds are set.
 * Return: 0 with @r filled and finished; -1 with @err.
 */
int measure(struct figures *r, const struct measure_opts *o, struct krsi_err *err);

#endif
