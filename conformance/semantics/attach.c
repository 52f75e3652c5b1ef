// SPDX-License-Identifier: GPL-2.0-only
/* Attaching and detaching: the ways in, the refusals, and when a change takes effect. */
#include <unistd.h>

#include "conformance/semantics/scene.h"

#define NEEDS_STEER                                                                                \
	.hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS }

/* More programs than any kernel takes on one hook. */
#define TOO_MANY 128

static void attach_by(struct krsi_run *t, enum krsi_attach_by by)
{
	struct krsi_prog *prog;
	struct krsi_link *link;

	scene__begin(t);
	prog = scene__load(t, SCENE_HOOK);
	scene__arm(t, prog, -EPERM);
	test__errno(t, 0, scene__mkdir("before"), "mkdir before attach");
	test__equal(t, 0, scene__calls(t, prog), "calls before attach");
	test__errno(t, 0, t->adapter->attach(prog, by, &link), "attach");
	test__errno(t, -EPERM, scene__mkdir("after"), "mkdir after attach");
	test__true(t, !exists("after"), "the directory is not made");
	test__equal(t, 1, scene__calls(t, prog), "calls after attach");
	test__errno(t, 0, t->adapter->detach(link), "detach");
	test__errno(t, 0, scene__mkdir("after"), "mkdir after detach");
	test__equal(t, 1, scene__calls(t, prog), "calls after detach");
}

KRSI_TEST(attach_raw_tp, .id = "attach/raw-tracepoint-open",
	  .summary = "a program attached by BPF_RAW_TRACEPOINT_OPEN enforces from then to detach",
	  .requirements = { "ATT-001", "ATT-005", "HOOK-005" }, NEEDS_STEER)
{
	attach_by(t, KRSI_ATTACH_RAW_TRACEPOINT);
}

KRSI_TEST(attach_link_create, .id = "attach/link-create",
	  .summary = "a program attached by BPF_LINK_CREATE enforces from then to detach",
	  .requirements = { "ATT-002", "ATT-005" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_LINK_CREATE })
{
	attach_by(t, KRSI_ATTACH_LINK_CREATE);
}

KRSI_TEST(attach_twice, .id = "attach/same-program-twice",
	  .summary = "a program that is attached cannot be attached again",
	  .requirements = { "ATT-003" }, NEEDS_STEER)
{
	struct krsi_link *link = NULL;
	struct scene_prog p;
	struct krsi_description desc = {};
	int err;

	scene__begin(t);
	t->adapter->describe(t->inst, &desc);
	p = scene__attach(t, SCENE_HOOK);
	err = t->adapter->attach(p.prog, KRSI_ATTACH_DEFAULT, &link);
	/* where programs replace each other, it would replace itself; kernels that let a program
	 * attach once only have forgotten the target: ENOENT */
	if (desc.capabilities & KRSI_CAP_REPLACE)
		test__errno(t, -EEXIST, err, "the second attach");
	else
		test__errno(t, err == -ENOENT ? -ENOENT : -EBUSY, err, "the second attach");
	scene__arm(t, p.prog, 0);
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 1, scene__calls(t, p.prog), "calls of the program");
}

KRSI_TEST(attach_again, .id = "attach/again-after-detach",
	  .summary = "a program that was detached can be attached again and enforces again",
	  .requirements = { "ATT-004" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_AGAIN })
{
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__detach(t, &p);
	p.link = scene__link(t, p.prog);
	scene__arm(t, p.prog, -EPERM);
	test__errno(t, -EPERM, scene__mkdir("x"), "mkdir");
	test__true(t, !exists("x"), "the directory is not made");
}

KRSI_TEST(attach_others_stay, .id = "attach/detach-leaves-others",
	  .summary = "detaching from one hook does not detach from another",
	  .requirements = { "ATT-006" }, .hook = { SCENE_HOOK, "inode_rmdir" },
	  .needs = { .capabilities = KRSI_CAP_STEER })
{
	struct scene_prog mkdir_prog, rmdir_prog;

	scene__begin(t);
	mkdir_prog = scene__attach(t, SCENE_HOOK);
	rmdir_prog = scene__attach(t, "inode_rmdir");
	scene__arm(t, mkdir_prog.prog, -EPERM);
	scene__arm(t, rmdir_prog.prog, -EUCLEAN);
	scene__detach(t, &mkdir_prog);
	test__errno(t, 0, scene__mkdir("x"), "mkdir after detach");
	test__errno(t, -EUCLEAN, SYS(rmdir("x")), "rmdir");
	test__true(t, exists("x"), "the directory is still there");
}

/* All n programs are asked, newest first, up to the one in the middle, which denies. */
static void expect_chain(struct krsi_run *t, struct scene_prog *p, int n)
{
	struct krsi_event event[TOO_MANY] = {};
	int middle = n / 2;

	scene__arm(t, p[middle].prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, scene__mkdir("y"), "mkdir");
	test__true(t, !exists("y"), "the directory is not made");
	test__equal(t, n - middle, scene__events(t, event, TOO_MANY), "events up to the denial");
	for (int i = 0; i < n - middle; i++)
		test__true(t, event[i].prog == p[n - 1 - i].prog, "events come newest first");
	scene__arm(t, p[middle].prog, 0);
}

KRSI_TEST(attach_limit, .id = "attach/limit",
	  .summary = "programs attach to a hook up to a limit, then E2BIG, and all of them run",
	  .requirements = { "ATT-007", "ATT-009", "ORD-001", "ORD-002" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_MULTI })
{
	struct krsi_description desc = {};
	struct scene_prog p[TOO_MANY];
	int n = 0, err = 0;

	scene__begin(t);
	for (; n < TOO_MANY; n++) {
		p[n].prog = scene__load(t, SCENE_HOOK);
		err = t->adapter->attach(p[n].prog, KRSI_ATTACH_DEFAULT, &p[n].link);
		if (err)
			break;
		scene__arm(t, p[n].prog, 0);
	}
	test__errno(t, -E2BIG, err, "attach beyond the limit");
	test__true(t, n >= 2, "a hook takes at least two programs");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	for (int i = 0; i < n; i++)
		test__equal(t, 1, scene__calls(t, p[i].prog), "calls of each program");
	test__equal(t, n, scene__events(t, NULL, 0), "events of all programs");
	t->adapter->describe(t->inst, &desc);
	if (desc.capabilities & KRSI_CAP_LIFO)
		expect_chain(t, p, n);
	scene__detach(t, &p[0]);
	test__errno(t, 0, t->adapter->attach(p[n].prog, KRSI_ATTACH_DEFAULT, &p[n].link),
		    "attach where a place is free again");
}
