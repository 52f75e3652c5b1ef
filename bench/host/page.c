// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/page.h"

#include <stdlib.h>
#include <string.h>

#include "bench/host/plot.h"
#include "bench/host/sheet.h"
#include "vm-images/fs.h"

static const char style[] =
	"body{font:15px/1.5 sans-serif;max-width:76em;margin:2em auto;padding:0 1em;color:#222}"
	"table{border-collapse:collapse;font-size:13px;margin:1em 0}"
	"td,th{border:1px solid #ccc;padding:.25em .6em;text-align:right}"
	"td:first-child,th:first-child{text-align:left}th{background:#eee}"
	"img{max-width:100%;border:1px solid #ddd}code{background:#f4f4f4;padding:0 .2em}"
	"dt{font-weight:bold}";

/* All tables, written by @put. */
static void tables(FILE *f, const struct figures *r, size_t n,
		   void (*put)(FILE *f, const struct sheet *s))
{
	struct sheet s = { 0 };

	sheet_exec(&s, r, n);
	put(f, &s);
	sheet_free(&s);
	for (size_t k = 0; k < n; k++) {
		sheet_programs(&s, &r[k]);
		put(f, &s);
		sheet_free(&s);
	}
	sheet_hooks(&s, r, n);
	put(f, &s);
	sheet_free(&s);
	for (size_t k = 0; k < n; k++) {
		sheet_buffers(&s, &r[k]);
		put(f, &s);
		sheet_free(&s);
	}
	for (size_t k = 0; k < n; k++) {
		sheet_environ(&s, &r[k]);
		put(f, &s);
		sheet_free(&s);
	}
	sheet_missing(&s, r, n);
	put(f, &s);
	sheet_free(&s);
}

static void origin(FILE *f, const struct figures *r)
{
	const struct {
		const char *key, *value;
	} rows[] = { { "kernel", r->release },
		     { "image (SHA-256)", r->sha256 },
		     { "configuration", r->config },
		     { "engine", r->engine },
		     { "QEMU", r->qemu },
		     { "processor", r->cpu },
		     { "krsi-bench", r->payload },
		     { "command", r->command } };

	fputs("<h3>", f);
	sheet_escape(f, r->kernel);
	fputs("</h3>\n<table>\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fprintf(f, "<tr><td>%s</td><td style=\"text-align:left\"><code>", rows[i].key);
		sheet_escape(f, rows[i].value ?: "unknown");
		fputs("</code></td></tr>\n", f);
	}
	fprintf(f, "<tr><td>seeds</td><td style=\"text-align:left\">%zu</td></tr>\n</table>\n",
		r->n_seeds);
}

static void proofs(FILE *f, const struct figures *r)
{
	fputs("<h2>Proofs</h2>\n<p>What shows that a configuration did its job while it was measured, ",
	      f);
	sheet_escape(f, r->kernel);
	fputs(".</p>\n<dl>\n", f);
	for (size_t i = 0; i < r->n_metrics; i++) {
		if (!r->metrics[i].proof)
			continue;
		fprintf(f, "<dt>%s</dt><dd>", r->metrics[i].name);
		sheet_escape(f, r->metrics[i].proof);
		fputs("</dd>\n", f);
	}
	fputs("</dl>\n", f);
}

static void pictures(FILE *f, const struct strs *done, const char *why)
{
	if (why) {
		fputs("<p>No plots: ", f);
		sheet_escape(f, why);
		fputs("</p>\n", f);
	}
	for (size_t i = 0; i < n_plots; i++)
		if (strs_has(done, plots[i].name))
			fprintf(f,
				"<h2>%s</h2>\n<p>%s</p>\n<p><img src=\"%s.svg\" alt=\"%s\"></p>\n",
				plots[i].title, plots[i].text, plots[i].name, plots[i].title);
}

int page_write(const struct figures *r, size_t n, const char *dir, struct krsi_err *err)
{
	char *path = xasprintf("%s/report.html", dir), *text = NULL;
	struct strs done = { 0 };
	struct krsi_err why = { 0 };
	size_t len;
	FILE *f;
	int rc;

	plot_all(&done, r, n, dir, &why);
	f = open_memstream(&text, &len);
	fprintf(f,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>krsi bench</title>"
		"<style>%s</style></head><body>\n<h1>krsi bench</h1>\n",
		style);
	fputs(!strcmp(r->engine, "icount")
		      ? "<p>Instructions of an emulated machine. They count work: not caches, not "
			"branches, not time.</p>\n"
		      : "<p>Time on this machine.</p>\n",
	      f);
	pictures(f, &done, why.code ? why.text : NULL);
	tables(f, r, n, sheet_html);
	for (size_t k = 0; k < n; k++)
		proofs(f, &r[k]);
	fputs("<h2>Where the figures come from</h2>\n", f);
	for (size_t k = 0; k < n; k++)
		origin(f, &r[k]);
	fputs("</body></html>\n", f);
	fclose(f);
	rc = fs_write_atomic(path, text, len, err);
	strs_free(&done);
	free(text);
	free(path);
	return rc;
}

void page_tables(FILE *f, const struct figures *r, size_t n)
{
	tables(f, r, n, sheet_markdown);
}
