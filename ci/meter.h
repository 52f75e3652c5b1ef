/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far the work is, on standard error: one line that is rewritten on a terminal, and now and
 * then a plain line in a log. Several threads may use one meter.
 */
#ifndef CI_METER_H
#define CI_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "ci/fold.h"
#include "ci/waivers.h"
#include "vm-images/progress.h"

/** A meter; opaque. */
struct meter;

/** A new meter that writes to @out; @quiet: it shows nothing. Free with meter_free(). */
struct meter *meter_new(FILE *out, bool quiet);

/** How many tests are to come; those that have come before count no more. */
void meter_total(struct meter *m, size_t total);

/** Failures that these waivers know, with that implementation, are not shown as red. */
void meter_waivers(struct meter *m, const struct waivers *ws, const char *impl);

/** Removes the rewritten line: something else is about to be printed. */
void meter_clear(struct meter *m);

/** A line that stays: a step begins, or something happened. */
void meter_say(struct meter *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** For vm-images: its steps become lines. Valid as long as the meter. */
const struct progress *meter_progress(struct meter *m);

/** For fold.h: counts tests, shows red ones at once. Valid as long as the meter. */
const struct fold_watch *meter_watch(struct meter *m);

/** meter_clear(), and frees the meter. */
void meter_free(struct meter *m);

#endif
