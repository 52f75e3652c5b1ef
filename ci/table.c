// SPDX-License-Identifier: GPL-2.0-only
#include "ci/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/text.h"
#include "ci/verdict.h"

/* A release is as long as its packager likes. */
#define NAME_BYTES 40

struct column {
	const char *title;
	bool left; /* text; numbers stand to the right */
};

static const struct column columns[] = {
	{ "kernel", true }, { "release", true }, { "with", true }, { "fired", false },
	{ "of", false },    { "pass", false },	 { "red", false }, { "xfail", false },
	{ "skip", false },  { "boots", false },	 { "s", false },   { "verdict", true },
};

#define COLUMNS ARRAY_SIZE(columns)

static void fill(char **cell, const struct run *run)
{
	struct run_hook_counts hooks = run_count_hooks(run);
	size_t n[RESULT_COUNT], red = 0;
	struct verdict v;

	run_totals(run, n);
	for (int i = 0; i < RESULT_COUNT; i++)
		red += result_is_red(i) ? n[i] : 0;
	verdict_of(&v, run);
	cell[0] = text_line(run->kernel_name ? run->kernel_name : "unknown", NAME_BYTES);
	cell[1] = text_line(run->kernel_release ? run->kernel_release : "-", NAME_BYTES);
	cell[2] = text_line(run->implementation ? run->implementation : "-", NAME_BYTES);
	cell[3] = xasprintf("%zu", hooks.fire);
	cell[4] = xasprintf("%zu", hooks.attachable);
	cell[5] = xasprintf("%zu", n[RESULT_PASS]);
	cell[6] = xasprintf("%zu", red);
	cell[7] = xasprintf("%zu", n[RESULT_XFAIL]);
	cell[8] = xasprintf("%zu", n[RESULT_SKIP]);
	cell[9] = xasprintf("%zu", run->n_boots);
	cell[10] = xasprintf("%.1f", run->seconds);
	cell[11] = xstrdup(v.word);
	verdict_free(&v);
}

static void row(FILE *f, char *const *cell, const int *width)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		bool last = i == COLUMNS - 1;
		int pad = columns[i].left ? -width[i] : width[i];

		fprintf(f, "%s%*s%s", i ? "  " : "", last ? 0 : pad, cell[i], last ? "\n" : "");
	}
}

char *table_text(const struct run *runs, size_t n, size_t *len)
{
	char **cell = xcalloc((n + 1) * COLUMNS, sizeof(*cell)), *out = NULL;
	int width[COLUMNS] = { 0 };
	FILE *f = open_memstream(&out, len);

	for (size_t i = 0; i < COLUMNS; i++)
		cell[i] = xstrdup(columns[i].title);
	for (size_t i = 0; i < n; i++)
		fill(cell + (i + 1) * COLUMNS, &runs[i]);
	for (size_t i = 0; i < (n + 1) * COLUMNS; i++) {
		int w = (int)strlen(cell[i]);

		width[i % COLUMNS] = w > width[i % COLUMNS] ? w : width[i % COLUMNS];
	}
	for (size_t i = 0; i <= n; i++)
		row(f, cell + i * COLUMNS, width);
	for (size_t i = 0; i < (n + 1) * COLUMNS; i++)
		free(cell[i]);
	free(cell);
	fclose(f);
	return out;
}
