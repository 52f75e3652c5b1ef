// SPDX-License-Identifier: GPL-2.0-only
#include "ci/select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "vm-images/suggest.h"

static void add_once(struct strs *l, const char *s)
{
	if (!strs_has(l, s))
		strs_add(l, s);
}

/*
 * Every word that would have been right where a wrong one was written: ids, hook names, and for
 * each id the pattern of all ids below each of its parents. @pattern has the wildcards at its end.
 */
static char *nearest(const struct catalogue *c, const char *pattern, bool self)
{
	struct strs words = { 0 };
	const char *best;
	char *found;

	for (size_t i = 0; i < c->n_hooks; i++)
		strs_add(&words, c->hooks[i].name);
	for (size_t i = 0; i < c->n_tests; i++) {
		const char *id = c->tests[i].id;

		if (c->tests[i].selftest != self)
			continue;
		strs_add(&words, id);
		for (const char *p = strchr(id, '/'); p; p = strchr(p + 1, '/')) {
			char *parent = xasprintf("%.*s%s", (int)(p - id), id,
						 strpbrk(pattern, "*?[") ? "/*" : "");

			/* Ids are sorted: equal parents follow each other closely. */
			if (!words.n || strcmp(words.v[words.n - 1], parent))
				strs_add(&words, parent);
			free(parent);
		}
	}
	best = suggest_nearest(pattern, (const char *const *)words.v, words.n);
	found = xstrdup(best);
	strs_free(&words);
	return found;
}

static size_t match(struct selection *s, const struct catalogue *c, const char *glob, bool self,
		    char *taken)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_tests; i++) {
		if (c->tests[i].selftest != self || fnmatch(glob, c->tests[i].id, 0))
			continue;
		taken[i] = 1;
		n++;
	}
	if (n)
		add_once(&s->globs, glob);
	return n;
}

static int choose(struct selection *s, const struct catalogue *c, const char *word, bool self,
		  char *taken, struct krsi_err *err)
{
	char *family = xasprintf("%s/*", word), *hook = xasprintf("hook/%s/*", word), *near;
	size_t n = match(s, c, word, self, taken);

	/* Not for patterns: `inode_*` would silently mean something else than it says. */
	if (!n && !strpbrk(word, "*?["))
		n = match(s, c, family, self, taken) + match(s, c, hook, self, taken);
	free(family);
	free(hook);
	if (n)
		return 0;
	near = nearest(c, word, self);
	if (catalogue_hook(c, word))
		krsi_err_set(err, KRSI_EXIT_USAGE,
			     "--tests: hook %s is in the catalogue and has no test yet", word);
	else if (near)
		krsi_err_set(err, KRSI_EXIT_USAGE,
			     "--tests: no test or hook matches '%s'; did you mean '%s'?", word,
			     near);
	else
		krsi_err_set(err, KRSI_EXIT_USAGE,
			     "--tests: no test or hook matches '%s'; `krsi list` names them all",
			     word);
	free(near);
	return -1;
}

int select_tests(struct selection *s, const struct catalogue *c, const char *globs, bool self,
		 struct krsi_err *err)
{
	char *copy = xstrdup(globs), *rest = copy, *word;
	char *taken = xcalloc(c->n_tests + 1, 1);
	int rc = 0;

	*s = (struct selection){ 0 };
	while (!rc && (word = strsep(&rest, ",")))
		if (*word)
			rc = choose(s, c, word, self, taken, err);
	if (!rc && !s->globs.n)
		rc = krsi_err_set(err, KRSI_EXIT_USAGE,
				  "--tests: the pattern is empty; '*' means all tests");
	for (size_t i = 0; !rc && i < c->n_tests; i++)
		if (taken[i])
			strs_add(&s->ids, c->tests[i].id);
	if (rc)
		selection_free(s);
	free(taken);
	free(copy);
	return rc;
}

void select_modules(const struct cat_test *t, struct strs *out)
{
	for (size_t i = 0; i < t->modules.n; i++)
		add_once(out, t->modules.v[i]);
}

void select_proofs(const struct catalogue *c, struct strs *out)
{
	for (size_t i = 0; i < c->n_hooks; i++)
		for (size_t j = 0; c->hooks[i].unreachable && j < c->hooks[i].modules.n; j++)
			add_once(out, c->hooks[i].modules.v[j]);
}

void selection_free(struct selection *s)
{
	strs_free(&s->globs);
	strs_free(&s->ids);
}
