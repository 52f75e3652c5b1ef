// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/host/stats.h"

#define BOOTSTRAP_ROUNDS 2000
#define BOOTSTRAP_SEED	 1

/*
 * What differs between two builds of one kernel though nothing was done to it: a part of the value,
 * and a number of instructions. An execution takes in interrupts and allocations, whose number
 * moves with the layout of the initramfs. So does a loop that allocates inodes, sockets or pages;
 * any other loop on one hook does not, and its median is exact.
 */
static const struct {
	const char *prefix;
	double part;
	double instructions;
} floors[] = {
	{ "hook/exec/", 0.005, 0 },
	{ "hook/exec-text/", 0.03, 0 },
	{ "hook/create/", 0.03, 0 },
	{ "hook/mkdir/", 0.03, 0 },
	{ "hook/symlink/", 0.03, 0 },
	{ "hook/link/", 0.03, 0 },
	{ "hook/rename/", 0.03, 0 },
	{ "hook/socket/", 0.03, 0 },
	{ "hook/socketpair/", 0.03, 0 },
	{ "hook/unix-connect/", 0.03, 0 },
	{ "hook/shm/", 0.03, 0 },
	{ "hook/msgget/", 0.03, 0 },
	{ "hook/perf-event/", 0.03, 0 },
	{ "hook/mmap-file/", 0.03, 0 },
	{ "hook/mmap-memory/", 0.03, 0 },
	{ "hook/", 0, 4 },
	{ "", 0.005, 0 },
};

static const char *const names[] = {
	[CHANGE_NOISE] = "within noise",
	[CHANGE_BETTER] = "better",
	[CHANGE_WORSE] = "worse",
	[CHANGE_OTHER] = "differs",
	[CHANGE_LOST] = "no longer measured",
	[CHANGE_NEW] = "new",
	[CHANGE_NEITHER] = "not measured",
};

const char *change_name(enum change c)
{
	return names[c];
}

static double floor_of(const struct metric *a)
{
	size_t i = 0;

	while (strncmp(a->name, floors[i].prefix, strlen(floors[i].prefix)))
		i++;
	return floors[i].part + (a->value ? floors[i].instructions / a->value : 0);
}

/* All samples of all boots, as the wall clock's interval takes them. */
static double *flatten(const struct metric *m, size_t *n)
{
	double *v;

	*n = 0;
	for (size_t i = 0; i < m->n_series; i++)
		*n += m->series[i].n_v;
	v = xcalloc(*n + 1, sizeof(*v));
	*n = 0;
	for (size_t i = 0; i < m->n_series; i++)
		for (size_t j = 0; j < m->series[i].n_v; j++)
			v[(*n)++] = m->series[i].v[j];
	return v;
}

/* Half of the interval of the ratio, where the samples are there; else of both values. */
static double band_wall(const struct metric *a, const struct metric *b)
{
	size_t na, nb;
	double *va = flatten(a, &na), *vb = flatten(b, &nb);
	double band = metric_spread(a) + metric_spread(b);
	struct interval i;

	if (na && nb) {
		i = stats_bootstrap_ratio(va, na, vb, nb, BOOTSTRAP_ROUNDS, BOOTSTRAP_SEED);
		band = (i.hi - i.lo) / 2;
	}
	free(va);
	free(vb);
	return band + floor_of(a);
}

static double band_of(const struct metric *a, const struct metric *b, bool wall)
{
	if (wall)
		return band_wall(a, b);
	return fmax(metric_spread(a), metric_spread(b)) + floor_of(a);
}

static bool measured(const struct metric *m)
{
	return m && m->status == STATUS_OK;
}

static enum change change_of(struct comparison *c, bool wall)
{
	if (!measured(c->a))
		return measured(c->b) ? CHANGE_NEW : CHANGE_NEITHER;
	if (!measured(c->b))
		return CHANGE_LOST;
	c->ratio = c->a->value ? c->b->value / c->a->value : 0;
	if (c->a->count || c->b->count)
		return c->a->value == c->b->value ? CHANGE_NOISE : CHANGE_OTHER;
	c->band = band_of(c->a, c->b, wall);
	if (fabs(c->ratio - 1) <= c->band)
		return CHANGE_NOISE;
	return c->ratio > 1 ? CHANGE_WORSE : CHANGE_BETTER;
}

static const struct metric *find(const struct figures *r, const char *name)
{
	return figures_metric((struct figures *)r, name, false);
}

struct comparison *verdict_compare(const struct figures *a, const struct figures *b, size_t *n)
{
	struct comparison *c = xcalloc(a->n_metrics + b->n_metrics + 1, sizeof(*c));
	bool wall = !strcmp(a->engine, "wall");

	*n = 0;
	for (size_t i = 0; i < a->n_metrics; i++)
		c[(*n)++] = (struct comparison){ .a = &a->metrics[i],
						 .b = find(b, a->metrics[i].name) };
	for (size_t i = 0; i < b->n_metrics; i++)
		if (!find(a, b->metrics[i].name))
			c[(*n)++] = (struct comparison){ .b = &b->metrics[i] };
	for (size_t i = 0; i < *n; i++)
		c[i].change = change_of(&c[i], wall);
	return c;
}

static int differ(struct krsi_err *err, const char *what, const char *a, const char *b)
{
	return krsi_err_set(
		err, KRSI_EXIT_USAGE,
		"the figures cannot be compared: %s is '%s' in one and '%s' in the other", what,
		a ?: "unknown", b ?: "unknown");
}

static bool same_seeds(const struct figures *a, const struct figures *b)
{
	return a->n_seeds == b->n_seeds &&
	       !memcmp(a->seeds, b->seeds, a->n_seeds * sizeof(*a->seeds));
}

int verdict_comparable(const struct figures *a, const struct figures *b, bool any_kernel,
		       struct krsi_err *err)
{
	if (strcmp(a->engine, b->engine))
		return differ(err, "the engine", a->engine, b->engine);
	if (strcmp(a->cpu, b->cpu))
		return differ(err, "the processor", a->cpu, b->cpu);
	if (!any_kernel && strcmp(a->kernel, b->kernel))
		return differ(err, "the kernel", a->kernel, b->kernel);
	if (!strcmp(a->engine, "wall"))
		return 0;
	if (strcmp(a->qemu, b->qemu))
		return differ(err, "QEMU", a->qemu, b->qemu);
	if (!same_seeds(a, b))
		return krsi_err_set(
			err, KRSI_EXIT_USAGE,
			"the figures cannot be compared: one has %zu seeds and the other "
			"%zu; use --seeds %zu",
			a->n_seeds, b->n_seeds, a->n_seeds);
	return 0;
}

size_t verdict_past(const struct comparison *c, size_t n, double threshold)
{
	size_t past = 0;

	for (size_t i = 0; i < n; i++)
		past += c[i].change == CHANGE_LOST ||
			(c[i].change == CHANGE_WORSE && c[i].ratio - 1 > threshold);
	return past;
}
