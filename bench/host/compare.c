// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/host/page.h"
#include "bench/host/sheet.h"
#include "bench/host/verdict.h"
#include "ci/cli.h"
#include "vm-images/fs.h"

static const char *name_of(const struct comparison *c)
{
	return c->a ? c->a->name : c->b->name;
}

static void print_line(const struct comparison *c, int width)
{
	const char *reason = c->b && c->b->reason ? c->b->reason : "";

	if (c->change == CHANGE_LOST)
		printf("  %-*s %12.1f %12s  %s%s%s\n", width, name_of(c), c->a->value, "-",
		       change_name(c->change), *reason ? ": " : "", reason);
	else if (c->change == CHANGE_NEW)
		printf("  %-*s %12s %12.1f  %s\n", width, name_of(c), "-", c->b->value,
		       change_name(c->change));
	else
		printf("  %-*s %12.1f %12.1f  ratio %.4f, noise +/- %.4f: %s\n", width, name_of(c),
		       c->a->value, c->b->value, c->ratio, c->band, change_name(c->change));
}

size_t compare_print(const struct figures *a, const struct figures *b, double threshold)
{
	size_t n, by[CHANGE_NEITHER + 1] = { 0 }, past;
	struct comparison *c = verdict_compare(a, b, &n);
	int width = 0;

	for (size_t i = 0; i < n; i++) {
		by[c[i].change]++;
		if ((int)strlen(name_of(&c[i])) > width)
			width = (int)strlen(name_of(&c[i]));
	}
	printf("before: %s %s\nafter:  %s %s\n", a->kernel, a->release ?: "", b->kernel,
	       b->release ?: "");
	for (size_t i = 0; i < n; i++)
		if (c[i].change != CHANGE_NOISE && c[i].change != CHANGE_NEITHER)
			print_line(&c[i], width);
	past = verdict_past(c, n, threshold);
	printf("%zu worse, %zu better, %zu within noise, %zu other numbers differ, %zu no longer "
	       "measured, %zu new\n",
	       by[CHANGE_WORSE], by[CHANGE_BETTER], by[CHANGE_NOISE], by[CHANGE_OTHER],
	       by[CHANGE_LOST], by[CHANGE_NEW]);
	free(c);
	return past;
}

static int load_all(struct figures *r, const char *const *paths, size_t n, struct krsi_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (figures_load(&r[i], paths[i], err) ||
		    verdict_comparable(&r[0], &r[i], true, err))
			return -1;
	return 0;
}

static void print_columns(const struct figures *r, size_t n)
{
	struct sheet s = { 0 };

	sheet_family(&s, r, n, "", "", "");
	for (size_t i = 0; i < s.n_rows; i++) {
		printf("  %-48s", s.rows[i].cells.v[0]);
		for (size_t j = 1; j < s.rows[i].cells.n; j++)
			printf(" %14s", s.rows[i].cells.v[j]);
		putchar('\n');
	}
	sheet_free(&s);
}

int compare_figures(const char *const *paths, size_t n, const char *out, bool markdown)
{
	struct figures *r = xcalloc(n, sizeof(*r));
	struct krsi_err err = { 0 };
	int rc = load_all(r, paths, n, &err);
	size_t past = 0;

	if (!rc && out)
		rc = fs_mkdirs(out, &err) || page_write(r, n, out, &err) ? -1 : 0;
	if (!rc && markdown)
		page_tables(stdout, r, n);
	else if (!rc && n == 2)
		past = compare_print(&r[0], &r[1], 0);
	else if (!rc)
		print_columns(r, n);
	for (size_t i = 0; i < n; i++)
		figures_free(&r[i]);
	free(r);
	return rc ? cli_error(&err) : cli_flush(past ? KRSI_EXIT_GATE : KRSI_EXIT_OK);
}
