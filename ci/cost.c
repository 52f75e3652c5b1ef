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

/* How far machine code compares: how long it is depends on the processor, that there is none does
 * not. */
enum machine_code { UNKNOWN, EXISTENCE, LENGTH };

/* What differs, for a line; NULL: nothing that is told. */
static char *difference(const struct cost *a, const struct cost *b, enum machine_code known,
			double limit, bool *rose)
{
	double least = limit >= 0 && limit < COST_TOLD ? limit : COST_TOLD;
	char *out = NULL;
	size_t len, told = 0;
	FILE *f = open_memstream(&out, &len);

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		long long was = count(a, i), is = count(b, i);
		double part = was ? (double)(is - was) / (double)was : 0;
		bool code = counts[i].offset == offsetof(struct cost, jited);
		bool interpreted = code && was && !is && known != UNKNOWN;

		if (code && known != LENGTH && !interpreted)
			continue;
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

/* Has a run machine code of one kind? A merged one may not, and then it tells of none. */
static bool one_kind(const char *accel)
{
	return accel && (!strcmp(accel, "tcg") || !strcmp(accel, "kvm"));
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
	enum machine_code known = UNKNOWN;
	size_t dearer = 0, compared = 0;

	if (one_kind(before->accel) && one_kind(after->accel))
		known = equal(before->accel, "tcg") && equal(after->accel, "tcg") ? LENGTH
										  : EXISTENCE;
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
		text = difference(&old->cost, &h->cost, known, limit, &rose);
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
