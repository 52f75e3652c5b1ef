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

enum gate_kind gate_judge(enum result before, enum result after)
{
	int ra = rank(before), rb = rank(after);

	if (before != after && ra == rb)
		return after == RESULT_XFAIL ? GATE_CAME : GATE_GONE;
	if (before == RESULT_SKIP && after == RESULT_XFAIL)
		return GATE_CAME;
	if (ra == rb)
		return GATE_SAME;
	if (rb > ra)
		return GATE_WORSE;
	return result_is_red(after) ? GATE_OTHER : GATE_BETTER;
}

static void compare_test(struct gate *g, const struct run_test *a, const struct run_test *b)
{
	struct strs *const lines[] = {
		[GATE_WORSE] = &g->worse,  [GATE_BETTER] = &g->better, [GATE_OTHER] = &g->other,
		[GATE_CAME] = &g->defects, [GATE_GONE] = &g->defects,
	};
	const char *from = result_name(a->result), *to = result_name(b->result);
	enum gate_kind kind = gate_judge(a->result, b->result);
	const char *why = kind == GATE_WORSE || kind == GATE_CAME ? b->reason
			  : kind == GATE_GONE			  ? a->reason
								  : NULL;

	/* as red as before, or less: allowed, and counted */
	if (result_is_red(b->result) && kind != GATE_WORSE)
		g->known++;
	if (kind != GATE_SAME)
		say(lines[kind], "%s: %s -> %s%s%s", b->id, from, to, why ? ": " : "",
		    why ? why : "");
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

const char *gate_attach_word(const struct run_hook *h)
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
			say(&g->hooks, "new hook %s (%s)", h->name, gate_attach_word(h));
			continue;
		}
		if (strcmp(gate_attach_word(old), gate_attach_word(h)))
			say(&g->hooks, "hook %s: was %s, is %s", h->name, gate_attach_word(old),
			    gate_attach_word(h));
		if (strcmp(old->ret, h->ret))
			say(&g->hooks, "hook %s: returned %s, returns %s", h->name, old->ret,
			    h->ret);
	}
	for (size_t i = 0; i < before->n_hooks; i++)
		if (!run_hook_find(after, before->hooks[i].name))
			say(&g->hooks, "hook %s is gone", before->hooks[i].name);
}

/* Returns what cost_compare() does. */
static size_t compare(struct gate *g, const struct run *before, const struct run *after,
		      double cost)
{
	*g = (struct gate){ 0 };
	compare_tests(g, before, after);
	compare_hooks(g, before, after);
	return cost_compare(&g->costs, before, after, cost);
}

void gate_compare(struct gate *g, const struct run *before, const struct run *after)
{
	compare(g, before, after, COST_NO_LIMIT);
}

void gate_apply(struct run *run, const struct cost_side *before, const char *own, double cost)
{
	const struct cost_side after = { run, own };
	struct gate g;

	run->dearer = compare(&g, before->run, run, cost);
	if (own)
		run->dearer += cost_figures(&g.costs, before, &after, cost);
	if (cost < 0)
		run->dearer = 0;
	free(run->baseline);
	strs_free(&run->worse);
	strs_free(&run->better);
	strs_free(&run->changes);
	strs_free(&run->costs);
	run->baseline = text_line(before->results, 4000);
	run->worse = g.worse;
	run->better = g.better;
	run->known = g.known;
	run->changes = g.hooks;
	run->costs = g.costs;
	g.worse = g.better = g.hooks = g.costs = (struct strs){ 0 };
	gate_free(&g);
}

void gate_free(struct gate *g)
{
	struct strs *const own[] = { &g->worse,	  &g->better, &g->other,   &g->added,
				     &g->removed, &g->hooks,  &g->defects, &g->costs };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		strs_free(own[i]);
	*g = (struct gate){ 0 };
}
