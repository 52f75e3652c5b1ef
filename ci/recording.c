// SPDX-License-Identifier: GPL-2.0-only
#include "ci/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/text.h"

/* Printable ASCII that neither starts nor ends a line of its own. */
static bool value_ok(const char *value)
{
	size_t len = strlen(value);

	if (!len || len > RECORDING_VALUE_MAX)
		return false;
	for (const char *c = value; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return true;
}

/* Where the name is, or belongs. */
static size_t place(const struct recording *r, const char *name)
{
	size_t lo = 0, hi = r->n_item;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(r->item[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const char *recording_add(struct recording *r, const char *name, const char *value)
{
	size_t at;

	if (!text_id_ok(name) || strlen(name) > RECORDING_NAME_MAX)
		return "its name is not well-formed";
	if (!value_ok(value))
		return "its value is empty, too long, or not printable";
	if (r->n_item == RECORDING_MAX)
		return "there are too many";
	at = place(r, name);
	if (at < r->n_item && !strcmp(r->item[at].name, name))
		return "it came twice";
	ARRAY_PUSH(r, item);
	memmove(&r->item[at + 1], &r->item[at], (r->n_item - 1 - at) * sizeof(*r->item));
	r->item[at] = (struct recorded){ xstrdup(name), xstrdup(value) };
	return NULL;
}

char *recording_text(const struct recording *r, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		abort();
	for (size_t i = 0; i < r->n_item; i++)
		fprintf(f, "%s %s\n", r->item[i].name, r->item[i].value);
	if (fclose(f))
		abort();
	return text;
}

void recording_free(struct recording *r)
{
	for (size_t i = 0; i < r->n_item; i++) {
		free(r->item[i].name);
		free(r->item[i].value);
	}
	free(r->item);
	*r = (struct recording){ 0 };
}
