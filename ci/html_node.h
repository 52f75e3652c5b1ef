/* SPDX-License-Identifier: GPL-2.0-only */
/* Building an HTML tree in a few words. Escaping is libxml2's: text goes in as it is. */
#ifndef CI_HTML_NODE_H
#define CI_HTML_NODE_H

#include <libxml/tree.h>

#include "vm-images/mem.h"

/** A new last child of @parent; @class and @text may be NULL. Owned by the document. */
xmlNodePtr html_add(xmlNodePtr parent, const char *tag, const char *class, const char *text);

/** html_add() with formatted text. */
xmlNodePtr html_addf(xmlNodePtr parent, const char *tag, const char *class, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** More text at the end of @node; NULL is nothing. */
void html_text(xmlNodePtr node, const char *text);

/** Sets an attribute. */
void html_attr(xmlNodePtr node, const char *name, const char *value);

/** A <details> whose <summary> is @summary; @open: unfolded at first. */
xmlNodePtr html_details(xmlNodePtr parent, const char *class, const char *summary, int open);

/** @lines as a list in a <details> that is called @title, with their number; nothing if there is
 * none. @most: it is unfolded at first if they are not more. */
void html_fold(xmlNodePtr parent, const char *title, const struct strs *lines, size_t most);

#endif
