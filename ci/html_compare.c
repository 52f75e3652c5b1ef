// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two kernels side by side. A reader wants to know what is new for who writes BPF LSM programs:
 * which hooks, which behaviour. Tests of hooks that only one of the kernels has say nothing beyond
 * the hook itself, and are counted only.
 */
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/gate.h"
#include "ci/html.h"
#include "ci/html_node.h"
#include "ci/text.h"

struct pair {
	const struct run *before, *after;
};

static const char *release(const struct run *run)
{
	return run->kernel_release ? run->kernel_release : "a kernel that did not boot";
}

static bool has_hook(const struct run *run, const char *name)
{
	const struct run_hook *h = run_hook_find(run, name);

	return h && h->attachable;
}

/* Whether @id is about a hook that takes programs on one side only. */
static bool told_by_hook(const struct pair *p, const char *id)
{
	char *hook;
	bool told;

	if (strncmp(id, "hook/", 5))
		return false;
	hook = xstrndup(id + 5, strcspn(id + 5, "/"));
	told = has_hook(p->before, hook) != has_hook(p->after, hook);
	free(hook);
	return told;
}

/* The kinds of change, in the order in which they are shown. A loss is another matter than a
 * failure: what is skipped now may only lack a device. */
enum section {
	SEC_WORSE,
	SEC_LOST,
	SEC_CAME,
	SEC_OTHER,
	SEC_GONE,
	SEC_BETTER,
	SEC_FOUND,
	SECTIONS
};

static const struct {
	const char *title, *lead;
	bool open;
} sections[SECTIONS] = {
	[SEC_WORSE] = { "Worse", NULL, true },
	[SEC_LOST] = { "Passed before, not shown now", "These are skipped; the reason says why.",
		       true },
	[SEC_CAME] = { "Known defects that are new", "They fail, and a waiver says so.", true },
	[SEC_OTHER] = { "Red in both, less so now", NULL, true },
	[SEC_GONE] = { "Known defects that are gone", "They failed before, as a waiver said.",
		       true },
	[SEC_BETTER] = { "Better", NULL, true },
	[SEC_FOUND] = { "Pass now, were not shown before", NULL, false },
};

/* SECTIONS: nothing to tell. */
static enum section section_of(const struct run_test *a, const struct run_test *b)
{
	static const enum section of[] = {
		[GATE_SAME] = SECTIONS,	  [GATE_WORSE] = SEC_WORSE, [GATE_BETTER] = SEC_BETTER,
		[GATE_OTHER] = SEC_OTHER, [GATE_CAME] = SEC_CAME,   [GATE_GONE] = SEC_GONE,
	};

	if (b->result == RESULT_SKIP && !result_is_red(a->result) && a->result != b->result)
		return SEC_LOST;
	if (a->result == RESULT_SKIP && b->result == RESULT_PASS)
		return SEC_FOUND;
	return of[gate_judge(a->result, b->result)];
}

struct changes {
	size_t n[SECTIONS];
	size_t by_hook;
};

static void count(struct changes *c, const struct pair *p)
{
	for (size_t i = 0; i < p->after->n_tests; i++) {
		const struct run_test *b = &p->after->tests[i], *a;
		enum section s;

		a = run_test_find(p->before, b->id);
		s = a ? section_of(a, b) : SECTIONS;
		if (s == SECTIONS)
			continue;
		if (told_by_hook(p, b->id))
			c->by_hook++;
		else
			c->n[s]++;
	}
}

static void banner(xmlNodePtr main, const struct pair *p, const struct changes *c)
{
	bool worse = c->n[SEC_WORSE];
	xmlNodePtr top = html_add(main, "header", worse ? "banner bad" : "banner good", NULL), q;

	q = html_add(top, "p", "what", "What changed for programs on LSM hooks, from ");
	html_add(q, "b", NULL, release(p->before));
	html_text(q, " to ");
	html_add(q, "b", NULL, release(p->after));
	html_add(top, "h1", NULL, worse ? "Worse" : "Nothing is worse");
	html_addf(
		top, "p", "why",
		"%zu behaviours worse, %zu better; %zu known defects gone, %zu new; %zu not shown "
		"any more, %zu shown for the first time",
		c->n[SEC_WORSE], c->n[SEC_BETTER], c->n[SEC_GONE], c->n[SEC_CAME], c->n[SEC_LOST],
		c->n[SEC_FOUND]);
}

static xmlNodePtr table(xmlNodePtr parent, const char *const *columns, size_t n)
{
	xmlNodePtr t = html_add(html_add(parent, "div", "scroll", NULL), "table", NULL, NULL);
	xmlNodePtr tr = html_add(html_add(t, "thead", NULL, NULL), "tr", NULL, NULL);

	for (size_t i = 0; i < n; i++)
		html_attr(html_add(tr, "th", NULL, columns[i]), "scope", "col");
	return html_add(t, "tbody", NULL, NULL);
}

static void numbers(xmlNodePtr main, const struct pair *p)
{
	static const char *const columns[] = { "kernel",    "with",  "hooks", "attachable",
					       "sleepable", "fired", "pass",  "red",
					       "known",	    "skip",  "suite" };
	const struct run *runs[] = { p->before, p->after };
	xmlNodePtr t = table(main, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		const struct run *run = runs[i];
		struct run_hook_counts h = run_count_hooks(run);
		size_t n[RESULT_COUNT], red = 0;
		xmlNodePtr tr = html_add(t, "tr", NULL, NULL);

		run_totals(run, n);
		for (int r = 0; r < RESULT_COUNT; r++)
			red += result_is_red(r) ? n[r] : 0;
		html_add(tr, "td", NULL, release(run));
		html_add(tr, "td", NULL, run->implementation);
		const size_t cells[] = { run->n_hooks,	  h.attachable,	  h.sleepable,
					 h.fire,	  n[RESULT_PASS], red,
					 n[RESULT_XFAIL], n[RESULT_SKIP] };

		for (size_t j = 0; j < ARRAY_SIZE(cells); j++)
			html_addf(tr, "td", "num", "%zu", cells[j]);
		html_addf(tr, "td", NULL, "%s %s", run->suite_version ? run->suite_version : "",
			  run->suite_commit ? run->suite_commit : "");
	}
}

static void hook_row(xmlNodePtr *t, xmlNodePtr main, const struct run_hook *a,
		     const struct run_hook *b)
{
	static const char *const columns[] = { "hook", "before", "after" };
	const char *was = a ? gate_attach_word(a) : "not there";
	const char *is = b ? gate_attach_word(b) : "not there";
	xmlNodePtr tr;

	if (!strcmp(was, is) && !strcmp(a->ret, b->ret))
		return;
	if (!*t) {
		html_add(main, "h2", NULL, "Hooks");
		*t = table(main, columns, ARRAY_SIZE(columns));
	}
	tr = html_add(*t, "tr", NULL, NULL);
	html_add(html_add(tr, "td", NULL, NULL), "code", NULL, a ? a->name : b->name);
	html_addf(tr, "td", NULL, "%s%s%s", was, a ? ", returns " : "", a ? a->ret : "");
	html_addf(tr, "td", NULL, "%s%s%s", is, b ? ", returns " : "", b ? b->ret : "");
}

static void hooks(xmlNodePtr main, const struct pair *p, const struct changes *c)
{
	xmlNodePtr t = NULL;

	for (size_t i = 0; i < p->after->n_hooks; i++)
		hook_row(&t, main, run_hook_find(p->before, p->after->hooks[i].name),
			 &p->after->hooks[i]);
	for (size_t i = 0; i < p->before->n_hooks; i++)
		if (!run_hook_find(p->after, p->before->hooks[i].name))
			hook_row(&t, main, &p->before->hooks[i], NULL);
	if (c->by_hook)
		html_addf(main, "p", "legend",
			  "%zu tests changed with the hooks that only one of the kernels has.",
			  c->by_hook);
}

static void test_row(xmlNodePtr t, const struct run_test *a, const struct run_test *b)
{
	xmlNodePtr tr = html_add(t, "tr", NULL, NULL), td;
	const char *why = b->reason && b->result != RESULT_PASS ? b->reason : a->reason;
	char *brief = why ? text_line(why, 240) : NULL;

	html_badge(html_add(tr, "td", NULL, NULL), a->result);
	html_badge(html_add(tr, "td", NULL, NULL), b->result);
	td = html_add(tr, "td", NULL, b->summary ? b->summary : a->summary);
	html_add(html_add(td, "p", "legend", NULL), "code", NULL, b->id);
	html_add(tr, "td", NULL, brief);
	free(brief);
}

static void section(xmlNodePtr main, const struct pair *p, const struct changes *c, enum section s)
{
	static const char *const columns[] = { "before", "after", "promise", "what was said" };
	char *title;
	xmlNodePtr box, t;

	if (!c->n[s])
		return;
	title = xasprintf("%s (%zu)", sections[s].title, c->n[s]);
	box = sections[s].open && c->n[s] <= 40 ? main : html_details(main, "fold", title, 0);
	if (box == main)
		html_add(main, "h2", NULL, title);
	if (sections[s].lead)
		html_add(box, "p", "legend", sections[s].lead);
	t = table(box, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < p->after->n_tests; i++) {
		const struct run_test *b = &p->after->tests[i];
		const struct run_test *a = run_test_find(p->before, b->id);

		if (a && section_of(a, b) == s && !told_by_hook(p, b->id))
			test_row(t, a, b);
	}
	free(title);
}

/* Tests that one of the suites did not have, or that were not chosen: neither good nor bad. */
static void one_side(xmlNodePtr main, const char *title, const struct run *has,
		     const struct run *lacks)
{
	xmlNodePtr ul = NULL;
	size_t n = 0;
	char *text;

	for (size_t i = 0; i < has->n_tests; i++)
		n += !run_test_find(lacks, has->tests[i].id);
	if (!n)
		return;
	text = xasprintf("%s (%zu)", title, n);
	ul = html_add(html_details(main, "fold", text, 0), "ul", "ids", NULL);
	for (size_t i = 0; i < has->n_tests; i++) {
		const struct run_test *t = &has->tests[i];
		xmlNodePtr li;

		if (run_test_find(lacks, t->id))
			continue;
		li = html_add(ul, "li", NULL, NULL);
		html_badge(li, t->result);
		html_text(li, " ");
		html_add(li, "code", NULL, t->id);
	}
	free(text);
}

char *html_compare(const struct run *before, const struct run *after, const struct strs *costs,
		   size_t *len)
{
	const struct pair p = { before, after };
	struct changes c = { 0 };
	char *title = xasprintf("%s to %s", release(before), release(after));
	xmlNodePtr main = html_page(title);

	free(title);
	count(&c, &p);
	banner(main, &p, &c);
	numbers(main, &p);
	for (int s = 0; s <= SEC_OTHER; s++)
		section(main, &p, &c, s);
	hooks(main, &p, &c);
	for (int s = SEC_OTHER + 1; s < SECTIONS; s++)
		section(main, &p, &c, s);
	/* between two releases of the kernel nearly every program differs */
	html_fold(main, "Cost", costs, 0);
	one_side(main, "Tests that only the run after has", after, before);
	one_side(main, "Tests that only the run before has", before, after);
	return html_dump(main, len);
}
