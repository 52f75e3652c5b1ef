/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is kept of a finding:
 *
 *   DIR/finding-N          the input
 *   DIR/finding-N.txt      what is wrong, the command that runs it again, and what the guest said
 *                          when it went down, decoded where the kernel was built here
 *   DIR/finding-N.last-K   then also the inputs up to it, in order
 */
#ifndef FUZZ_GUEST_KEEP_H
#define FUZZ_GUEST_KEEP_H

#include <stddef.h>

/** keep_open - findings go to @dir, beside those that are there. The strings are borrowed. */
void keep_open(const char *dir, const char *kernel, const char *target);

/** keep_input - this input runs next. */
void keep_input(const void *data, size_t size);

/** keep_finding - the input that ran last is one. */
void keep_finding(const char *what);

#endif
