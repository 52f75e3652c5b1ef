// SPDX-License-Identifier: GPL-2.0-only
#include "ci/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the boots of a lane cost, in tests: its own, and that of the one that records for it. */
#define LANE_COST 60

size_t share_group_length(const char *id)
{
	const char *end = strncmp(id, "hook/", 5) ? NULL : strchr(id + 5, '/');

	return end ? (size_t)(end + 1 - id) : strlen(id);
}

int share_parse(const char *text, unsigned int *index, unsigned int *of)
{
	int end = 0;

	if (sscanf(text, "%4u/%4u%n", index, of, &end) != 2 || text[end])
		return -1;
	return *index >= 1 && *index <= *of && *of <= 1000 ? 0 : -1;
}

/* A lane's tests are one group, whatever their ids. */
static const char *lane_of(const struct cat_test *t, bool lanes)
{
	return t->boot ? t->boot : lanes ? t->lsm : NULL;
}

static unsigned int cheapest(const size_t *cost, unsigned int of)
{
	unsigned int to = 0;

	for (unsigned int i = 1; i < of; i++)
		to = cost[i] < cost[to] ? i : to;
	return to;
}

/* For each test of the selection, the part that it goes to. */
static unsigned int *deal(const struct selection *s, const struct catalogue *c, unsigned int of,
			  bool lanes)
{
	unsigned int *part = xcalloc(s->ids.n + 1, sizeof(*part)), to = 0;
	size_t *cost = xcalloc(of, sizeof(*cost));
	struct strs seen = { 0 };
	unsigned int *home = xcalloc(s->ids.n + 1, sizeof(*home));
	const char *group = "";

	for (size_t i = 0; i < s->ids.n; i++) {
		const char *id = s->ids.v[i], *lane = lane_of(catalogue_test(c, id), lanes);
		size_t at = 0, len = share_group_length(id);

		if (lane) {
			while (at < seen.n && strcmp(seen.v[at], lane))
				at++;
			if (at == seen.n) {
				strs_add(&seen, lane);
				home[at] = cheapest(cost, of);
				cost[home[at]] += LANE_COST;
			}
			part[i] = home[at];
		} else {
			if (len != share_group_length(group) || strncmp(group, id, len)) {
				to = cheapest(cost, of);
				cost[to] += SHARE_GROUP_COST;
				group = id;
			}
			part[i] = to;
		}
		cost[part[i]]++;
	}
	strs_free(&seen);
	free(home);
	free(cost);
	return part;
}

void share_take(struct selection *s, struct strs *others, const struct catalogue *c,
		unsigned int index, unsigned int of, bool lanes)
{
	unsigned int *part = deal(s, c, of, lanes);
	struct strs mine = { 0 };

	for (size_t i = 0; i < s->ids.n; i++)
		strs_add(part[i] == index - 1 ? &mine : others, s->ids.v[i]);
	strs_free(&s->ids);
	s->ids = mine;
	free(part);
}
