// SPDX-License-Identifier: GPL-2.0-only
/* What was attached and is not any more leaves no trace: the same boot is compared with itself. */
#include <stdlib.h>
#include <string.h>

#include "conformance/neutral/workload.h"
#include "conformance/semantics/scene.h"

/* The group of the workload that passes all of these. */
#define GROUP "names"
#define HOOKS "inode_mkdir", "inode_rename", "inode_symlink", "inode_unlink"

static const struct workload *find_group(struct krsi_run *t)
{
	size_t n;
	const struct workload *const *groups = workload__groups(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(groups[i]->name, GROUP))
			return groups[i];
	test__broken(t, "no group " GROUP);
}

/* The outcomes, in `why` the reason where the group does not run. */
static int run_group(struct krsi_run *t, struct outcomes *outcomes, char why[200])
{
	const struct workload *group = find_group(t);

	*outcomes = (struct outcomes){ .max = workload__count(group) };
	outcomes->item = calloc(outcomes->max, sizeof(*outcomes->item));
	if (!outcomes->item)
		test__broken(t, "no memory");
	return workload__run(group, outcomes, why, 200);
}

/* How many differ; the first that does is told. */
static size_t differ(const struct outcomes *before, const struct outcomes *after,
		     const struct outcome **first)
{
	size_t n = 0;

	for (size_t i = 0; i < before->n && i < after->n; i++) {
		if (!strcmp(before->item[i].value, after->item[i].value))
			continue;
		if (!n++)
			*first = &after->item[i];
	}
	return n;
}

/* The workload makes its calls in sessions of its own. */
static void deny_everyone(struct krsi_run *t, struct krsi_prog *prog)
{
	const struct krsi_rule rule = {
		.size = sizeof(rule), .who = KRSI_ANYONE, .verdict = -EUCLEAN, .filter_arg = -1
	};

	test__errno(t, 0, t->adapter->steer(prog, &rule), "steer");
}

KRSI_TEST(after_detach, .id = "neutral/after-detach/" GROUP,
	  .summary = "after programs that deny are detached, calls have the outcome that they had "
		     "before",
	  .requirements = { "NEU-008" }, .hook = { HOOKS },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_PROCESS })
{
	static const char *const hooks[] = { HOOKS };
	const struct outcome *first = NULL;
	struct outcomes before, after;
	struct scene_prog p[4];
	char why[200];
	size_t n;

	scene__begin(t);
	if (run_group(t, &before, why))
		test__broken(t, "the workload: %s", why);
	for (int i = 0; i < 4; i++) {
		p[i] = scene__attach(t, hooks[i]);
		deny_everyone(t, p[i].prog);
	}
	test__errno(t, -EUCLEAN, scene__mkdir("denied"), "mkdir while a program denies");
	/* still told to deny */
	for (int i = 0; i < 4; i++)
		scene__detach(t, &p[i]);
	if (run_group(t, &after, why))
		test__fail(t, "it runs as it did before", why, "the workload does not run");
	test__equal(t, before.n, after.n, "outcomes");
	n = differ(&before, &after, &first);
	if (n)
		test__fail(t, "the outcome before", first->value, "%zu outcomes differ, first %s",
			   n, first->name);
}
