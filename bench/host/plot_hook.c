// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "bench/host/names.h"
#include "bench/host/plot_parts.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/*
 * Every hook that is driven, from left to right by what one program on it adds to a call; but for
 * those of an execution, which is not known as exactly as what is added to it.
 */
static void add_costs(struct curve *c, const struct figures *r, const char *end)
{
	double *v = xcalloc(r->n_metrics + 1, sizeof(*v)), cost;
	size_t n = 0;

	for (size_t i = 0; i < r->n_metrics; i++)
		if (!strncmp(r->metrics[i].name, "hook/", 5) &&
		    ends_with(r->metrics[i].name, end) &&
		    !names_hook_cost(r, &r->metrics[i], &cost))
			v[n++] = cost;
	qsort(v, n, sizeof(*v), ascending);
	for (size_t i = 0; i < n; i++)
		curve_add(c, (double)i + 1, v[i]);
	free(v);
}

bool plot_hooks(FILE *f, const struct figures *r, size_t n)
{
	struct curves all = { 0 };

	for (size_t k = 0; k < n; k++) {
		add_costs(curves_add(&all, xstrdup(r[k].kernel), k, 1), &r[k], ":one");
		add_costs(curves_add(&all, xasprintf("%s, KRSI", r[k].kernel), k, 2), &r[k],
			  ":krsi-one");
	}
	fputs("set xlabel \"hooks, by cost\"\nset ylabel \"instructions that an empty program adds to a "
	      "call\"\nset yrange [0:*]\nset key top left\n",
	      f);
	return curves_draw(f, &all);
}

/* Where one operation calls one hook once. */
#define MANY "hook/eventfd-write/file_permission:"

static void add_programs(struct curve *c, const struct figures *r, const char *prefix)
{
	static const struct {
		const char *what;
		double programs;
	} steps[] = { { "one", 1 }, { "two", 2 }, { "eight", 8 }, { "max", 0 } };
	char *name = xasprintf(MANY "%sprograms", prefix);
	double most = names_value(r, name), cost;

	free(name);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		const struct metric *m;
		double programs = steps[i].programs ?: most;

		name = xasprintf(MANY "%s%s", prefix, steps[i].what);
		m = figures_metric((struct figures *)r, name, false);
		free(name);
		if (m && programs && !names_hook_cost(r, m, &cost))
			curve_add(c, programs, cost);
	}
}

bool plot_programs(FILE *f, const struct figures *r, size_t n)
{
	struct curves all = { 0 };

	for (size_t k = 0; k < n; k++) {
		add_programs(curves_add(&all, xstrdup(r[k].kernel), k, 1), &r[k], "");
		add_programs(curves_add(&all, xasprintf("%s, KRSI", r[k].kernel), k, 2), &r[k],
			     "krsi-");
	}
	fputs("set logscale x 2\nset logscale y\nset key top left\n"
	      "set xlabel \"empty programs on file_permission\"\n"
	      "set ylabel \"instructions that they add to a write\"\n",
	      f);
	return curves_draw(f, &all);
}

/* ---- the environment ---------------------------------------------------------------------- */

static const char *const shapes[] = { "empty",	  "10x50",     "1x1page",   "100x50",
				      "1x8pages", "1x32pages", "15x32pages" };

static double env_value(const struct figures *r, const char *shape, const char *what)
{
	char *name = xasprintf("env/%s/%s", shape, what);
	double v = names_value(r, name);

	free(name);
	return v;
}

/* What a way to read adds to an execution that nothing reads, over the size of the environment. */
static void add_reader(struct curves *all, const struct figures *r, const char *what,
		       const char *text, size_t colour, int dash)
{
	struct curve *c = curves_add(all, xstrdup(text), colour, dash);

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		double none = env_value(r, shapes[i], "none"), v = env_value(r, shapes[i], what);
		double bytes = env_value(r, shapes[i], "bytes");

		if (none && v > none && bytes)
			curve_add(c, bytes, v - none);
	}
}

bool plot_environ(FILE *f, const struct figures *r, size_t n)
{
	struct curves all = { 0 };

	for (size_t k = 0; k < n; k++) {
		add_reader(&all, &r[k], "unused", "reads nothing", 6, 1);
		add_reader(&all, &r[k], "copied", "could read, does not: precompute", 0, 3);
		add_reader(&all, &r[k], "one", "one variable: precompute", 0, 1);
		add_reader(&all, &r[k], "all", "all variables: precompute", 0, 2);
		add_reader(&all, &r[k], "copied-s", "could read, does not: sleepable", 1, 3);
		add_reader(&all, &r[k], "one-s", "one variable: sleepable", 1, 1);
		add_reader(&all, &r[k], "all-s", "all variables: sleepable", 1, 2);
	}
	fputs("set logscale x 10\nset logscale y 10\nset key top left\n"
	      "set xlabel \"bytes of the environment\"\n"
	      "set ylabel \"instructions more than an execution without a program\"\n",
	      f);
	return curves_draw(f, &all);
}

/* ---- buffers ------------------------------------------------------------------------------ */

static void add_kind(struct curves *all, const struct figures *r, const char *kind,
		     const char *what, const char *text, size_t colour, int dash)
{
	struct curve *c = curves_add(all, xstrdup(text), colour, dash);

	for (size_t i = 0; i < NAMES_CPUS; i++) {
		char *name = xasprintf("buffer/%s/%s-%ucpu", kind, what, names_cpus[i]);
		double v = names_value(r, name);

		free(name);
		if (v)
			curve_add(c, names_cpus[i], v);
	}
}

/* The most CPUs on which it was measured, or 0. */
static unsigned int most_cpus(const struct figures *r)
{
	for (size_t i = NAMES_CPUS; i-- > 0;) {
		char *name = xasprintf("buffer/ring-64/kept-%ucpu", names_cpus[i]);
		bool has = names_value(r, name) > 0;

		free(name);
		if (has)
			return names_cpus[i];
	}
	return 0;
}

/* On the first of the kernels with the most CPUs: kernels hardly differ. */
bool plot_buffers(FILE *f, const struct figures *r, size_t n)
{
	struct curves all = { 0 };
	size_t k = 0;

	for (size_t i = 1; i < n; i++)
		if (most_cpus(&r[i]) > most_cpus(&r[k]))
			k = i;
	add_kind(&all, &r[k], "perf-64", "kept", "perf, from all CPUs", 0, 1);
	add_kind(&all, &r[k], "perf-64", "kept-one", "perf, from one CPU", 0, 2);
	add_kind(&all, &r[k], "rings-64", "kept", "ring per CPU, from all CPUs", 1, 1);
	add_kind(&all, &r[k], "rings-64", "kept-one", "ring per CPU, from one CPU", 1, 2);
	add_kind(&all, &r[k], "ring-64", "kept", "one ring, from all CPUs", 2, 1);
	add_kind(&all, &r[k], "ring-64", "kept-one", "one ring, from one CPU", 2, 2);
	fputs("set logscale x 2\nset yrange [0:*]\nset key center right\nset xlabel \"CPUs\"\n"
	      "set ylabel \"records of 64 bytes for which there is room\"\n",
	      f);
	return curves_draw(f, &all);
}
