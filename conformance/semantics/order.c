// SPDX-License-Identifier: GPL-2.0-only
/* Several programs on one hook: who runs, in which order, and whose verdict counts. */
#include "conformance/semantics/scene.h"

#define NEEDS_MULTI                                                                                \
	.hook = { SCENE_HOOK },                                                                    \
	.needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_MULTI }
#define PROGS 3

/* Attaches three programs to the hook: p[0] first, p[2] last. */
static void attach_three(struct krsi_run *t, const char *hook, struct scene_prog *p)
{
	scene__begin(t);
	for (int i = 0; i < PROGS; i++)
		p[i] = scene__attach(t, hook);
}

/* The i-th program of the order in which they run. */
static struct krsi_prog *nth(struct krsi_run *t, struct scene_prog *p, int i)
{
	struct krsi_description desc = {};

	t->adapter->describe(t->inst, &desc);
	return p[desc.capabilities & KRSI_CAP_LIFO ? PROGS - 1 - i : i].prog;
}

static void expect_calls(struct krsi_run *t, struct scene_prog *p, const int *want)
{
	for (int i = 0; i < PROGS; i++)
		test__equal(t, want[i], scene__calls(t, nth(t, p, i)),
			    "calls of a program in running order");
}

KRSI_TEST(order_running, .id = "order/running-order",
	  .summary = "programs run newest first (or oldest first, as the implementation declares)",
	  .requirements = { "ORD-001" }, NEEDS_MULTI)
{
	struct scene_prog p[PROGS];
	struct krsi_event event[PROGS] = {};

	attach_three(t, SCENE_HOOK, p);
	for (int i = 0; i < PROGS; i++)
		scene__arm(t, p[i].prog, 0);
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, PROGS, scene__events(t, event, PROGS), "events of three programs");
	for (int i = 0; i < PROGS; i++)
		test__true(t, event[i].prog == nth(t, p, i), "events come in running order");
}

/* The i-th program in running order denies; those after it must not run. */
static void deny_at(struct krsi_run *t, int at)
{
	struct scene_prog p[PROGS];
	int want[PROGS];

	attach_three(t, SCENE_HOOK, p);
	for (int i = 0; i < PROGS; i++) {
		scene__arm(t, nth(t, p, i), i == at ? -EUCLEAN : 0);
		want[i] = i <= at;
	}
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir");
	test__true(t, !exists("x"), "the directory is not made");
	expect_calls(t, p, want);
	test__equal(t, at + 1, scene__events(t, NULL, 0), "events of the programs that ran");
}

KRSI_TEST(order_stop_first, .id = "order/deny-first",
	  .summary = "the first program's denial stops the chain", .requirements = { "ORD-002" },
	  NEEDS_MULTI)
{
	deny_at(t, 0);
}

KRSI_TEST(order_stop_middle, .id = "order/deny-middle",
	  .summary = "a denial in the middle stops the chain there", .requirements = { "ORD-002" },
	  NEEDS_MULTI)
{
	deny_at(t, 1);
}

KRSI_TEST(order_stop_last, .id = "order/deny-last",
	  .summary = "the last program can deny what all before it allowed",
	  .requirements = { "ORD-002" }, NEEDS_MULTI)
{
	deny_at(t, 2);
}

KRSI_TEST(order_whose_verdict, .id = "order/whose-verdict",
	  .summary = "with several denials the errno is that of the program that ran first",
	  .requirements = { "ORD-003" }, NEEDS_MULTI)
{
	static const int verdict[PROGS] = { -EUCLEAN, -EPERM, -EXDEV };
	struct scene_prog p[PROGS];

	attach_three(t, SCENE_HOOK, p);
	for (int i = 0; i < PROGS; i++)
		scene__arm(t, nth(t, p, i), verdict[i]);
	test__errno(t, verdict[0], scene__mkdir("x"), "mkdir");
	scene__disarm(t, nth(t, p, 0));
	test__errno(t, verdict[1], scene__mkdir("x"), "mkdir");
	scene__disarm(t, nth(t, p, 1));
	test__errno(t, verdict[2], scene__mkdir("x"), "mkdir");
	scene__disarm(t, nth(t, p, 2));
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
}

KRSI_TEST(order_void, .id = "order/void-all-run",
	  .summary = "on a void hook every program runs, whatever the others return",
	  .requirements = { "ORD-004", "HOOK-006", "REF-020" }, .hook = { SCENE_VOID_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_MULTI })
{
	static const int once[PROGS] = { 1, 1, 1 };
	struct scene_prog p[PROGS];

	attach_three(t, SCENE_VOID_HOOK, p);
	for (int i = 0; i < PROGS; i++)
		scene__arm(t, p[i].prog, -EPERM);
	test__errno(t, 0, scene__exec(), "execve");
	expect_calls(t, p, once);
}

KRSI_TEST(order_detach_middle, .id = "order/detach-middle",
	  .summary = "a program in the middle detaches and the others go on in their order",
	  .requirements = { "ORD-005" }, NEEDS_MULTI)
{
	struct scene_prog p[PROGS];
	struct krsi_event event[PROGS] = {};

	attach_three(t, SCENE_HOOK, p);
	scene__detach(t, &p[1]);
	for (int i = 0; i < PROGS; i++)
		scene__arm(t, p[i].prog, 0);
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 2, scene__events(t, event, PROGS), "events of the two that stayed");
	test__true(t, event[0].prog == nth(t, p, 0) && event[1].prog == nth(t, p, 2),
		   "events come in running order");
	scene__arm(t, nth(t, p, 2), -EUCLEAN);
	test__errno(t, -EUCLEAN, scene__mkdir("y"), "mkdir");
}
