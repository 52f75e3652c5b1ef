// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/catalogue.h"
#include "ci/cli.h"

struct spec_args {
	bool check;
};

enum { OPT_CHECK = 0x100 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct spec_args *a = state->input;

	switch (key) {
	case OPT_CHECK:
		a->check = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_fail(state, "'%s' is too much: the whole matrix is printed", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "check", OPT_CHECK, NULL, 0,
	  "print only what is wrong: a test without a requirement, one that names an unknown "
	  "requirement, a requirement with neither a test nor a reason; exit code 1 if anything is",
	  0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Prints the matrix both ways: each requirement with the tests that hold anyone to it (or the "
	       "reason why none does), then each test with its requirements."
	       "\vExamples:\n"
	       "  krsi spec | less\n"
	       "  krsi spec --check\n",
};

static size_t tests_of(const struct catalogue *c, const char *id, bool print)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_tests; i++) {
		if (!strs_has(&c->tests[i].requirements, id))
			continue;
		if (print)
			printf("    %s\n", c->tests[i].id);
		n++;
	}
	return n;
}

static void print_requirement(const struct catalogue *c, const struct cat_requirement *q)
{
	printf("%s %s", q->id, q->level);
	if (q->since)
		printf(", since %s", q->since);
	if (q->until)
		printf(", until %s", q->until);
	printf("\n  %s\n", q->text);
	if (q->source)
		printf("  source: %s\n", q->source);
	if (!tests_of(c, q->id, true))
		printf("    no test: %s\n", q->untested ? q->untested : "NO REASON GIVEN");
}

static void print_matrix(const struct catalogue *c)
{
	size_t tested = 0;

	printf("requirement -> tests\n\n");
	for (size_t i = 0; i < c->n_requirements; i++) {
		print_requirement(c, &c->requirements[i]);
		tested += tests_of(c, c->requirements[i].id, false) > 0;
	}
	printf("\ntest -> requirements\n\n");
	for (size_t i = 0; i < c->n_tests; i++) {
		char *ids = strs_join(&c->tests[i].requirements, " ");

		if (!c->tests[i].selftest)
			printf("%-44s %s\n", c->tests[i].id, ids);
		free(ids);
	}
	printf("\n%zu requirements, %zu of them tested\n", c->n_requirements, tested);
}

static size_t check_test(const struct catalogue *c, const struct cat_test *t)
{
	size_t wrong = 0;

	if (t->selftest)
		return 0;
	if (!t->requirements.n) {
		printf("test %s names no requirement\n", t->id);
		wrong++;
	}
	for (size_t i = 0; i < t->requirements.n; i++) {
		if (catalogue_requirement(c, t->requirements.v[i]))
			continue;
		printf("test %s names requirement %s, which does not exist\n", t->id,
		       t->requirements.v[i]);
		wrong++;
	}
	return wrong;
}

static size_t check(const struct catalogue *c)
{
	size_t wrong = 0;

	for (size_t i = 0; i < c->n_tests; i++)
		wrong += check_test(c, &c->tests[i]);
	for (size_t i = 0; i < c->n_requirements; i++) {
		const struct cat_requirement *q = &c->requirements[i];
		bool tested = tests_of(c, q->id, false) > 0;

		if (tested == !q->untested)
			continue;
		printf(tested ? "requirement %s has tests, and a reason why it has none\n"
			      : "requirement %s has no test and gives no reason\n",
		       q->id);
		wrong++;
	}
	if (!c->n_requirements) {
		printf("there are no requirements\n");
		wrong++;
	}
	return wrong;
}

int cmd_spec(int argc, char **argv)
{
	struct spec_args a = { 0 };
	struct krsi_err err = { 0 };
	struct catalogue c;
	int rc = 0;

	cli_parse(&argp, argc, argv, &a);
	if (catalogue_load(&c, NULL, &err))
		return cli_error(&err);
	if (!a.check)
		print_matrix(&c);
	else if (check(&c))
		rc = KRSI_EXIT_FAIL;
	catalogue_free(&c);
	return cli_flush(rc);
}
