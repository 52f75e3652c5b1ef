/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KRSI_HARNESS_AWAIT_H
#define KRSI_HARNESS_AWAIT_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Waits until the child has ended; it is left to be reaped. The time is counted in short waits: a
 * jump of the clock ends one of them early, not all. False: it took too long.
 */
bool await__end(pid_t pid, int seconds);

#endif
