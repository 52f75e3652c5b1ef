// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/neutral/crowd.h"
#include "conformance/neutral/neutral.h"
#include "conformance/neutral/recording.h"

/* Whether the LSM under test can come before another one. */
static const char *comes_last(void)
{
	return needs__tested()->last ? "the implementation is asked last, wherever lsm= names it"
				     : NULL;
}

static const char *no_apparmor(void)
{
	return needs__lsm("apparmor") ? NULL : "apparmor is not active here";
}

static const char *not_before_apparmor(void)
{
	return no_apparmor() ?: comes_last();
}

/* What is different from the boot that was recorded, besides one more LSM, that of the
 * implementation: bpf, where it is mainline's. */
static const struct condition {
	const char *name, *summary, *requirement;
	enum krsi_phase phase;
	const char *boot; /* see struct krsi_test */
	uint32_t capabilities;
	const char *(*probe)(void);
	const char *other; /* an LSM that comes ... */
	bool first;	   /* ... after bpf, else before it */
} conditions[] = {
	{ "no-program", "no program is attached", "NEU-001", PHASE_ALONE, "plain", 0, NULL, NULL,
	  false },
	{ "allow-all-sleepable", "sleepable programs allow everything on every hook that takes one",
	  "NEU-003", PHASE_SLEEPABLE_CROWD, "plain", KRSI_CAP_FIXED | KRSI_CAP_SLEEPABLE, NULL,
	  NULL, false },
	{ "allow-all", "programs allow everything on every hook", "NEU-002", PHASE_CROWD, "plain",
	  KRSI_CAP_FIXED, NULL, NULL, false },
	{ "order-first", "bpf comes before the other LSMs", "NEU-007", PHASE_ALONE, "bpf-first", 0,
	  comes_last, "yama", true },
	{ "order-before-apparmor", "bpf comes before AppArmor", "NEU-007", PHASE_ALONE,
	  "before-apparmor", 0, not_before_apparmor, "apparmor", true },
	{ "order-after-apparmor", "bpf comes after AppArmor", "NEU-007", PHASE_ALONE,
	  "after-apparmor", 0, no_apparmor, "apparmor", false },
};

#define CONDITIONS (sizeof(conditions) / sizeof(conditions[0]))

static void check_condition(struct krsi_run *t, const struct condition *condition)
{
	const struct crowd *crowd = t->crowd;

	const char *lsm = needs__tested()->name;

	if (condition->other &&
	    (needs__lsm(lsm) < needs__lsm(condition->other)) != condition->first)
		test__broken(t, "%s does not come %s %s in the list of active LSMs", lsm,
			     condition->first ? "before" : "after", condition->other);
	if (condition->phase == PHASE_ALONE)
		return;
	if (crowd->error)
		test__fail(t, "success", errno__name(crowd->error), "a program attaches to %s",
			   crowd->hook);
	if (!crowd->attached)
		test__broken(t, "no hook takes such a program");
}

static void neutral_body(struct krsi_run *t)
{
	static struct differences differences;
	size_t n;
	const struct workload *const *groups = workload__groups(&n);
	const struct workload *group = groups[t->test->variant % n];
	struct outcomes outcomes = { .max = workload__count(group) };
	char why[200];

	check_condition(t, &conditions[t->test->variant / n]);
	outcomes.item = calloc(outcomes.max, sizeof(*outcomes.item));
	if (!outcomes.item)
		test__broken(t, "no memory");
	/* it ran where it was recorded: that it cannot run here is a difference, too */
	if (workload__run(group, &outcomes, why, sizeof(why)))
		test__fail(t, "it runs as it did without bpf", why, "the workload does not run");
	recording__compare(t->recording, group, &outcomes, &differences);
	if (!differences.n)
		return;
	snprintf(t->report->differs, sizeof(t->report->differs), "%s", differences.names);
	test__fail(t, differences.expected, differences.got,
		   "%zu of %zu outcomes differ from those without bpf", differences.n,
		   outcomes.max);
}

static struct krsi_test *make_test(const struct condition *condition, const struct workload *group)
{
	struct krsi_test *test = calloc(1, sizeof(*test));
	char *id, *summary;

	if (!test || asprintf(&id, "neutral/%s/%s", condition->name, group->name) < 0 ||
	    asprintf(&summary, "calls of %s have the outcome that they have without bpf: %s",
		     group->name, condition->summary) < 0)
		abort();
	*test = (struct krsi_test){
		.id = id,
		.summary = summary,
		.requirements = { condition->requirement, group->requirement },
		.phase = condition->phase,
		.needs = { .capabilities = condition->capabilities, .probe = condition->probe },
		.boot = condition->boot,
		.body = neutral_body,
	};
	return test;
}

void neutral__derive(void (*fn)(const struct krsi_test *test, void *data), void *data)
{
	size_t n;
	const struct workload *const *groups = workload__groups(&n);

	for (size_t i = 0; i < CONDITIONS; i++)
		for (size_t j = 0; j < n; j++) {
			struct krsi_test *test = make_test(&conditions[i], groups[j]);

			test->variant = i * n + j;
			fn(test, data);
		}
}
