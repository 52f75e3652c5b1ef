// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/harness/faults.h"
#include "conformance/harness/generic.h"
#include "conformance/harness/registry.h"
#include "conformance/neutral/neutral.h"

/* The linker collects what KRSI_TEST() declares. */
extern const struct krsi_test *__start_krsi_tests[], *__stop_krsi_tests[];

static const struct krsi_test **tests;
static size_t nr_tests;

static void add(const struct krsi_test *test, void *data)
{
	if (!(nr_tests & (nr_tests + 1))) {
		tests = reallocarray(tests, 2 * nr_tests + 2, sizeof(*tests));
		if (!tests)
			abort();
	}
	tests[nr_tests++] = test;
}

static int by_phase_and_id(const void *a, const void *b)
{
	const struct krsi_test *x = *(const struct krsi_test *const *)a;
	const struct krsi_test *y = *(const struct krsi_test *const *)b;

	return x->phase != y->phase ? (int)x->phase - (int)y->phase : strcmp(x->id, y->id);
}

const struct krsi_test *const *registry__tests(size_t *n)
{
	const struct krsi_hook_entry *const *entries;
	size_t nr_entries;

	if (!tests) {
		for (const struct krsi_test **t = __start_krsi_tests; t < __stop_krsi_tests; t++)
			add(*t, NULL);
		entries = catalogue__all(&nr_entries);
		for (size_t i = 0; i < nr_entries; i++)
			generic__derive(entries[i], add, NULL);
		faults__derive(add, NULL);
		neutral__derive(add, NULL);
		qsort(tests, nr_tests, sizeof(*tests), by_phase_and_id);
	}
	*n = nr_tests;
	return tests;
}

bool registry__match(const char *globs, const char *id)
{
	char glob[256];

	while (*globs) {
		size_t len = strcspn(globs, ",");

		if (len < sizeof(glob)) {
			memcpy(glob, globs, len);
			glob[len] = '\0';
			if (!fnmatch(glob, id, 0))
				return true;
		}
		globs += len;
		globs += *globs == ',';
	}
	return false;
}

static bool any_match(const char *glob, bool selftests)
{
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);

	for (size_t i = 0; i < n; i++)
		if (all[i]->selftest == selftests && registry__match(glob, all[i]->id))
			return true;
	return false;
}

char *registry__unmatched(const char *globs, bool selftests)
{
	char *copy = strdup(globs), *rest = copy, *glob, *found = NULL;
	bool none = true;

	if (!copy)
		abort();
	while (!found && (glob = strsep(&rest, ","))) {
		if (*glob && !any_match(glob, selftests))
			found = strdup(glob);
		none = none && !*glob;
	}
	if (none)
		found = strdup("");
	free(copy);
	return found;
}
