/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest, held by a process of its own: booted, replaced when it went down, and given inputs.
 * What it writes to the memory that is shared may be anything.
 */
#ifndef FUZZ_GUEST_HOLD_H
#define FUZZ_GUEST_HOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "fuzz/guest/shared.h"

/**
 * hold_open - make the memory that is shared, in DIR/shared; no guest yet. The strings are
 * borrowed. The guest's console goes to DIR/console.log, and what it said when it went down to
 * DIR/splat.
 */
const volatile struct shared *hold_open(const char *dir, const char *kernel, const char *target);

/** hold_boot - a guest that waits for inputs, in place of what there was. Ends the program if none
 * comes up. */
void hold_boot(void);

/**
 * hold_judge - run an input of at most INPUT_MAX bytes.
 * @strict: look at what is else looked at now and then.
 * Return: NULL, or what is wrong, valid until the next call. A guest that went down or hangs is
 * gone then.
 */
const char *hold_judge(const void *data, size_t size, bool strict);

/** hold_end - no guest any more. */
void hold_end(void);

#endif
