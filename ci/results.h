/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * results.json, schema 1: a run on disk, which is what reports and gates read. Keys are sorted and
 * rows are in the order of their ids, so that equal runs give equal files but for the times.
 */
#ifndef CI_RESULTS_H
#define CI_RESULTS_H

#include <stddef.h>

#include "ci/run.h"
#include "vm-images/err.h"

/** The schema that results_format() writes and results_parse() understands. */
#define RESULTS_SCHEMA 1

/** The run as JSON text; @len gets its length. Free with free(). */
char *results_format(const struct run *run, size_t *len);

/**
 * Reads a run from the @len bytes at @text; @what names it in messages. A file may come from
 * anywhere, so every member is checked as if a guest had sent it. Returns 0, or -1 with @err
 * (code 2) and @run empty.
 */
int results_parse(struct run *run, const char *text, size_t len, const char *what,
		  struct krsi_err *err);

/** results_parse() of a file; a directory stands for the results.json in it. */
int results_load(struct run *run, const char *path, struct krsi_err *err);

#endif
