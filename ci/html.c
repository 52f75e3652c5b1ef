// SPDX-License-Identifier: GPL-2.0-only
#include "ci/html.h"

#include <libxml/HTMLtree.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/html_node.h"
#include "ci/report.h"
#include "ci/verdict.h"

#define X(s) ((const xmlChar *)(s))

static const char *const glyphs[RESULT_COUNT] = {
	[RESULT_PASS] = "✓",  [RESULT_FAIL] = "✗",    [RESULT_SKIP] = "–",  [RESULT_XFAIL] = "x",
	[RESULT_XPASS] = "!", [RESULT_TIMEOUT] = "T", [RESULT_CRASH] = "C", [RESULT_BROKEN] = "?",
};

const char *html_glyph(enum result r)
{
	return glyphs[r];
}

void html_badge(xmlNodePtr parent, enum result r)
{
	char *class = xasprintf("badge r-%s", result_name(r));
	xmlNodePtr badge = html_add(parent, "span", class, NULL);

	html_add(badge, "span", "glyph", html_glyph(r));
	html_text(badge, " ");
	html_text(badge, result_name(r));
	free(class);
}

xmlNodePtr html_page(const char *title)
{
	xmlDocPtr doc = htmlNewDocNoDtD(NULL, NULL);
	xmlNodePtr html = xmlNewDocNode(doc, NULL, X("html"), NULL), h, meta;

	xmlCreateIntSubset(doc, X("html"), NULL, NULL);
	xmlDocSetRootElement(doc, html);
	html_attr(html, "lang", "en");
	h = html_add(html, "head", NULL, NULL);
	meta = html_add(h, "meta", NULL, NULL);
	html_attr(meta, "charset", "utf-8");
	meta = html_add(h, "meta", NULL, NULL);
	html_attr(meta, "name", "viewport");
	html_attr(meta, "content", "width=device-width, initial-scale=1");
	html_add(h, "title", NULL, title);
	html_add(h, "style", NULL, html_style);
	return html_add(html_add(html, "body", NULL, NULL), "main", NULL, NULL);
}

char *html_dump(xmlNodePtr main, size_t *len)
{
	xmlDocPtr doc = main->doc;
	xmlChar *mem = NULL;
	int size = 0;
	char *out;

	htmlDocDumpMemoryFormat(doc, &mem, &size, 1);
	*len = (size_t)size;
	out = xcalloc(*len + 1, 1);
	memcpy(out, mem, *len);
	xmlFree(mem);
	xmlFreeDoc(doc);
	return out;
}

/* Green, red, or the colour of things that could not be judged. */
static const char *mood(const struct verdict *v)
{
	if (!v->code)
		return "good";
	return v->code == 4 || v->code == 5 ? "unknown" : "bad";
}

static void banner(xmlNodePtr body, const struct run *run, const struct verdict *v)
{
	char *class = xasprintf("banner %s", mood(v));
	xmlNodePtr top = html_add(body, "header", class, NULL), p;

	p = html_add(top, "p", "what", NULL);
	html_add(p, "b", NULL, run->kernel_name ? run->kernel_name : "unknown kernel");
	html_text(p, " held against the promises of BPF LSM with ");
	html_add(p, "b", NULL, run->implementation ? run->implementation : "no implementation");
	html_add(top, "h1", NULL, v->word);
	html_add(top, "p", "why", v->text);
	p = html_add(top, "p", "brief", run->kernel_release ? run->kernel_release : "no release");
	html_addf(p, "span", NULL, "%s%s", " · ", run->accel ? run->accel : "never started");
	html_addf(p, "span", NULL, " · %.1f s", run->seconds);
	html_addf(p, "span", NULL, " · %zu boot%s", run->n_boots, run->n_boots == 1 ? "" : "s");
	if (run->started)
		html_addf(p, "span", NULL, " · %s", run->started);
	if (run->cut)
		html_add(top, "p", "why", "Not everything that was planned was run.");
	free(class);
}

static void tiles(xmlNodePtr body, const struct run *run)
{
	xmlNodePtr bar, row = html_add(body, "div", "tiles", NULL);
	size_t n[RESULT_COUNT];

	run_totals(run, n);
	bar = html_add(body, "div", "bar", NULL);
	html_attr(bar, "aria-hidden", "true");
	for (int i = 0; i < RESULT_COUNT; i++) {
		char *class, *grow;
		xmlNodePtr tile;

		if (!n[i] && i != RESULT_PASS && i != RESULT_FAIL && i != RESULT_SKIP)
			continue;
		class = xasprintf("tile r-%s%s", result_name(i), n[i] ? "" : " none");
		tile = html_add(row, "div", class, NULL);
		html_addf(tile, "span", "n", "%zu", n[i]);
		html_addf(tile, "span", "l", "%s %s", html_glyph(i), result_name(i));
		free(class);
		if (!n[i])
			continue;
		class = xasprintf("r-%s", result_name(i));
		grow = xasprintf("flex-grow:%zu", n[i]);
		html_attr(html_add(bar, "span", class, NULL), "style", grow);
		free(class);
		free(grow);
	}
}

static void fact(xmlNodePtr dl, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	html_add(dl, "dt", NULL, name);
	html_add(dl, "dd", NULL, value);
}

static void facts(xmlNodePtr body, const struct run *run)
{
	xmlNodePtr dl;
	char *took = xasprintf("%.1f s from the first start of QEMU, %zu boot%s", run->seconds,
			       run->n_boots, run->n_boots == 1 ? "" : "s");
	char *suite = xasprintf("%s%s%s%s", run->suite_version ? run->suite_version : "unknown",
				run->suite_commit ? ", commit " : "",
				run->suite_commit ? run->suite_commit : "",
				run->suite_dirty ? ", from a changed tree" : "");
	char *impl = xasprintf("%s %s", run->implementation ? run->implementation : "none",
			       run->impl_version ? run->impl_version : "");
	char *seed = xasprintf("%lld", run->seed), *again = run_command(run, NULL);

	html_add(body, "h2", NULL, "What was run");
	dl = html_add(body, "dl", "facts", NULL);
	fact(dl, "kernel", run->kernel_release);
	fact(dl, "build", run->kernel_version);
	fact(dl, "package", run->kernel_package);
	fact(dl, "image SHA-256", run->kernel_sha256);
	fact(dl, "command line", run->kernel_cmdline);
	fact(dl, "active LSMs", run->lsm);
	fact(dl, "implementation", impl);
	fact(dl, "suite", suite);
	fact(dl, "accelerator", run->accel_why ? run->accel_why : run->accel);
	fact(dl, "took", took);
	fact(dl, "started", run->started);
	fact(dl, "seed", seed);
	fact(dl, "baseline", run->baseline);
	html_add(dl, "dt", NULL, "run it again");
	html_add(html_add(dl, "dd", NULL, NULL), "code", "command", again);
	free(took);
	free(suite);
	free(impl);
	free(seed);
	free(again);
}

static void changes(xmlNodePtr body, const char *title, const struct strs *lines)
{
	xmlNodePtr ul;

	if (!lines->n)
		return;
	html_add(body, "h2", NULL, title);
	ul = html_add(body, "ul", "lines", NULL);
	for (size_t i = 0; i < lines->n; i++)
		html_add(ul, "li", NULL, lines->v[i]);
}

char *report_html(const struct run *run, size_t *len)
{
	struct verdict v;
	xmlNodePtr main;
	char *title;

	verdict_of(&v, run);
	title = xasprintf("%s: %s with %s", v.word, run->kernel_name ? run->kernel_name : "kernel",
			  run->implementation ? run->implementation : "?");
	main = html_page(title);
	banner(main, run, &v);
	tiles(main, run);
	changes(main, "Worse than the baseline", &run->worse);
	html_failures(main, run);
	changes(main, "Waivers that nobody may rely on", &run->stale);
	changes(main, "Better than the baseline", &run->better);
	changes(main, "Hooks that are not as in the baseline", &run->changes);
	html_fold(main, "Cost, against the baseline", &run->costs, 20);
	facts(main, run);
	html_hooks(main, run);
	html_rest(main, run);
	free(title);
	verdict_free(&v);
	return html_dump(main, len);
}
