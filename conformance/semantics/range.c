// SPDX-License-Identifier: GPL-2.0-only
/* Return values that must not load, on every hook: a refused load costs next to nothing. */
#include <stdio.h>

#include "conformance/harness/hook.h"
#include "conformance/semantics/scene.h"

#define NEEDS_FIXED .hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_FIXED }

/* What a hook returns: a truth value is declared int, so that the prototype does not tell. */
static enum krsi_ret class_of(const struct krsi_hook *hook)
{
	const struct krsi_hook_entry *entry = catalogue__find(hook->name);

	return entry ? entry->ret : hook->ret;
}

static void expect_refused(struct krsi_run *t, const char *hook, int ret)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec), .hook = hook, .fixed = true, .fixed_ret = ret
	};
	struct krsi_prog *prog = NULL;
	char what[96];

	snprintf(what, sizeof(what), "load for %s of a program that returns %d", hook, ret);
	test__errno(t, -EINVAL, t->adapter->load(t->inst, &spec, &prog), what);
}

/* The values next to the range are refused on every hook of the class that takes programs. */
static void refused_everywhere(struct krsi_run *t, enum krsi_ret class, int above, int below)
{
	int hooks = 0;

	for (size_t i = 0; i < t->nr_hooks; i++) {
		if (!t->hooks[i].attachable || class_of(&t->hooks[i]) != class)
			continue;
		expect_refused(t, t->hooks[i].name, above);
		expect_refused(t, t->hooks[i].name, below);
		hooks++;
	}
	test__true(t, hooks > 0, "there are hooks of this class");
}

KRSI_TEST(range_every_int, .id = "return/range-every-int-hook",
	  .summary = "no int hook takes a program that returns 1 or -4096",
	  .requirements = { "RET-002", "RET-003" }, NEEDS_FIXED)
{
	refused_everywhere(t, KRSI_RET_INT, 1, -4096);
}

KRSI_TEST(range_every_bool, .id = "return/range-every-bool-hook",
	  .summary = "no bool hook takes a program that returns 2 or -1",
	  .requirements = { "RET-006" }, .hook = { "xfrm_state_pol_flow_match" },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	refused_everywhere(t, KRSI_RET_BOOL, 2, -1);
}
