// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/html.h"
#include "ci/html_node.h"

static void yes_no(xmlNodePtr tr, bool yes, const char *title)
{
	xmlNodePtr td = html_add(tr, "td", yes ? "yes" : "no", yes ? "●" : "·");

	html_attr(td, "title", title);
}

static void link_to_card(xmlNodePtr td, const char *hook, const char *sem, const char *text)
{
	char *href = xasprintf("#hook/%s/%s", hook, sem);

	html_attr(html_add(td, "a", NULL, text), "href", href);
	free(href);
}

static void cell(xmlNodePtr tr, const struct run *run, const struct run_hook *h, const char *sem)
{
	enum result r;
	char *class, *title;
	xmlNodePtr td;

	if (run_hook_result(run, h->name, sem, &r)) {
		html_add(tr, "td", "no", NULL);
		return;
	}
	class = xasprintf("r-%s", result_name(r));
	title = xasprintf("%s %s: %s", h->name, sem, result_name(r));
	td = html_add(tr, "td", class, NULL);
	html_attr(td, "title", title);
	if (result_is_red(r) && run->stop == RUN_GOES_ON)
		link_to_card(td, h->name, sem, html_glyph(r));
	else
		html_text(td, html_glyph(r));
	free(class);
	free(title);
}

static bool row_is_red(const struct run *run, const struct run_hook *h, const struct strs *sems)
{
	enum result r;

	for (size_t i = 0; i < sems->n; i++)
		if (!run_hook_result(run, h->name, sems->v[i], &r) && result_is_red(r))
			return true;
	return run->strict && h->attachable && !h->covered;
}

static void row(xmlNodePtr body, const struct run *run, const struct run_hook *h,
		const struct strs *sems)
{
	xmlNodePtr tr = html_add(body, "tr", row_is_red(run, h, sems) ? "red" : NULL, NULL);
	xmlNodePtr th = html_add(tr, "th", NULL, NULL);

	html_attr(th, "scope", "row");
	html_add(th, "code", NULL, h->name);
	if (h->attachable && !h->covered)
		html_add(th, "span", "flag", "uncovered");
	if (h->attachable && h->unreachable)
		html_add(th, "span", "flag", "unreachable");
	if (h->attachable && h->untriggered)
		html_add(th, "span", "flag", "not yet triggered");
	html_add(tr, "td", "ret", h->ret);
	yes_no(tr, h->attachable, h->attachable ? "attachable" : "not attachable");
	yes_no(tr, h->sleepable, h->sleepable ? "sleepable" : "not sleepable");
	for (size_t i = 0; i < sems->n; i++)
		cell(tr, run, h, sems->v[i]);
}

static void legend(xmlNodePtr body)
{
	xmlNodePtr p = html_add(body, "p", "legend", NULL);

	for (int i = 0; i < RESULT_COUNT; i++) {
		html_badge(p, i);
		html_text(p, " ");
	}
	html_text(p, "· no, or no such test");
}

static void header(xmlNodePtr table, const struct strs *sems)
{
	static const char *const fixed[] = { "hook", "returns", "attach", "sleep" };
	xmlNodePtr tr = html_add(html_add(table, "thead", NULL, NULL), "tr", NULL, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		html_attr(html_add(tr, "th", NULL, fixed[i]), "scope", "col");
	for (size_t i = 0; i < sems->n; i++)
		html_attr(html_add(tr, "th", NULL, sems->v[i]), "scope", "col");
}

static void counts(xmlNodePtr body, const struct run *run, const struct strs *sems)
{
	struct run_hook_counts n = run_count_hooks(run);
	xmlNodePtr p;

	p = html_addf(body, "p", "lead",
		      "%zu hooks in this kernel, %zu attachable, %zu of them also for sleepable "
		      "programs. Of the attachable, %zu are proven unreachable, %zu not yet "
		      "triggered, and %zu without an entry in the catalogue.",
		      run->n_hooks, n.attachable, n.sleepable, n.unreachable, n.untriggered,
		      n.uncovered);
	for (size_t i = 0; i < sems->n; i++) {
		size_t passed = 0;
		enum result r;

		for (size_t j = 0; j < run->n_hooks; j++)
			passed += !run_hook_result(run, run->hooks[j].name, sems->v[i], &r) &&
				  r == RESULT_PASS;
		html_text(p, i ? ", " : " Shown good: ");
		html_addf(p, "span", NULL, "%s on %zu", sems->v[i], passed);
	}
	if (sems->n)
		html_text(p, ".");
}

void html_hooks(xmlNodePtr body, const struct run *run)
{
	struct strs sems = { 0 };
	xmlNodePtr table, tbody;

	if (!run->n_hooks)
		return;
	run_semantics(run, &sems);
	html_add(body, "h2", NULL, "Hooks");
	counts(body, run, &sems);
	legend(body);
	table = html_add(html_add(body, "div", "scroll", NULL), "table", "hooks", NULL);
	header(table, &sems);
	tbody = html_add(table, "tbody", NULL, NULL);
	for (size_t i = 0; i < run->n_hooks; i++)
		row(tbody, run, &run->hooks[i], &sems);
	strs_free(&sems);
}
