/* SPDX-License-Identifier: GPL-2.0-only */
/* What the names of metrics mean to a reader: what is measured against what, in which words. */
#ifndef KRSI_BENCH_NAMES_H
#define KRSI_BENCH_NAMES_H

#include "bench/host/figures.h"

/** struct exec_name - one configuration of exec/, in the order in which tables show it. */
struct exec_name {
	const char *metric;
	const char *text;
};

extern const struct exec_name exec_names[];
extern const size_t n_exec_names;

/** names_cpus - the machines that buffers are measured on, by the number of their CPUs. */
#define NAMES_CPUS 6
extern const unsigned int names_cpus[NAMES_CPUS];

/** names_value - value of a metric that is ok, else 0. */
double names_value(const struct figures *r, const char *metric);

/**
 * names_hook_cost - instructions that one program on a hook adds to one call of it.
 * @metric: hook/OP/HOOK:one, :two, :sleepable, ...; also those of krsi-.
 * @cost: is set.
 * Return: 0, or -1 if it is not known.
 */
int names_hook_cost(const struct figures *r, const struct metric *metric, double *cost);

/** names_part - the @which-th part of a name between '/' and ':' (0: family), free() it; NULL:
 * none. */
char *names_part(const char *name, int which);

#endif
