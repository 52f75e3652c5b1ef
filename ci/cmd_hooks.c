// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/catalogue.h"
#include "ci/cli.h"
#include "ci/results.h"
#include "vm-images/suggest.h"

struct hooks_args {
	const char *hook;
	const char *results;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct hooks_args *a = state->input;

	switch (key) {
	case 'r':
		a->results = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->hook)
			cli_fail(state, "one hook at a time, not also '%s'", arg);
		a->hook = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "results", 'r', "RESULTS", 0,
	  "show how they fared there (a results.json, or the directory that holds it)", 0 },
	{ "kernel-results", 'r', NULL, OPTION_ALIAS, NULL, 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[HOOK]",
	.doc = "Lists the hooks of the catalogue: family, and the ways to make each happen; or tells all "
	       "about one of them."
	       "\vExamples:\n"
	       "  krsi hooks\n"
	       "  krsi hooks file_open\n"
	       "  krsi hooks --results build/results/debian-6.1-bpf-lsm\n",
};

/* What a hook of the kernel is, in one column. */
static const char *state_of(const struct run_hook *h)
{
	if (!h)
		return "not here";
	if (!h->attachable)
		return "refused";
	return h->sleepable ? "sleepable" : "attach";
}

static void print_results(const struct run *run, const char *name, const struct strs *sems)
{
	printf(" %-9s", state_of(run_hook_find(run, name)));
	for (size_t i = 0; i < sems->n; i++) {
		enum result r;
		bool ran = !run_hook_result(run, name, sems->v[i], &r);

		printf(" %-9s", ran ? result_name(r) : ".");
	}
}

static const char *why_no_route(const struct cat_hook *h)
{
	return h->untriggered ? h->untriggered : h->unreachable ? h->unreachable : "no route";
}

static void print_row(const struct cat_hook *h, const struct run *run, const struct strs *sems)
{
	char *routes = strs_join(&h->routes, " ");

	printf("%-34s %-10s", h->name, h->family);
	if (run)
		print_results(run, h->name, sems);
	else
		printf(" %s", h->routes.n ? routes : why_no_route(h));
	putchar('\n');
	free(routes);
}

static void print_all(const struct catalogue *c, const struct run *run, const struct strs *sems)
{
	size_t triggered = 0;

	if (run) {
		printf("%-34s %-10s %-9s", "hook", "family", "kernel");
		for (size_t i = 0; i < sems->n; i++)
			printf(" %-9s", sems->v[i]);
		putchar('\n');
	}
	for (size_t i = 0; i < c->n_hooks; i++) {
		print_row(&c->hooks[i], run, sems);
		triggered += c->hooks[i].routes.n > 0;
	}
	/* Hooks that the kernel has and the catalogue does not are what a reader must not miss. */
	for (size_t i = 0; run && i < run->n_hooks; i++)
		if (!catalogue_hook(c, run->hooks[i].name))
			printf("%-34s %-10s %-9s uncovered\n", run->hooks[i].name, "?",
			       state_of(&run->hooks[i]));
	printf("%zu hooks in the catalogue, %zu with a way to make them happen\n", c->n_hooks,
	       triggered);
}

static void print_list(const char *title, const struct strs *l)
{
	char *joined = strs_join(l, ", ");

	if (l->n)
		printf("  %-9s %s\n", title, joined);
	free(joined);
}

static void print_one(const struct catalogue *c, const struct cat_hook *h, const struct run *run)
{
	char *prefix = xasprintf("hook/%s/", h->name);

	printf("%s\n  %-9s %s\n", h->name, "family", h->family);
	print_list("routes", &h->routes);
	print_list("modules", &h->modules);
	if (h->unreachable)
		printf("  %-9s %s\n", "proof", h->unreachable);
	if (h->untriggered)
		printf("  %-9s %s\n", "no route", h->untriggered);
	if (run)
		printf("  %-9s %s: %s\n", "kernel", run->kernel_release ? run->kernel_release : "?",
		       state_of(run_hook_find(run, h->name)));
	for (size_t i = 0; i < c->n_tests; i++) {
		const struct cat_test *t = &c->tests[i];
		const struct run_test *r = run ? run_test_find(run, t->id) : NULL;

		if (strncmp(t->id, prefix, strlen(prefix)))
			continue;
		printf("  %-9s %s: %s\n", r ? result_name(r->result) : "test", t->id, t->summary);
		if (r && r->reason && r->result != RESULT_PASS)
			printf("  %-9s %s\n", "", r->reason);
	}
	free(prefix);
}

static int unknown(const struct catalogue *c, const char *name, struct krsi_err *err)
{
	const char **names = xcalloc(c->n_hooks + 1, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < c->n_hooks; i++)
		names[i] = c->hooks[i].name;
	near = suggest_nearest(name, names, c->n_hooks);
	krsi_err_set(err, KRSI_EXIT_USAGE, "no hook '%s'%s%s%s", name,
		     near ? "; did you mean '" : " in the catalogue; `krsi hooks` names them all",
		     near ? near : "", near ? "'?" : "");
	free(names);
	return -1;
}

int cmd_hooks(int argc, char **argv)
{
	struct hooks_args a = { 0 };
	struct krsi_err err = { 0 };
	struct catalogue c = { 0 };
	struct run run = { 0 };
	struct strs sems = { 0 };
	const struct cat_hook *h;
	int rc = 0;

	cli_parse(&argp, argc, argv, &a);
	rc = catalogue_load(&c, NULL, &err);
	if (!rc && a.results)
		rc = results_load(&run, a.results, &err);
	run_semantics(&run, &sems);
	if (!rc && !a.hook)
		print_all(&c, a.results ? &run : NULL, &sems);
	if (!rc && a.hook) {
		h = catalogue_hook(&c, a.hook);
		if (h)
			print_one(&c, h, a.results ? &run : NULL);
		else
			rc = unknown(&c, a.hook, &err);
	}
	strs_free(&sems);
	run_free(&run);
	catalogue_free(&c);
	return rc ? cli_error(&err) : cli_flush(KRSI_EXIT_OK);
}
