// SPDX-License-Identifier: GPL-2.0-only
/* Events: one for each call, whole, in order, of the right subject; losses are counted. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conformance/harness/case.h"
#include "conformance/semantics/scene.h"

#define NEEDS_EVENTS                                                                               \
	.hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS }

KRSI_TEST(audit_one_each, .id = "audit/one-event-per-call",
	  .summary = "each call emits one event, and nothing else emits any",
	  .requirements = { "AUD-001", "AUD-002" }, NEEDS_EVENTS)
{
	struct krsi_event event[4] = {};
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, 0);
	test__equal(t, 0, scene__events(t, event, 4), "events before the first call");
	for (int i = 1; i <= 3; i++) {
		char name[2] = { 'a' + i };

		test__errno(t, 0, scene__mkdir(name), "mkdir");
		test__equal(t, i, scene__calls(t, p.prog), "calls");
		test__equal(t, 1, scene__events(t, event, 4), "events of one call");
		test__true(t, event[0].size >= sizeof(event[0]) - sizeof(event[0].arg),
			   "the event is whole");
		test__true(t, event[0].prog == p.prog, "the event is of the program");
	}
	test__equal(t, 0, scene__events(t, event, 4), "events after the last call");
}

KRSI_TEST(audit_nothing, .id = "audit/no-call-no-event",
	  .summary = "another behaviour, and a call before arming or after, emit nothing",
	  .requirements = { "AUD-002" }, NEEDS_EVENTS)
{
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	test__errno(t, 0, scene__mkdir("before"), "mkdir");
	scene__arm(t, p.prog, 0);
	test__errno(t, 0, SYS(rmdir("before")), "rmdir");
	scene__disarm(t, p.prog);
	test__errno(t, 0, scene__mkdir("after"), "mkdir");
	test__equal(t, 0, scene__events(t, NULL, 0), "events");
	test__equal(t, 0, scene__calls(t, p.prog), "calls");
}

KRSI_TEST(audit_only, .id = "audit/audit-only",
	  .summary = "a program that only records does not change the outcome",
	  .requirements = { "AUD-003" }, NEEDS_EVENTS)
{
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, 0);
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__true(t, exists("x"), "the directory is made");
	test__errno(t, -EEXIST, scene__mkdir("x"), "mkdir of what exists");
	test__errno(t, -ENOENT, scene__mkdir("no/x"), "mkdir in what does not");
}

KRSI_TEST(audit_order, .id = "audit/order", .summary = "events of one task come in its order",
	  .requirements = { "AUD-004" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_ARGS })
{
	struct krsi_event event[16] = {};
	struct scene_prog p;
	char name[8];
	int dentry;

	scene__begin(t);
	dentry = case__param(test__hook(t, SCENE_HOOK), "dentry")->arg;
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, 0);
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		test__errno(t, 0, scene__mkdir(name), "mkdir");
	}
	test__equal(t, 16, scene__events(t, event, 16), "events");
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		test__true(t, !strcmp(event[i].arg[dentry].s, name),
			   "the i-th event is of the i-th call");
		test__true(t, !i || event[i].nsec >= event[i - 1].nsec, "time does not go back");
	}
}

KRSI_TEST(audit_identity, .id = "audit/identity",
	  .summary = "an event names the task that made the call and the verdict that it got",
	  .requirements = { "AUD-001" }, NEEDS_EVENTS)
{
	struct krsi_event event = {};
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir");
	test__equal(t, 1, scene__events(t, &event, 1), "events");
	test__equal(t, getpid(), event.tgid, "tgid in the event");
	test__equal(t, gettid(), event.pid, "pid in the event");
	test__equal(t, -EUCLEAN, event.verdict, "verdict in the event");
}

static int mkdir_in_child(struct subject *s)
{
	/* a session of its own: no longer the subject's */
	return s->val[0] && setsid() < 0 ? -errno : scene__mkdir(s->text);
}

KRSI_TEST(audit_bystander, .id = "audit/bystander",
	  .summary = "a verdict meets the selected subject and its children, and nobody else",
	  .requirements = { "HOOK-008" }, NEEDS_EVENTS)
{
	struct subject own = { .text = "own" }, other = { .text = "other", .val = { 1 } };
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, -EPERM);
	test__errno(t, 0, in_child(&other, mkdir_in_child), "a bystander's mkdir");
	test__true(t, exists("other"), "the bystander's directory is made");
	test__equal(t, 0, scene__calls(t, p.prog), "calls that match");
	test__equal(t, 0, scene__events(t, NULL, 0), "events");
	test__errno(t, -EPERM, in_child(&own, mkdir_in_child), "the subject's child's mkdir");
	test__true(t, !exists("own"), "the subject's directory is not made");
	test__equal(t, 1, scene__calls(t, p.prog), "calls that match");
}

KRSI_TEST(audit_lost, .id = "audit/lost-are-counted",
	  .summary = "when the buffer is full, calls still count and losses are told",
	  .requirements = { "AUD-005" }, NEEDS_EVENTS)
{
	const long calls = 2000;
	struct scene_prog p;
	uint64_t lost, seen;
	size_t events;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, -EPERM);
	for (long i = 0; i < calls; i++)
		test__errno(t, -EPERM, scene__mkdir("x"), "mkdir");
	scene__disarm(t, p.prog);
	seen = t->adapter->calls(p.prog, &lost);
	events = scene__events(t, NULL, 0);
	test__equal(t, calls, seen, "calls counted");
	test__true(t, events > 0 && lost > 0, "the buffer took some and then was full");
	test__equal(t, calls, events + lost, "events that came and losses that were told");
}

KRSI_TEST(audit_steer_back, .id = "audit/verdict-withdrawn",
	  .summary = "a verdict that is withdrawn has no effect on the next call",
	  .requirements = { "AUD-003", "HOOK-003" }, NEEDS_EVENTS)
{
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	for (int i = 0; i < 3; i++) {
		scene__arm(t, p.prog, -EPERM);
		test__errno(t, -EPERM, scene__mkdir("x"), "mkdir while denied");
		scene__arm(t, p.prog, 0);
		test__errno(t, 0, scene__mkdir("x"), "mkdir while allowed");
		test__errno(t, 0, SYS(rmdir("x")), "rmdir");
	}
}
