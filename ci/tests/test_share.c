// SPDX-License-Identifier: GPL-2.0-only
/* Parts of a run: each test is in just one, hooks and lanes stay whole, and no part is idle. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/share.h"

#define HOOKS 40
#define TESTS (HOOKS * 4)

/* hook/hN/a..c, all in the plain boot, and order/N in one of two lanes. */
static void fill(struct catalogue *c, struct selection *s)
{
	static char name[TESTS][24];
	static struct cat_test tests[TESTS];
	static char lane_a[] = "bpf-first", lane_b[] = "plain";

	for (int i = 0; i < HOOKS * 3; i++) {
		snprintf(name[i], sizeof(name[i]), "hook/h%02d/%c", i / 3, 'a' + i % 3);
		tests[i] = (struct cat_test){ .id = name[i] };
	}
	for (int i = HOOKS * 3; i < TESTS; i++) {
		snprintf(name[i], sizeof(name[i]), "order/%03d", i);
		tests[i] = (struct cat_test){ .id = name[i], .boot = i % 2 ? lane_a : lane_b };
	}
	*c = (struct catalogue){ .tests = tests, .n_tests = TESTS };
	*s = (struct selection){ 0 };
	for (int i = 0; i < TESTS; i++)
		strs_add(&s->ids, name[i]);
}

static size_t group_parts(const struct strs *parts, unsigned int of, const char *prefix)
{
	size_t in = 0;

	for (unsigned int i = 0; i < of; i++) {
		bool has = false;

		for (size_t j = 0; j < parts[i].n; j++)
			has |= !strncmp(parts[i].v[j], prefix, strlen(prefix));
		in += has;
	}
	return in;
}

Test(share, every_test_is_in_one_part_and_groups_stay_whole)
{
	for (unsigned int of = 1; of <= 7; of++) {
		struct strs parts[7] = { { 0 } };
		size_t sum = 0, most = 0, least = TESTS;

		for (unsigned int i = 1; i <= of; i++) {
			struct catalogue c;
			struct selection s;
			struct strs others = { 0 };

			fill(&c, &s);
			share_take(&s, &others, &c, i, of, true);
			cr_expect_eq(s.ids.n + others.n, TESTS);
			for (size_t j = 0; j < s.ids.n; j++)
				cr_expect_not(strs_has(&others, s.ids.v[j]));
			parts[i - 1] = s.ids;
			sum += s.ids.n;
			most = s.ids.n > most ? s.ids.n : most;
			least = s.ids.n < least ? s.ids.n : least;
			strs_free(&others);
		}
		cr_expect_eq(sum, TESTS, "%u parts", of);
		cr_expect(least > 0, "%u parts", of);
		for (int h = 0; h < HOOKS; h++) {
			char prefix[16];

			snprintf(prefix, sizeof(prefix), "hook/h%02d/", h);
			cr_expect_eq(group_parts(parts, of, prefix), 1, "%s of %u", prefix, of);
		}
		cr_expect_leq(group_parts(parts, of, "order/"), 2);
		for (unsigned int i = 0; i < of; i++)
			strs_free(&parts[i]);
	}
}

Test(share, what_names_a_part)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
		{ "1/1", 0 },  { "3/7", 0 }, { "1000/1000", 0 }, { "0/3", -1 }, { "4/3", -1 },
		{ "1/0", -1 }, { "1", -1 },  { "1/3x", -1 },	 { "", -1 },	{ "-1/3", -1 },
		{ "/3", -1 },  { "1/", -1 }, { "1/1001", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int index, of;

		cr_expect_eq(share_parse(cases[i].text, &index, &of), cases[i].rc, "'%s'",
			     cases[i].text);
	}
}
