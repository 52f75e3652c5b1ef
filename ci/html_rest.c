// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/html.h"
#include "ci/html_node.h"

static const char *why(const struct run_test *t)
{
	return t->reason ? t->reason : "no reason given";
}

/* Many tests are skipped for the same reason: a reader wants the reasons. */
static void skips(xmlNodePtr body, const struct run *run)
{
	struct strs reasons = { 0 };
	xmlNodePtr box = NULL;
	size_t n = 0;
	char *title;

	for (size_t i = 0; i < run->n_tests; i++) {
		const struct run_test *t = &run->tests[i];

		if (t->result != RESULT_SKIP)
			continue;
		n++;
		if (!strs_has(&reasons, why(t)))
			strs_add(&reasons, why(t));
	}
	if (n) {
		title = xasprintf("%zu skipped, and why", n);
		box = html_details(body, "fold", title, 0);
		free(title);
	}
	strs_sort(&reasons);
	for (size_t r = 0; r < reasons.n; r++) {
		xmlNodePtr ul;

		html_add(box, "h4", NULL, reasons.v[r]);
		ul = html_add(box, "ul", "ids", NULL);
		for (size_t i = 0; i < run->n_tests; i++)
			if (run->tests[i].result == RESULT_SKIP &&
			    !strcmp(why(&run->tests[i]), reasons.v[r]))
				html_add(html_add(ul, "li", NULL, NULL), "code", NULL,
					 run->tests[i].id);
	}
	strs_free(&reasons);
}

static xmlNodePtr table(xmlNodePtr parent, const char *const *columns, size_t n)
{
	xmlNodePtr t = html_add(html_add(parent, "div", "scroll", NULL), "table", NULL, NULL);
	xmlNodePtr tr = html_add(html_add(t, "thead", NULL, NULL), "tr", NULL, NULL);

	for (size_t i = 0; i < n; i++)
		html_attr(html_add(tr, "th", NULL, columns[i]), "scope", "col");
	return html_add(t, "tbody", NULL, NULL);
}

static void all_tests(xmlNodePtr body, const struct run *run)
{
	static const char *const columns[] = { "result", "test", "what it holds the kernel to",
					       "seconds" };
	char *title = xasprintf("All %zu tests", run->n_tests);
	xmlNodePtr t = table(html_details(body, "fold", title, 0), columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < run->n_tests; i++) {
		const struct run_test *test = &run->tests[i];
		xmlNodePtr tr = html_add(t, "tr", NULL, NULL);

		html_badge(html_add(tr, "td", NULL, NULL), test->result);
		html_add(html_add(tr, "td", NULL, NULL), "code", NULL, test->id);
		html_add(tr, "td", NULL, test->summary);
		html_addf(tr, "td", "num", "%.3f", test->seconds);
	}
	free(title);
}

static void boots(xmlNodePtr body, const struct run *run)
{
	static const char *const columns[] = { "boot",	  "end",   "how", "init after",
					       "seconds", "tests", "LSMs" };
	char *title = xasprintf("%zu boot%s", run->n_boots, run->n_boots == 1 ? "" : "s");
	xmlNodePtr t = table(html_details(body, "fold", title, 0), columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < run->n_boots; i++) {
		const struct run_boot *b = &run->boots[i];
		xmlNodePtr tr = html_add(t, "tr", NULL, NULL), how;

		html_addf(tr, "td", "num", "%zu", i + 1);
		html_add(tr, "td", NULL, b->outcome);
		how = html_add(tr, "td", NULL, b->reason);
		if (b->test) {
			html_text(how, " in ");
			html_add(how, "code", NULL, b->test);
		}
		if (b->first_failure)
			html_addf(how, "p", NULL, "It was the second try; the first: %s",
				  b->first_failure);
		if (b->warm)
			html_add(tr, "td", "num", "warm");
		else if (b->init_seconds < 0)
			html_add(tr, "td", "num", "never");
		else
			html_addf(tr, "td", "num", "%.1f s", b->init_seconds);
		html_addf(tr, "td", "num", "%.1f", b->seconds);
		html_addf(tr, "td", "num", "%zu", b->tests);
		how = html_add(tr, "td", NULL, b->lsm);
		if (b->recorded)
			html_addf(how, "p", NULL, "%zu outcomes recorded", b->recorded);
		if (b->against)
			html_addf(how, "p", NULL, "compared with boot %d", b->against);
	}
	free(title);
}

static void notes(xmlNodePtr body, const struct run *run)
{
	xmlNodePtr box, ul;
	char *title;

	if (!run->notes.n)
		return;
	title = xasprintf("%zu note%s of the guest", run->notes.n, run->notes.n == 1 ? "" : "s");
	box = html_details(body, "fold", title, 0);
	ul = html_add(box, "ul", "lines", NULL);
	for (size_t i = 0; i < run->notes.n; i++)
		html_add(ul, "li", NULL, run->notes.v[i]);
	free(title);
}

void html_rest(xmlNodePtr body, const struct run *run)
{
	html_add(body, "h2", NULL, "The rest");
	skips(body, run);
	if (run->n_tests)
		all_tests(body, run);
	if (run->n_boots)
		boots(body, run);
	notes(body, run);
}
