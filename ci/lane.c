// SPDX-License-Identifier: GPL-2.0-only
#include "ci/lane.h"

#include <stdlib.h>
#include <string.h>

#include "ci/array.h"

/* landlock and apparmor: what distributions have active besides. */
const struct lane lanes[] = {
	{ .name = "without-bpf", .records = true, .before = "", .after = "" },
	{ .name = "without-bpf-apparmor",
	  .records = true,
	  .before = "landlock",
	  .after = "apparmor" },
	{ .name = "plain", .against = "without-bpf", .given = true },
	{ .name = "bpf-first", .against = "without-bpf", .before = "bpf", .after = "" },
	{ .name = "before-apparmor",
	  .against = "without-bpf-apparmor",
	  .before = "bpf,landlock",
	  .after = "apparmor" },
	{ .name = "after-apparmor",
	  .against = "without-bpf-apparmor",
	  .before = "landlock",
	  .after = "apparmor,bpf" },
	{ .name = "audit-only", .only = "krsi", .given = true, .cmdline = "krsi.enforce=0" },
	{ .name = "selinux", .given = true, .after = "selinux" },
	/* without integrity, a kernel that lists it (6.1) panics as soon as IMA has a policy */
	{ .name = "spoilt", .given = true, .after = "integrity" },
};
const size_t n_lanes = ARRAY_SIZE(lanes);

const struct lane *lane_find(const char *name)
{
	for (size_t i = 0; i < n_lanes; i++)
		if (!strcmp(lanes[i].name, name))
			return &lanes[i];
	return NULL;
}

bool lane_has(const char *list, const char *lsm)
{
	size_t len = strlen(lsm);

	for (const char *at = list; (at = strstr(at, lsm)); at += len)
		if ((at == list || at[-1] == ',') && (at[len] == ',' || !at[len]))
			return true;
	return false;
}

/* The words of the user's list that the lane does not place itself. */
static void add_others(struct strs *words, const char *list, const struct lane *l, const char *own)
{
	char *copy = xstrdup(list), *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (*word && strcmp(word, own) && !lane_has(l->before, word) &&
		    !lane_has(l->after, word))
			strs_add(words, word);
	free(copy);
}

static void add_own(struct strs *words, const char *list, const char *own)
{
	char *copy = xstrdup(list), *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (*word)
			strs_add(words, strcmp(word, "bpf") ? word : own);
	free(copy);
}

char *lane_own(const char *list, const char *own)
{
	struct strs words = { 0 };
	char *out;

	add_own(&words, list, own);
	out = strs_join(&words, ",");
	strs_free(&words);
	return out;
}

char *lane_lsm(const struct lane *l, const char *wanted, const char *own)
{
	struct strs words = { 0 };
	char *list;

	if (l->given)
		return l->after ? xasprintf("%s,%s", wanted, l->after) : xstrdup(wanted);
	add_own(&words, l->before, own);
	add_others(&words, wanted, l, own);
	add_own(&words, l->after, own);
	list = strs_join(&words, ",");
	strs_free(&words);
	return list;
}
