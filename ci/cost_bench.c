// SPDX-License-Identifier: GPL-2.0-only
/* What `krsi bench` left with the results of both runs. */
#include <stdlib.h>
#include <string.h>

#include "bench/host/figures.h"
#include "bench/host/verdict.h"
#include "ci/array.h"
#include "ci/cost.h"
#include "ci/run.h"
#include "ci/text.h"
#include "vm-images/fs.h"

/* The directory that `krsi bench --out` was given: in that of the results. */
static char *bench_dir(const char *results)
{
	const char *slash = strrchr(results, '/');

	if (fs_is_dir(results))
		return xasprintf("%s/bench", results);
	return slash ? xasprintf("%.*s/bench", (int)(slash - results), results) : xstrdup("bench");
}

/* Figures that a former kernel left there are not those of this run. */
static bool load(struct figures *f, const char *dir, const struct run *run, struct strs *lines)
{
	struct krsi_err err = { 0 };

	if (figures_load(f, dir, &err)) {
		strs_take(lines, xasprintf("not compared: %s", err.text));
		return false;
	}
	if (run->kernel_sha256 && f->sha256 && !strcmp(f->sha256, run->kernel_sha256))
		return true;
	strs_take(lines, xasprintf("not compared: the figures in %s are of another kernel than the "
				   "results",
				   dir));
	return false;
}

static void tell(struct strs *lines, const struct comparison *c)
{
	if (c->change == CHANGE_LOST)
		strs_take(lines, xasprintf("bench %s: %.1f -> %s", c->a->name, c->a->value,
					   change_name(c->change)));
	else if (c->change == CHANGE_WORSE || c->change == CHANGE_BETTER)
		strs_take(lines,
			  xasprintf("bench %s: %.1f -> %.1f (%+.1f %%, noise %.1f %%)", c->a->name,
				    c->a->value, c->b->value, 100 * (c->ratio - 1), 100 * c->band));
}

size_t cost_figures(struct strs *lines, const struct cost_side *before,
		    const struct cost_side *after, double limit)
{
	char *dirs[] = { bench_dir(before->results), bench_dir(after->results) };
	struct figures a = { 0 }, b = { 0 };
	struct krsi_err err = { 0 };
	struct comparison *c;
	size_t n, past = 0;

	if (!figures_is(dirs[0]) || (!figures_is(dirs[1]) && limit < 0))
		goto out;
	/* until they are compared */
	past = limit >= 0;
	if (!load(&a, dirs[0], before->run, lines) || !load(&b, dirs[1], after->run, lines))
		goto out;
	if (verdict_comparable(&a, &b, true, &err)) {
		strs_take(lines, xasprintf("not compared: %s", err.text));
		goto out;
	}
	if (!a.payload || !b.payload || strcmp(a.payload, b.payload) != 0) {
		strs_add(lines, "not compared: the figures are of two builds of the suite");
		goto out;
	}
	c = verdict_compare(&a, &b, &n);
	for (size_t i = 0; i < n; i++)
		tell(lines, &c[i]);
	past = limit < 0 ? 0 : verdict_past(c, n, limit);
	free(c);
out:
	figures_free(&a);
	figures_free(&b);
	free(dirs[0]);
	free(dirs[1]);
	return past;
}
