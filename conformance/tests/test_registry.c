// SPDX-License-Identifier: GPL-2.0-only
/* Tests, catalogue and requirements fit together. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/registry.h"
#include "conformance/spec/spec.h"

Test(registry, ids_are_unique_and_well_formed)
{
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);

	cr_assert_gt(n, 50);
	for (size_t i = 0; i < n; i++) {
		const char *id = all[i]->id;

		cr_expect(strchr(id, '/'), "%s: no family", id);
		for (const char *c = id; *c; c++)
			cr_expect(islower(*c) || isdigit(*c) || strchr("_-/", *c), "%s: '%c'", id,
				  *c);
		for (size_t j = i + 1; j < n; j++)
			cr_expect_str_neq(id, all[j]->id);
		cr_expect(all[i]->summary && *all[i]->summary, "%s: no summary", id);
	}
}

Test(registry, every_test_names_known_requirements)
{
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);

	for (size_t i = 0; i < n; i++) {
		if (all[i]->selftest)
			continue;
		cr_expect(all[i]->requirements[0], "%s names no requirement", all[i]->id);
		for (int r = 0; r < KRSI_MAX_REQUIREMENTS && all[i]->requirements[r]; r++)
			cr_expect(spec__find(all[i]->requirements[r]), "%s: no requirement %s",
				  all[i]->id, all[i]->requirements[r]);
	}
}

static bool is_tested(const char *requirement)
{
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);

	for (size_t i = 0; i < n; i++)
		for (int r = 0; r < KRSI_MAX_REQUIREMENTS && all[i]->requirements[r]; r++)
			if (!strcmp(all[i]->requirements[r], requirement))
				return true;
	return false;
}

Test(registry, a_requirement_says_why_exactly_where_no_test_names_it)
{
	for (size_t i = 0; i < krsi_spec_len; i++)
		cr_expect_eq(!krsi_spec[i].untested, is_tested(krsi_spec[i].id), "%s: %s",
			     krsi_spec[i].id,
			     krsi_spec[i].untested ? "tested, but says why it is not"
						   : "not tested, and does not say why");
}

Test(registry, globs_select)
{
	cr_expect(registry__match("hook/*", "hook/file_open/deny"));
	cr_expect(registry__match("x,hook/file_open/deny", "hook/file_open/deny"));
	cr_expect(registry__match("*", "order/lifo"));
	cr_expect_not(registry__match("hook/*", "order/lifo"));
	cr_expect_not(registry__match("", "order/lifo"));
	cr_expect_not(registry__match(",,", "order/lifo"));
}

Test(registry, a_glob_that_selects_nothing_is_named)
{
	static const struct {
		const char *globs, *named;
		bool selftests;
	} cases[] = {
		{ "nosuch", "nosuch", false },
		{ "hook/*,nosuch/*,order/*", "nosuch/*", false },
		{ "", "", false },
		{ ",,", "", false },
		{ "hook/*,,order/arguments-kept", NULL, false },
		{ "*", NULL, false },
		{ "selftest/*", "selftest/*", false },
		{ "selftest/*", NULL, true },
		{ "order/arguments-kept", "order/arguments-kept", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *got = registry__unmatched(cases[i].globs, cases[i].selftests);

		cr_expect(got && cases[i].named ? !strcmp(got, cases[i].named)
						: !got && !cases[i].named,
			  "'%s' names %s", cases[i].globs, got ? got : "nothing");
		free(got);
	}
}

Test(catalogue, an_entry_that_can_deny_observes_the_effect)
{
	size_t n;
	const struct krsi_hook_entry *const *all = catalogue__all(&n);

	for (size_t i = 0; i < n; i++) {
		const struct krsi_hook_entry *entry = all[i];

		if (!entry->route[0].act || entry->ret != KRSI_RET_INT || entry->no_deny)
			continue;
		/* what fails by itself has no effect that a denial could take away */
		if (entry->normal < 0)
			continue;
		cr_expect(entry->effect, "%s denies and does not look at the effect", entry->name);
	}
}

Test(catalogue, an_entry_fires_or_says_why_not)
{
	size_t n;
	const struct krsi_hook_entry *const *all = catalogue__all(&n);

	for (size_t i = 0; i < n; i++) {
		const struct krsi_hook_entry *entry = all[i];

		cr_expect(entry->route[0].act || entry->unreachable || entry->untriggered, "%s",
			  entry->name);
		cr_expect_not(entry->route[0].act && entry->untriggered, "%s", entry->name);
		if (i)
			cr_expect(strcmp(all[i - 1]->name, entry->name) < 0, "%s twice",
				  entry->name);
		cr_expect_not(entry->anyone && entry->only.from == SOURCE_NONE,
			      "%s matches every call of every task", entry->name);
		cr_expect_not(entry->only.from == SOURCE_TEXT, "%s filters on text", entry->name);
		cr_expect_not(entry->denied_as && !entry->denied_by, "%s: by whom?", entry->name);
		for (int r = 0; r < KRSI_MAX_ROUTES && entry->route[r].act; r++)
			cr_expect(entry->route[r].name, "%s: a route without a name", entry->name);
	}
}
