// SPDX-License-Identifier: GPL-2.0-only
#include "ci/defects.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/conf.h"
#include "ci/text.h"

__asm__(".pushsection .rodata\n"
	"defects_conf: .incbin \"conformance/defects/defects.conf\"\n"
	".byte 0\n"
	".popsection\n");
extern const char defects_conf[];

static const struct {
	const char *name;
	size_t offset;
	bool required;
} keys[] = {
	{ "symptom", offsetof(struct defect, symptom), true },
	{ "kernels", offsetof(struct defect, kernels), true },
	{ "fix", offsetof(struct defect, fix), true },
	{ "lsm", offsetof(struct defect, lsm), false },
};

static const char *const shows[] = {
	[SHOWS_STATUS] = "status",
	[SHOWS_PANIC] = "panic",
	[SHOWS_SPLAT] = "splat",
};

static char **field(struct defect *d, size_t key)
{
	return (char **)((char *)d + keys[key].offset);
}

static bool take_shows(struct defect *d, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(shows); i++)
		if (!strcmp(shows[i], value)) {
			d->shows = (enum defect_shows)i;
			return true;
		}
	return false;
}

/* "loop, ext4" */
static bool take_modules(struct defect *d, const char *value)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t len;

	if (d->modules.n)
		return false;
	for (;; value += len + 1) {
		value += strspn(value, " \t");
		len = strspn(value, letters);
		if (!len)
			return false;
		strs_take(&d->modules, xstrndup(value, len));
		len += strspn(value + len, " \t");
		if (value[len] != ',')
			return !value[len];
	}
}

struct parser {
	struct defects *ds;
	struct conf conf;
};

static int take(void *data, const char *section, const char *name, const char *value)
{
	struct parser *p = data;
	struct defect *d = p->ds->n_item ? &p->ds->item[p->ds->n_item - 1] : NULL;

	if (!d || strcmp(d->name, section)) {
		d = ARRAY_PUSH(p->ds, item);
		d->name = xstrdup(section);
	}
	if (!strcmp(name, "shows")) {
		if (!take_shows(d, value))
			snprintf(p->conf.wrong, sizeof(p->conf.wrong),
				 "'%s' is not 'status', 'panic' or 'splat'", value);
		return !p->conf.wrong[0];
	}
	if (!strcmp(name, "modules")) {
		if (!take_modules(d, value))
			snprintf(p->conf.wrong, sizeof(p->conf.wrong),
				 "'%s' is not a list of modules, or the second", value);
		return !p->conf.wrong[0];
	}
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		if (!strcmp(keys[k].name, name) && *value && !*field(d, k)) {
			*field(d, k) = text_line(value, 1000);
			return 1;
		}
	snprintf(p->conf.wrong, sizeof(p->conf.wrong),
		 "'%s' is unknown, empty, or stands there twice", name);
	return 0;
}

static const char *lacks(struct defect *d)
{
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		if (keys[k].required && !*field(d, k))
			return keys[k].name;
	return NULL;
}

int defects_parse(struct defects *ds, const char *text, const char *origin, struct krsi_err *err)
{
	struct parser p = { .ds = ds, .conf = { .take = take, .data = &p, .what = "defect" } };
	int rc = conf_parse(&p.conf, text, origin, err);

	for (size_t i = 0; i < ds->n_item && !rc; i++)
		if (lacks(&ds->item[i]))
			rc = krsi_err_set(err, KRSI_EXIT_USAGE, "%s: [%s] lacks '%s'", origin,
					  ds->item[i].name, lacks(&ds->item[i]));
	if (rc)
		defects_free(ds);
	return rc;
}

int defects_load(struct defects *ds, struct krsi_err *err)
{
	return defects_parse(ds, defects_conf, "conformance/defects/defects.conf", err);
}

const struct defect *defects_find(const struct defects *ds, const char *name)
{
	for (size_t i = 0; i < ds->n_item; i++)
		if (!strcmp(ds->item[i].name, name))
			return &ds->item[i];
	return NULL;
}

void defects_free(struct defects *ds)
{
	for (size_t i = 0; i < ds->n_item; i++) {
		free(ds->item[i].name);
		strs_free(&ds->item[i].modules);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			free(*field(&ds->item[i], k));
	}
	free(ds->item);
	*ds = (struct defects){ 0 };
}
