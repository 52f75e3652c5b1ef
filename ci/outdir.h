/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directory that takes the results of one run: checked and locked before the first boot, so
 * that an hour of work does not end at a full disk or in another run's files.
 */
#ifndef CI_OUTDIR_H
#define CI_OUTDIR_H

#include "ci/run.h"
#include "vm-images/err.h"

/** An open results directory. */
struct outdir {
	char *path; /**< as the user will be told; owned */
	int lock;   /**< descriptor that holds the lock */
};

/**
 * Opens @path, or build/results/<kernel>-<implementation> if it is NULL. Makes it, takes its lock
 * and removes what an earlier run left: results that are not this run's must not be taken for it.
 * Returns 0, or -1 with @err (code 2: files of other making have the names of reports or logs; 5:
 * not writable, disk full, another run is writing there).
 */
int outdir_open(struct outdir *o, const char *path, const char *kernel, const char *impl,
		struct krsi_err *err);

/** Whether outdir_open() of the same would take the directory that @results is, or lies in. */
bool outdir_is(const char *path, const char *kernel, const char *impl, const char *results);

/** The path of @name in it; free(). */
char *outdir_file(const struct outdir *o, const char *name);

/**
 * Writes all reports, and results.json last: if it is there, all is there. Returns 0, or -1 with
 * @err (code 5) and no results.json.
 */
int outdir_write(const struct outdir *o, const struct run *run, struct krsi_err *err);

/** Gives the lock back and frees what it owns. */
void outdir_close(struct outdir *o);

#endif
