// SPDX-License-Identifier: GPL-2.0-only
#include "ci/cost.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/run.h"
#include "ci/text.h"

static const struct {
	const char *lead, *unit;
	size_t offset;
} counts[] = {
	{ "the verifier walks ", "instructions", offsetof(struct cost, verified) },
	{ "", "bytes of instructions", offsetof(struct cost, xlated) },
	{ "", "bytes of machine code", offsetof(struct cost, jited) },
};

static long long count(const struct cost *c, size_t i)
{
	return *(const long long *)((const char *)c + counts[i].offset);
}

bool cost_known(const struct cost *c)
{
	return c->verified || c->xlated || c->jited;
}

/* What differs, for a line, of the first @n counts; NULL: nothing that is told. */
static char *difference(const struct cost *a, const struct cost *b, size_t n, double limit,
			bool *rose)
{
	double least = limit >= 0 && limit < COST_TOLD ? limit : COST_TOLD;
	char *out = NULL;
	size_t len, told = 0;
	FILE *f = open_memstream(&out, &len);

	for (size_t i = 0; i < n; i++) {
		long long was = count(a, i), is = count(b, i);
		double part = was ? (double)(is - was) / (double)was : 0;
		bool interpreted = counts[i].offset == offsetof(struct cost, jited) && was && !is;

		/* what one of the kernels does not tell is no change */
		if (!was || (!is && !interpreted) || fabs(part) <= least)
			continue;
		fprintf(f, "%s%s%lld -> %lld %s (%+.1f %%)", told++ ? ", " : "", counts[i].lead,
			was, is, counts[i].unit, 100 * part);
		*rose = *rose || interpreted || (limit >= 0 && part > limit);
	}
	fclose(f);
	if (told)
		return out;
	free(out);
	return NULL;
}

static bool equal(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

size_t cost_compare(struct strs *lines, const struct run *before, const struct run *after,
		    double limit)
{
	bool same = equal(before->suite_payload, after->suite_payload) &&
		    equal(before->implementation, after->implementation);
	bool emulated = equal(before->accel, "tcg") && equal(after->accel, "tcg");
	/* the last of the counts depends on the processor */
	size_t n = ARRAY_SIZE(counts) - !emulated, dearer = 0, compared = 0;

	for (size_t i = 0; i < after->n_hooks; i++) {
		const struct run_hook *h = &after->hooks[i], *old = run_hook_find(before, h->name);
		bool rose = false;
		char *text;

		if (!old || !cost_known(&old->cost) || !cost_known(&h->cost))
			continue;
		if (!same) {
			strs_add(lines, "not compared: the programs are of another build of the "
					"suite, or of another implementation");
			return limit >= 0;
		}
		compared++;
		text = difference(&old->cost, &h->cost, n, limit, &rose);
		if (text)
			strs_take(lines, xasprintf("hook %s: %s", h->name, text));
		dearer += rose;
		free(text);
	}
	if (!compared && limit >= 0) {
		strs_add(lines, "not compared: no hook has counts in both runs");
		return 1;
	}
	return dearer;
}
