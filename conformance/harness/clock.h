/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KRSI_HARNESS_CLOCK_H
#define KRSI_HARNESS_CLOCK_H

#include <time.h>

/* Monotonic time in seconds. */
static inline double clock__seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

#endif
