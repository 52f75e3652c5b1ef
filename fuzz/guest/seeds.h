/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest's targets begin with. */
#ifndef FUZZ_GUEST_SEEDS_H
#define FUZZ_GUEST_SEEDS_H

#include <stddef.h>

/** typedef seeds_emit_fn - takes a seed; @name is a file name. */
typedef void seeds_emit_fn(const char *name, const void *data, size_t size);

/** seeds_write - those of @target. Returns 0, or -1: it has none. */
int seeds_write(const char *target, seeds_emit_fn *emit);

#endif
