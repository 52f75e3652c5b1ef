// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/html.h"
#include "ci/html_node.h"
#include "ci/verdict.h"

/* A kernel that fails everything fails for one reason: the first cards tell it. */
#define MOST_OPEN 20

static void requirements(xmlNodePtr card, const struct run *run, const struct run_test *t)
{
	for (size_t i = 0; i < t->requirements.n; i++) {
		const char *id = t->requirements.v[i];
		const struct run_requirement *q = run_requirement_find(run, id);
		xmlNodePtr p = html_add(card, "blockquote", NULL, NULL);

		html_add(p, "b", NULL, id);
		html_text(p, " ");
		if (q && q->level)
			html_add(p, "span", "level", q->level);
		html_text(p, " ");
		html_text(p, q && q->text ? q->text : "(text not known)");
		if (q && q->source)
			html_addf(p, "cite", NULL, " — %s", q->source);
	}
}

static void outcome(xmlNodePtr dl, const char *name, const char *class, const char *value)
{
	if (!value || !*value)
		return;
	html_add(dl, "dt", NULL, name);
	html_add(dl, "dd", class, value);
}

/* A line of the console that names the accident stands out from those around it. */
static void console(xmlNodePtr parent, const char *title, const char *text)
{
	xmlNodePtr pre = html_add(parent, "pre", "console", NULL);
	size_t len = title ? strlen(title) : 0;

	for (const char *p = text; *p;) {
		const char *nl = strchrnul(p, '\n');
		char *line = xasprintf("%.*s\n", (int)(nl - p), p);

		if (len && !strncmp(line, title, len))
			html_add(pre, "mark", NULL, line);
		else
			html_text(pre, line);
		free(line);
		p = *nl ? nl + 1 : nl;
	}
}

static void excerpts(xmlNodePtr card, const struct run *run, const struct run_test *t)
{
	bool told = false;

	for (size_t i = 0; i < run->n_splats; i++) {
		const struct run_splat *s = &run->splats[i];

		if (!s->test || strcmp(s->test, t->id))
			continue;
		html_addf(card, "h4", NULL, "Console: %s", s->title);
		console(card, s->title, s->text);
		told = true;
	}
	/* A hang says nothing; then the last words before it are all there is. */
	if (told || t->boot < 0 || (size_t)t->boot >= run->n_boots)
		return;
	if (run->boots[t->boot].test && !strcmp(run->boots[t->boot].test, t->id) &&
	    run->boots[t->boot].tail) {
		html_add(card, "h4", NULL, "Console: the last lines");
		console(card, NULL, run->boots[t->boot].tail);
	}
}

static void card(xmlNodePtr body, const struct run *run, const struct run_test *t, bool open)
{
	char *class = xasprintf("card r-%s", result_name(t->result));
	xmlNodePtr box = html_add(body, "details", class, NULL), top, dl;
	char *again = run_command(run, t->id);

	html_attr(box, "id", t->id);
	if (open)
		html_attr(box, "open", "open");
	top = html_add(box, "summary", NULL, NULL);
	html_badge(top, t->result);
	html_text(top, " ");
	html_add(top, "code", "id", t->id);
	html_add(box, "p", "summary", t->summary);
	requirements(box, run, t);
	dl = html_add(box, "dl", "outcome", NULL);
	outcome(dl, "expected", "expected", t->expected);
	outcome(dl, "got", "got", t->got);
	outcome(dl, "reason", NULL, t->reason);
	outcome(dl, "second try", NULL, t->retried ? result_name(t->second) : NULL);
	html_add(dl, "dt", NULL, "again");
	html_add(html_add(dl, "dd", NULL, NULL), "code", "command", again);
	excerpts(box, run, t);
	free(again);
	free(class);
}

static void run_itself(xmlNodePtr body, const struct run *run)
{
	xmlNodePtr ul;

	if (!run->faults.n)
		return;
	html_add(body, "h2", NULL, "The run itself went wrong");
	ul = html_add(body, "ul", "lines", NULL);
	for (size_t i = 0; i < run->faults.n; i++)
		html_add(ul, "li", NULL, run->faults.v[i]);
}

static void could_not_judge(xmlNodePtr body, const struct run *run)
{
	if (run->stop == RUN_GOES_ON)
		return;
	html_add(body, "h2", NULL, "The kernel could not be judged");
	for (size_t i = 0; i < run->n_boots; i++) {
		if (!run->boots[i].tail)
			continue;
		html_addf(body, "h4", NULL, "Console of boot %zu: the last lines", i + 1);
		console(body, NULL, run->boots[i].tail);
	}
}

/* Those that belong to a test are shown with it. */
static bool shown_with_test(const struct run *run, const struct run_splat *s)
{
	const struct run_test *t = s->test ? run_test_find(run, s->test) : NULL;

	return t && result_is_red(t->result);
}

static void complaints(xmlNodePtr body, const struct run *run)
{
	bool any = false;

	for (size_t i = 0; i < run->n_splats; i++) {
		const struct run_splat *s = &run->splats[i];
		xmlNodePtr box;
		char *title;

		if (shown_with_test(run, s))
			continue;
		if (!any)
			html_add(body, "h2", NULL, "Complaints of the kernel");
		any = true;
		title = xasprintf("%s: %s%s%s%s", s->kind, s->title,
				  s->test ? ", while this ran: " : "", s->test ? s->test : "",
				  s->before_init ? ", while the kernel booted" : "");
		box = html_details(body, "fold", title, verdict_splat_is_red(s));
		console(box, s->title, s->text);
		free(title);
	}
}

static size_t cards(xmlNodePtr body, const struct run *run, enum result r, size_t shown)
{
	for (size_t i = 0; i < run->n_tests; i++) {
		if (run->tests[i].result != r)
			continue;
		if (!shown)
			html_add(body, "h2", NULL, "What failed");
		card(body, run, &run->tests[i], shown++ < MOST_OPEN);
	}
	return shown;
}

void html_failures(xmlNodePtr body, const struct run *run)
{
	/* What a reader has to act on first. */
	static const enum result order[] = { RESULT_CRASH, RESULT_TIMEOUT, RESULT_FAIL,
					     RESULT_XPASS, RESULT_BROKEN };
	size_t shown = 0;

	could_not_judge(body, run);
	run_itself(body, run);
	/* Without a boot they all fail alike, and the reason has been given. */
	for (size_t i = 0; i < ARRAY_SIZE(order) && run->stop == RUN_GOES_ON; i++)
		shown = cards(body, run, order[i], shown);
	complaints(body, run);
}
