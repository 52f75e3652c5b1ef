// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ci/cli.h"
#include "ci/select.h"

struct list_args {
	const char *tests;
	bool json;
	bool self;
};

enum { OPT_JSON = 0x100, OPT_SELF };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;

	switch (key) {
	case 't':
		a->tests = arg;
		return 0;
	case OPT_JSON:
		a->json = true;
		return 0;
	case OPT_SELF:
		a->self = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_fail(state, "'%s' is too much; patterns go after --tests", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "tests", 't', "GLOB[,GLOB]", 0, "only these: ids, patterns, families, hook names", 0 },
	{ "json", OPT_JSON, NULL, 0, "as JSON, with requirements and modules", 0 },
	{ "self", OPT_SELF, NULL, 0, "the hidden tests of the suite itself instead", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Lists the tests: id, and what each holds the kernel to."
	       "\vExamples:\n"
	       "  krsi list\n"
	       "  krsi list --tests file_open\n"
	       "  krsi list --tests 'hook/*/deny,order' --json\n",
};

static json_t *strings(const struct strs *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(list, json_string(l->v[i]));
	return list;
}

static void print_json(const struct catalogue *c, const struct selection *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->ids.n; i++) {
		const struct cat_test *t = catalogue_test(c, s->ids.v[i]);

		json_array_append_new(list, json_pack("{ss ss? so so}", "id", t->id, "summary",
						      t->summary, "requirements",
						      strings(&t->requirements), "modules",
						      strings(&t->modules)));
	}
	json_dumpf(list, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(list);
}

int cmd_list(int argc, char **argv)
{
	struct list_args a = { .tests = "*" };
	struct krsi_err err = { 0 };
	struct selection s;
	struct catalogue c;

	cli_parse(&argp, argc, argv, &a);
	if (catalogue_load(&c, NULL, &err))
		return cli_error(&err);
	if (select_tests(&s, &c, a.tests, a.self, &err)) {
		catalogue_free(&c);
		return cli_error(&err);
	}
	if (a.json)
		print_json(&c, &s);
	for (size_t i = 0; i < s.ids.n && !a.json; i++)
		printf("%-44s %s\n", s.ids.v[i], catalogue_test(&c, s.ids.v[i])->summary);
	selection_free(&s);
	catalogue_free(&c);
	return cli_flush(KRSI_EXIT_OK);
}
