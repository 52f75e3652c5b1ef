// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/figures.h"

#include <stdlib.h>
#include <string.h>

#include "bench/host/stats.h"
#include "ci/text.h"

/* Resampling is cheap; the seed makes equal data give equal intervals. */
#define BOOTSTRAP_ROUNDS 2000
#define BOOTSTRAP_SEED	 1

static const char *const status_names[] = {
	[STATUS_OK] = "ok",
	[STATUS_ABSENT] = "absent",
	[STATUS_FAILED] = "failed",
};

const char *status_name(enum status s)
{
	return status_names[s];
}

struct metric *figures_metric(struct figures *r, const char *name, bool make)
{
	struct metric *m;

	for (size_t i = 0; i < r->n_metrics; i++)
		if (!strcmp(r->metrics[i].name, name))
			return &r->metrics[i];
	if (!make)
		return NULL;
	m = ARRAY_PUSH(r, metrics);
	m->name = xstrdup(name);
	return m;
}

struct series *metric_series(struct metric *m, unsigned int seed)
{
	struct series *s;

	for (size_t i = 0; i < m->n_series; i++)
		if (m->series[i].seed == seed)
			return &m->series[i];
	s = ARRAY_PUSH(m, series);
	s->seed = seed;
	return s;
}

double metric_spread(const struct metric *m)
{
	return m->value ? (m->high - m->low) / m->value : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct metric *)a)->name, ((const struct metric *)b)->name);
}

static int by_seed(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	return (x->seed > y->seed) - (x->seed < y->seed);
}

static void fail(struct metric *m, const char *why)
{
	m->status = STATUS_FAILED;
	text_set(&m->reason, why);
}

/* With the wall clock all samples are one: boots interleave, and the interval is of their median.
 */
static void judge_wall(struct metric *m)
{
	struct series all = { 0 };
	struct interval i;

	for (size_t s = 0; s < m->n_series; s++)
		for (size_t j = 0; j < m->series[s].n_v; j++)
			*ARRAY_PUSH(&all, v) = m->series[s].v[j];
	i = stats_bootstrap(all.v, all.n_v, BOOTSTRAP_ROUNDS, BOOTSTRAP_SEED);
	m->value = stats_median(all.v, all.n_v);
	m->low = i.lo;
	m->high = i.hi;
	free(all.v);
}

static void finish_metric(struct metric *m, size_t boots, bool wall)
{
	if (m->status != STATUS_OK)
		return;
	if (m->n_series != (m->once ? 1 : boots)) {
		fail(m, "not every boot has figures of it");
		return;
	}
	m->per_seed = xcalloc(m->n_series, sizeof(*m->per_seed));
	for (size_t i = 0; i < m->n_series; i++) {
		const struct series *s = &m->series[i];

		m->per_seed[i] = m->mean ? stats_mean(s->v, s->n_v) : stats_median(s->v, s->n_v);
	}
	m->value = stats_median(m->per_seed, m->n_series);
	m->low = stats_min(m->per_seed, m->n_series);
	m->high = stats_max(m->per_seed, m->n_series);
	if (wall && !m->count)
		judge_wall(m);
	if (!m->count && m->low <= 0)
		fail(m, "a sample of it cost nothing: the guest did not measure");
}

void figures_finish(struct figures *r)
{
	for (size_t i = 0; i < r->n_metrics; i++) {
		struct metric *m = &r->metrics[i];

		qsort(m->series, m->n_series, sizeof(*m->series), by_seed);
		finish_metric(m, r->n_seeds, r->engine && !strcmp(r->engine, "wall"));
	}
	qsort(r->metrics, r->n_metrics, sizeof(*r->metrics), by_name);
}

static void free_metric(struct metric *m)
{
	for (size_t i = 0; i < m->n_series; i++)
		free(m->series[i].v);
	free(m->series);
	free(m->per_seed);
	free(m->name);
	free(m->reason);
	free(m->proof);
}

void figures_free(struct figures *r)
{
	char *const strings[] = { r->version, r->commit,  r->payload, r->kernel,
				  r->release, r->package, r->sha256,  r->config,
				  r->engine,  r->qemu,	  r->cpu,     r->command };

	for (size_t i = 0; i < r->n_metrics; i++)
		free_metric(&r->metrics[i]);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		free(strings[i]);
	free(r->metrics);
	free(r->seeds);
	*r = (struct figures){ 0 };
}
