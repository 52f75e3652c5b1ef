// SPDX-License-Identifier: GPL-2.0-only
#include "ci/merge.h"

#include <stdlib.h>
#include <string.h>

#include "ci/text.h"

/* What parts of one run have in common. */
static const struct {
	const char *name;
	size_t offset;
} same[] = {
	{ "suite version", offsetof(struct run, suite_version) },
	{ "suite commit", offsetof(struct run, suite_commit) },
	{ "kernel release", offsetof(struct run, kernel_release) },
	{ "kernel image", offsetof(struct run, kernel_sha256) },
	{ "implementation", offsetof(struct run, implementation) },
	{ "version of the implementation", offsetof(struct run, impl_version) },
	{ "selection", offsetof(struct run, selection) },
};

/* NULL: not known, where no guest of the part got as far as to say it. */
static const char *text_at(const struct run *run, size_t i)
{
	const char *s = *(char *const *)((const char *)run + same[i].offset);

	return s || !run->suite_version ? s : "unknown";
}

static int alike(const struct run *a, const struct run *b, struct krsi_err *err)
{
	bool both = a->suite_version && b->suite_version;

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		const char *x = text_at(a, i), *y = text_at(b, i);

		if (x && y && strcmp(x, y))
			return krsi_err_set(err, KRSI_EXIT_USAGE,
					    "parts of different runs: the %s is %s in one and %s "
					    "in another",
					    same[i].name, x, y);
	}
	if (a->of_tests != b->of_tests)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "parts of different runs: the whole has %zu tests in one and "
				    "%zu in another",
				    a->of_tests, b->of_tests);
	if (a->strict != b->strict ||
	    (both && (a->seed != b->seed || a->suite_dirty != b->suite_dirty)))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "parts of different runs: seed, --strict, or the suite's tree "
				    "differ");
	return 0;
}

static int check(const struct run *parts, size_t n, struct krsi_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!parts[i].parts)
			return krsi_err_set(err, KRSI_EXIT_USAGE,
					    "the %zu. of the results is no part of a run: it was "
					    "made without --shard",
					    i + 1);
	for (unsigned int want = 1; want <= parts[0].parts; want++) {
		size_t found = 0;

		for (size_t i = 0; i < n; i++)
			found += parts[i].part == want && parts[i].parts == parts[0].parts;
		if (found != 1)
			return krsi_err_set(err, KRSI_EXIT_USAGE, "part %u of %u is %s", want,
					    parts[0].parts, found ? "there twice" : "missing");
	}
	if (n != parts[0].parts)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "a part of a run in another number of "
				    "parts is among them");
	/* each with each: the first may know less than the others */
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (alike(&parts[j], &parts[i], err))
				return -1;
	return 0;
}

static void take_requirements(struct run *into, struct run *from)
{
	for (size_t i = 0; i < from->n_requirements; i++) {
		if (run_requirement_find(into, from->requirements[i].id))
			continue;
		*ARRAY_PUSH(into, requirements) = from->requirements[i];
		from->requirements[i] = (struct run_requirement){ 0 };
		run_sort(into);
	}
}

static void take_once(struct strs *into, const struct strs *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!strs_has(into, from->v[i]))
			strs_add(into, from->v[i]);
}

/* Where no guest was started none is known, and no code of one either. */
static bool other_processor(const struct run *a, const struct run *b)
{
	if (!a->accel || !b->accel)
		return a->n_hooks && b->n_hooks;
	return strcmp(a->accel, b->accel) != 0;
}

static void drop_machine_code(struct run *a, struct run *b)
{
	for (size_t i = 0; i < a->n_hooks; i++)
		a->hooks[i].cost.jited = 0;
	for (size_t i = 0; i < b->n_hooks; i++)
		b->hooks[i].cost.jited = 0;
}

/* A test that two parts ran would count twice, and one that none ran would not be missed. */
static int check_tests(const struct run *whole, struct krsi_err *err)
{
	for (size_t i = 1; i < whole->n_tests; i++)
		if (!strcmp(whole->tests[i].id, whole->tests[i - 1].id))
			return krsi_err_set(err, KRSI_EXIT_USAGE, "test %s is in two parts",
					    whole->tests[i].id);
	if (whole->n_tests != whole->of_tests)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "the parts hold %zu tests, and the whole has %zu: run all "
				    "with the same options, --lsm above all",
				    whole->n_tests, whole->of_tests);
	return 0;
}

int merge_parts(struct run *parts, size_t n, struct krsi_err *err)
{
	struct run *whole = &parts[0];

	if (check(parts, n, err))
		return -1;
	for (size_t i = 1; i < n; i++) {
		struct run *p = &parts[i];

		/* builds on several machines need not be equal to the byte */
		if (!p->suite_payload || !whole->suite_payload ||
		    strcmp(p->suite_payload, whole->suite_payload))
			text_set(&whole->suite_payload, NULL);
		/* machine code is the processor's: of two kinds, none is known */
		if (other_processor(p, whole)) {
			drop_machine_code(p, whole);
			text_set(&whole->accel, "several");
		}
		if (p->seconds > whole->seconds)
			whole->seconds = p->seconds;
		if (p->started && whole->started && strcmp(p->started, whole->started) < 0)
			text_set(&whole->started, p->started);
		take_requirements(whole, p);
		take_once(&whole->stale, &p->stale);
		take_once(&whole->waiver_files, &p->waiver_files);
		run_merge(whole, p);
		run_sort(whole);
	}
	if (check_tests(whole, err))
		return -1;
	whole->part = whole->parts = 0;
	whole->of_tests = 0;
	free(whole->baseline);
	whole->baseline = NULL;
	strs_free(&whole->worse);
	strs_free(&whole->better);
	strs_free(&whole->changes);
	strs_free(&whole->costs);
	whole->known = 0;
	return 0;
}
