// SPDX-License-Identifier: GPL-2.0-only
#include "ci/gate.h"

#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/text.h"

__attribute__((format(printf, 2, 3))) static void say(struct strs *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strs_take(l, text_vprintf(fmt, ap));
	va_end(ap);
}

/* Good is shown good; a skip shows nothing; red is ordered by how bad it is. */
static int rank(enum result r)
{
	if (r == RESULT_PASS || r == RESULT_XFAIL)
		return 0;
	return r == RESULT_SKIP ? 1 : result_badness(r) + 1;
}

static void compare_test(struct gate *g, const struct run_test *a, const struct run_test *b)
{
	const char *from = result_name(a->result), *to = result_name(b->result);
	int ra = rank(a->result), rb = rank(b->result);

	if (result_is_red(b->result) && ra == rb)
		g->known++;
	if (ra == rb)
		return;
	if (rb > ra)
		say(&g->worse, "%s: %s -> %s%s%s", b->id, from, to, b->reason ? ": " : "",
		    b->reason ? b->reason : "");
	else if (result_is_red(b->result))
		say(&g->other, "%s: %s -> %s", b->id, from, to);
	else
		say(&g->better, "%s: %s -> %s", b->id, from, to);
	/* Less red than before is still red, and allowed. */
	if (rb < ra && result_is_red(b->result))
		g->known++;
}

static void compare_tests(struct gate *g, const struct run *before, const struct run *after)
{
	for (size_t i = 0; i < after->n_tests; i++) {
		const struct run_test *t = &after->tests[i];
		const struct run_test *old = run_test_find(before, t->id);

		if (old)
			compare_test(g, old, t);
		else if (result_is_red(t->result))
			say(&g->worse, "%s: new and %s%s%s", t->id, result_name(t->result),
			    t->reason ? ": " : "", t->reason ? t->reason : "");
		else
			say(&g->added, "%s: %s", t->id, result_name(t->result));
	}
	for (size_t i = 0; i < before->n_tests; i++)
		if (!run_test_find(after, before->tests[i].id))
			say(&g->removed, "%s: was %s", before->tests[i].id,
			    result_name(before->tests[i].result));
}

static const char *attach_word(const struct run_hook *h)
{
	if (!h->attachable)
		return "not attachable";
	return h->sleepable ? "attachable, also sleepable" : "attachable, not sleepable";
}

static void compare_hooks(struct gate *g, const struct run *before, const struct run *after)
{
	for (size_t i = 0; i < after->n_hooks; i++) {
		const struct run_hook *h = &after->hooks[i];
		const struct run_hook *old = run_hook_find(before, h->name);

		if (!old) {
			say(&g->hooks, "new hook %s (%s)", h->name, attach_word(h));
			continue;
		}
		if (strcmp(attach_word(old), attach_word(h)))
			say(&g->hooks, "hook %s: was %s, is %s", h->name, attach_word(old),
			    attach_word(h));
		if (strcmp(old->ret, h->ret))
			say(&g->hooks, "hook %s: returned %s, returns %s", h->name, old->ret,
			    h->ret);
	}
	for (size_t i = 0; i < before->n_hooks; i++)
		if (!run_hook_find(after, before->hooks[i].name))
			say(&g->hooks, "hook %s is gone", before->hooks[i].name);
}

void gate_compare(struct gate *g, const struct run *before, const struct run *after)
{
	*g = (struct gate){ 0 };
	compare_tests(g, before, after);
	compare_hooks(g, before, after);
}

void gate_apply(struct run *run, const struct run *before, const char *path)
{
	struct gate g;

	gate_compare(&g, before, run);
	free(run->baseline);
	strs_free(&run->worse);
	strs_free(&run->better);
	run->baseline = text_line(path, 4000);
	run->worse = g.worse;
	run->better = g.better;
	run->known = g.known;
	g.worse = g.better = (struct strs){ 0 };
	gate_free(&g);
}

void gate_free(struct gate *g)
{
	struct strs *const own[] = { &g->worse, &g->better,  &g->other,
				     &g->added, &g->removed, &g->hooks };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		strs_free(own[i]);
	*g = (struct gate){ 0 };
}
