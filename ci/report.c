// SPDX-License-Identifier: GPL-2.0-only
#include "ci/report.h"

#include <string.h>

#include "ci/results.h"

const struct report reports[] = {
	{ "html", "report.html", report_html },	    { "junit", "junit.xml", report_junit },
	{ "ktap", "results.ktap", report_ktap },    { "text", NULL, report_text },
	{ "json", "results.json", results_format }, { NULL, NULL, NULL },
};

const struct report *report_find(const char *name)
{
	for (const struct report *r = reports; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}
