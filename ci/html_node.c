// SPDX-License-Identifier: GPL-2.0-only
#include "ci/html_node.h"

#include <stdarg.h>
#include <stdlib.h>

#include "ci/text.h"

#define X(s) ((const xmlChar *)(s))

xmlNodePtr html_add(xmlNodePtr parent, const char *tag, const char *class, const char *text)
{
	xmlNodePtr node = xmlAddChild(parent, xmlNewDocNode(parent->doc, NULL, X(tag), NULL));

	if (class)
		html_attr(node, "class", class);
	html_text(node, text);
	return node;
}

xmlNodePtr html_addf(xmlNodePtr parent, const char *tag, const char *class, const char *fmt, ...)
{
	xmlNodePtr node;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = text_vprintf(fmt, ap);
	va_end(ap);
	node = html_add(parent, tag, class, text);
	free(text);
	return node;
}

void html_text(xmlNodePtr node, const char *text)
{
	if (text)
		xmlAddChild(node, xmlNewDocText(node->doc, X(text)));
}

void html_attr(xmlNodePtr node, const char *name, const char *value)
{
	xmlNewProp(node, X(name), X(value));
}

xmlNodePtr html_details(xmlNodePtr parent, const char *class, const char *summary, int open)
{
	xmlNodePtr node = html_add(parent, "details", class, NULL);

	if (open)
		html_attr(node, "open", "open");
	html_add(node, "summary", NULL, summary);
	return node;
}

void html_fold(xmlNodePtr parent, const char *title, const struct strs *lines, size_t most)
{
	char *summary = xasprintf("%s (%zu)", title, lines->n);
	xmlNodePtr ul;

	if (lines->n) {
		ul = html_add(html_details(parent, "fold", summary, lines->n <= most), "ul",
			      "lines", NULL);
		for (size_t i = 0; i < lines->n; i++)
			html_add(ul, "li", NULL, lines->v[i]);
	}
	free(summary);
}
