/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The result of `krsi bench` on one kernel. Filled from the streams of its boots (stream.h),
 * written to and read from bench.json, which is:
 *
 *   schema      "krsi-bench-1"
 *   suite       version, commit, dirty; payload: SHA-256 of krsi-bench
 *   kernel      name, release, package (or null), sha256 of the image, config: SHA-256 of its
 *               configuration (or null)
 *   engine      "icount": instructions of the machine; "wall": nanoseconds
 *   qemu        version, cpu (model and flags)
 *   seeds       one boot of each kind for each
 *   command     what produces it again
 *   metrics     by name; each has
 *     name        for example exec/vanilla
 *     status      "ok", "absent" (this kernel cannot), "failed" (it did not do its job)
 *     reason      of the latter two
 *     kind        "time": by engine; "count": a number of something
 *     operations  of a sample
 *     statistic   of a boot's samples that is its value: "mean" or "median"
 *     per_seed    value of one operation in each boot, in the order of seeds; one value where only
 *                 the first seed is measured, on a machine of many CPUs
 *     value       median of per_seed; low, high: its extremes (wall: 95 % interval)
 *     spread      (high - low) / value
 *     samples     of one operation, by seed, where the statistic is the mean
 *     proof       what showed that it did its job, or null
 */
#ifndef KRSI_BENCH_FIGURES_H
#define KRSI_BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "ci/array.h"
#include "vm-images/err.h"

#define FIGURES_SCHEMA "krsi-bench-1"

/** enum status - what a metric is worth. */
enum status { STATUS_OK, STATUS_ABSENT, STATUS_FAILED };

/** struct series - one boot's samples. */
struct series {
	unsigned int seed;
	double *v; /**< one operation, in instructions or nanoseconds */
	size_t n_v;
	size_t cap_v;
};

/** struct metric - one benchmark on one kernel. */
struct metric {
	char *name; /**< first member: sorted by it */
	enum status status;
	bool count;		  /**< a number of something, not a time */
	unsigned long operations; /**< of a sample */
	bool mean;		  /**< of samples; else their median */
	bool once;		  /**< measured with the first seed only (boots.h) */
	struct series *series;	  /**< by seed */
	size_t n_series;
	size_t cap_series;
	double *per_seed; /**< n_series of them */
	double value, low, high;
	char *reason;
	char *proof;
};

/** struct figures - the whole of it. All zero is empty; strings are owned. */
struct figures {
	char *version, *commit, *payload;
	bool dirty;
	char *kernel, *release, *package, *sha256, *config;
	char *engine, *qemu, *cpu, *command;
	unsigned int *seeds;
	size_t n_seeds;
	size_t cap_seeds;
	struct metric *metrics;
	size_t n_metrics;
	size_t cap_metrics;
};

/** figures_metric - the metric of that name; with @make a new one if there is none, else NULL. */
struct metric *figures_metric(struct figures *r, const char *name, bool make);
/** metric_series - its series of a seed, made if there is none. */
struct series *metric_series(struct metric *m, unsigned int seed);
/** figures_finish - sorts metrics and series, and computes values from samples. */
void figures_finish(struct figures *r);
/** figures_free - frees what it owns and empties it. */
void figures_free(struct figures *r);

/** status_name - "ok", "absent", "failed". */
const char *status_name(enum status s);
/** metric_spread - (high - low) / value. */
double metric_spread(const struct metric *m);

/** figures_write - to a file. Return: 0, or -1 with @err. */
int figures_write(const struct figures *r, const char *path, struct krsi_err *err);
/**
 * figures_load - from a file, or the directory that holds bench.json.
 * Return: 0, or -1 with @err (code 2: no such file, no JSON, another schema, a member missing).
 */
int figures_load(struct figures *r, const char *path, struct krsi_err *err);
/** figures_is - whether the file (or the directory's) is of ours, of whatever schema. */
bool figures_is(const char *path);

#endif
