// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/neutral/recording.h"

/* More than the workload has: something else was handed over. */
#define MOST_OUTCOMES 10000
#define MOST_BYTES    (4 << 20)
/* As many names as a test can tell the host. */
#define MOST_NAMES 120

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct outcome *)a)->name, ((const struct outcome *)b)->name);
}

/* One line, without its newline. Returns what is wrong with it, or NULL. */
static const char *parse_line(struct outcome *outcome, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	size_t name = space ? (size_t)(space - line) : 0;

	if (!name || name + 1 == len)
		return "no name, space and value";
	if (name >= sizeof(outcome->name) || len - name - 1 >= sizeof(outcome->value))
		return "too long";
	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			return "not printable text";
	memcpy(outcome->name, line, name);
	memcpy(outcome->value, space + 1, len - name - 1);
	return NULL;
}

static int add_line(struct recording *recording, const char *line, size_t len, char *why,
		    size_t size)
{
	struct outcome *item;
	const char *wrong;

	if (recording->n == MOST_OUTCOMES) {
		snprintf(why, size, "more than %d outcomes", MOST_OUTCOMES);
		return -E2BIG;
	}
	item = reallocarray(recording->item, recording->n + 1, sizeof(*item));
	if (!item) {
		snprintf(why, size, "no memory");
		return -ENOMEM;
	}
	recording->item = item;
	memset(&item[recording->n], 0, sizeof(*item));
	wrong = parse_line(&item[recording->n++], line, len);
	if (wrong)
		snprintf(why, size, "line %zu: %s", recording->n, wrong);
	return wrong ? -EINVAL : 0;
}

/* Sorts; a name that stands there twice tells nothing. */
static int check(struct recording *recording, char *why, size_t size)
{
	if (!recording->n) {
		snprintf(why, size, "no outcome");
		return -EINVAL;
	}
	qsort(recording->item, recording->n, sizeof(*recording->item), by_name);
	for (size_t i = 1; i < recording->n; i++)
		if (!by_name(&recording->item[i - 1], &recording->item[i])) {
			snprintf(why, size, "%s twice", recording->item[i].name);
			return -EINVAL;
		}
	return 0;
}

int recording__parse(struct recording *recording, const char *text, size_t len, char *why,
		     size_t size)
{
	int err = 0;

	memset(recording, 0, sizeof(*recording));
	while (!err && len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		err = end ? add_line(recording, text, line, why, size) : -EINVAL;
		if (!end)
			snprintf(why, size, "the last line is cut off");
		text += line + 1;
		len -= end ? line + 1 : len;
	}
	err = err ?: check(recording, why, size);
	if (err)
		recording__free(recording);
	return err;
}

int recording__read(struct recording *recording, const char *path, char *why, size_t size)
{
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(MOST_BYTES) : NULL;
	size_t len = text ? fread(text, 1, MOST_BYTES, file) : 0;
	int err = 0;

	if (!text || ferror(file))
		err = errno ? -errno : -EIO;
	else if (len == MOST_BYTES)
		err = -E2BIG;
	if (err)
		snprintf(why, size, "%s", strerror(-err));
	else
		err = recording__parse(recording, text, len, why, size);
	free(text);
	if (file)
		fclose(file);
	return err;
}

void recording__free(struct recording *recording)
{
	free(recording->item);
	memset(recording, 0, sizeof(*recording));
}

/* Appends as long as it fits whole. */
static bool append(char *text, size_t size, const char *first, const char *second)
{
	size_t len = strlen(text), need = strlen(first) + strlen(second) + 3;

	if (len + need >= size)
		return false;
	sprintf(text + len, "%s%s%s%s", len ? (*second ? ", " : " ") : "", first,
		*second ? " " : "", second);
	return true;
}

static void differ(struct differences *d, const char *name, const char *expected, const char *got)
{
	/* both or none: the reader compares them */
	bool shown =
		strlen(d->expected) + strlen(name) + strlen(expected) + 4 < sizeof(d->expected) &&
		strlen(d->got) + strlen(name) + strlen(got) + 4 < sizeof(d->got);

	if (shown || !d->n) {
		append(d->expected, sizeof(d->expected), name, expected);
		append(d->got, sizeof(d->got), name, got);
	}
	if (d->n < MOST_NAMES)
		append(d->names, sizeof(d->names), name, "");
	else if (d->n == MOST_NAMES)
		append(d->names, sizeof(d->names), "and-more", "");
	d->n++;
}

static const struct outcome *find(const struct outcome *item, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(item[i].name, name))
			return &item[i];
	return NULL;
}

/* Is the name "identity:group/..." of this group? */
static bool belongs(const char *name, const struct workload *group)
{
	const char *colon = strchr(name, ':');
	size_t len = strlen(group->name);

	return colon && !strncmp(colon + 1, group->name, len) && colon[1 + len] == '/';
}

void recording__compare(const struct recording *recording, const struct workload *group,
			const struct outcomes *outcomes, struct differences *differences)
{
	memset(differences, 0, sizeof(*differences));
	for (size_t i = 0; i < outcomes->n; i++) {
		const struct outcome *now = &outcomes->item[i];
		const struct outcome *then = bsearch(now, recording->item, recording->n,
						     sizeof(*recording->item), by_name);

		if (!then)
			differ(differences, now->name, "not recorded", now->value);
		else if (strcmp(then->value, now->value))
			differ(differences, now->name, then->value, now->value);
	}
	for (size_t i = 0; i < recording->n; i++) {
		const struct outcome *then = &recording->item[i];

		if (belongs(then->name, group) && !find(outcomes->item, outcomes->n, then->name))
			differ(differences, then->name, then->value, "no such outcome");
	}
}
