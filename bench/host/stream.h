/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines that krsi-bench says in the guest (bench/guest/bench.h), taken into a result. */
#ifndef KRSI_BENCH_STREAM_H
#define KRSI_BENCH_STREAM_H

#include "bench/host/figures.h"

/**
 * stream_read - one boot's lines into @r.
 * @text: all of them; what is not whole to the last line is an error.
 * @seed: of the boot.
 * @engine, @boot: as they must be in its first line.
 * Return: 0, or -1 with @err (code 3): another version, a line that is none, no end.
 */
int stream_read(struct figures *r, const char *text, unsigned int seed, const char *engine,
		const char *boot, struct krsi_err *err);

#endif
