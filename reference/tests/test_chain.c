// SPDX-License-Identifier: GPL-2.0-only
/* Order, replacement, and what the verdicts of a hook's programs add up to. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "reference/core/chain.h"

struct prog {
	int verdict;
	int ran;
};

static int run_prog(void *prog, void *ctx)
{
	struct prog *p = prog;
	int *turn = ctx;

	p->ran = ++*turn;
	return p->verdict;
}

static int run(struct prog *p, u32 n, bool enforce)
{
	struct krsi_link links[4];
	int turn = 0;

	for (u32 i = 0; i < n; i++) {
		p[i].ran = 0;
		links[i] = (struct krsi_link){ .prog = &p[i], .name = "p" };
	}
	return krsi_chain_run(links, n, run_prog, &turn, enforce);
}

Test(chain, runs_in_order)
{
	struct prog p[3] = { { .verdict = 0 }, { .verdict = 0 }, { .verdict = 0 } };

	cr_expect_eq(run(p, 3, true), 0);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(p[i].ran, i + 1);
	cr_expect_eq(run(p, 0, true), 0);
}

Test(chain, first_denial_stops_it)
{
	struct prog p[3] = { { .verdict = 0 }, { .verdict = -EACCES }, { .verdict = -EPERM } };

	cr_expect_eq(run(p, 3, true), -EACCES);
	cr_expect_eq(p[0].ran, 1);
	cr_expect_eq(p[1].ran, 2);
	cr_expect_eq(p[2].ran, 0);
}

Test(chain, positive_verdicts_count_for_nothing)
{
	struct prog p[3] = { { .verdict = 1 }, { .verdict = 0x7fffffff }, { .verdict = 0 } };

	cr_expect_eq(run(p, 3, true), 0);
	cr_expect_eq(p[2].ran, 3);
	p[2].verdict = -EPERM;
	cr_expect_eq(run(p, 3, true), -EPERM);
}

Test(chain, audit_only_changes_the_verdict_alone)
{
	struct prog p[3] = { { .verdict = 0 }, { .verdict = -EACCES }, { .verdict = -EPERM } };

	cr_expect_eq(run(p, 3, false), 0);
	cr_expect_eq(p[1].ran, 2);
	cr_expect_eq(p[2].ran, 0);
}

Test(chain, names)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} t[] = {
		{ "log", "log", true },
		{ "log", "logs", false },
		{ "log", "lo", false },
		{ "log", "Log", false },
		{ "log__v1", "log__v2", true },
		{ "log", "log__v2", true },
		{ "log__v1", "logs__v1", false },
		{ "log_a", "log_b", false },
		{ "log_", "log__", false },
		{ "log___x", "log", true },
		{ "", "", true },
		{ "", "__x", true },
		{ "", "a", false },
		{ "a__b__c", "a__x", true },
		{ "a_", "a_", true },
		{ "a_b__c", "a_b", true },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		cr_expect_eq(krsi_name_equal(t[i].a, t[i].b), t[i].equal, "%s %s", t[i].a, t[i].b);
		cr_expect_eq(krsi_name_equal(t[i].b, t[i].a), t[i].equal, "%s %s", t[i].b, t[i].a);
	}
}

/* A chain of programs whose addresses are those of their names. */
#define LINK(s) ((struct krsi_link){ .prog = (void *)(s), .name = (s) })

static const char a[] = "a", b[] = "b", c[] = "c", b2[] = "b__2";

static void expect(const struct krsi_link *links, int n, const char *const *names, int want)
{
	cr_assert_eq(n, want, "%d", n);
	for (int i = 0; i < n; i++)
		cr_expect_eq(links[i].name, names[i], "%d: %s", i, links[i].name);
}

Test(chain, attach)
{
	struct krsi_link one[4], two[4], three[4];
	void *gone = one;

	expect(one, krsi_chain_attach(NULL, 0, &LINK(a), false, one, &gone), (const char *[]){ a },
	       1);
	cr_expect_null(gone);
	expect(two, krsi_chain_attach(one, 1, &LINK(b), true, two, &gone), (const char *[]){ a, b },
	       2);
	cr_expect_null(gone, "nothing to replace");
	expect(three, krsi_chain_attach(two, 2, &LINK(c), false, three, &gone),
	       (const char *[]){ a, b, c }, 3);
}

Test(chain, attach_equal_name)
{
	struct krsi_link old[3] = { LINK(a), LINK(b), LINK(c) }, new[4];
	void *gone = old;

	cr_expect_eq(krsi_chain_attach(old, 3, &LINK(b2), false, new, &gone), -EEXIST);
	cr_expect_null(gone);
	expect(new, krsi_chain_attach(old, 3, &LINK(b2), true, new, &gone),
	       (const char *[]){ a, c, b2 }, 3);
	cr_expect_eq(gone, (void *)b);
}

Test(chain, attach_twice)
{
	struct krsi_link old[2] = { LINK(a), LINK(b) }, new[3];
	void *gone = old;

	cr_expect_eq(krsi_chain_attach(old, 2, &LINK(b), false, new, &gone), -EEXIST);
	cr_expect_eq(krsi_chain_attach(old, 2, &LINK(b), true, new, &gone), -EEXIST);
	cr_expect_null(gone);
	/* a program that would replace another and is there already as well */
	old[0] = (struct krsi_link){ .prog = (void *)a, .name = "b__1" };
	cr_expect_eq(krsi_chain_attach(old, 2, &LINK(b), true, new, &gone), -EEXIST);
	cr_expect_null(gone);
}

Test(chain, full)
{
	static char names[KRSI_CHAIN_MAX + 1][8];
	struct krsi_link old[KRSI_CHAIN_MAX], new[KRSI_CHAIN_MAX + 1];
	void *gone;

	for (int i = 0; i <= KRSI_CHAIN_MAX; i++)
		snprintf(names[i], sizeof(names[i]), "n%d", i);
	for (int i = 0; i < KRSI_CHAIN_MAX; i++)
		old[i] = LINK(names[i]);
	cr_expect_eq(krsi_chain_attach(old, KRSI_CHAIN_MAX - 1, &LINK(names[KRSI_CHAIN_MAX]), false,
				       new, &gone),
		     KRSI_CHAIN_MAX);
	cr_expect_eq(krsi_chain_attach(old, KRSI_CHAIN_MAX, &LINK(names[KRSI_CHAIN_MAX]), false,
				       new, &gone),
		     -E2BIG);
	/* a replacement needs no room */
	strcpy(names[KRSI_CHAIN_MAX], "n7__b");
	cr_expect_eq(krsi_chain_attach(old, KRSI_CHAIN_MAX, &LINK(names[KRSI_CHAIN_MAX]), true, new,
				       &gone),
		     KRSI_CHAIN_MAX);
	cr_expect_eq(gone, (void *)names[7]);
	cr_expect_eq(new[KRSI_CHAIN_MAX - 1].prog, (void *)names[KRSI_CHAIN_MAX]);
	cr_expect_eq(new[7].prog, (void *)names[8]);
}

Test(chain, detach)
{
	struct krsi_link old[3] = { LINK(a), LINK(b), LINK(c) }, new[2];

	expect(new, krsi_chain_detach(old, 3, a, new), (const char *[]){ b, c }, 2);
	expect(new, krsi_chain_detach(old, 3, b, new), (const char *[]){ a, c }, 2);
	expect(new, krsi_chain_detach(old, 3, c, new), (const char *[]){ a, b }, 2);
	cr_expect_eq(krsi_chain_detach(old, 3, b2, new), -ENOENT);
	cr_expect_eq(krsi_chain_detach(old, 1, a, NULL), 0);
	cr_expect_eq(krsi_chain_detach(old, 1, b, NULL), -ENOENT);
	cr_expect_eq(krsi_chain_detach(NULL, 0, a, NULL), -ENOENT);
}
