/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the HTML report; report_html() in html.c puts them together. */
#ifndef CI_HTML_H
#define CI_HTML_H

#include <libxml/tree.h>

#include "ci/run.h"

/** The style sheet, embedded from ci/report.css; ends in a NUL. */
extern const char html_style[];

/** The <main> of a new page. */
xmlNodePtr html_page(const char *title);

/** The page that @main is of, as text; frees the page. Free the text with free(). */
char *html_dump(xmlNodePtr main, size_t *len);

/**
 * What changed from one run to another, for a reader with a minute; as a whole page. @costs: the
 * lines of cost.h.
 */
char *html_compare(const struct run *before, const struct run *after, const struct strs *costs,
		   size_t *len);

/** What went wrong: the run itself, boots that died, complaints, then each red test. */
void html_failures(xmlNodePtr body, const struct run *run);

/** The grid of hooks and semantics. */
void html_hooks(xmlNodePtr body, const struct run *run);

/** Folded at the end: skips by reason, all tests, boots, notes. */
void html_rest(xmlNodePtr body, const struct run *run);

/** A coloured label that names a result. */
void html_badge(xmlNodePtr parent, enum result r);

/** One character for a result; with its colour and its title it can be told without colours. */
const char *html_glyph(enum result r);

#endif
