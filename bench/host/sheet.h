/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of figures, which can be written as HTML and as Markdown. */
#ifndef KRSI_BENCH_SHEET_H
#define KRSI_BENCH_SHEET_H

#include <stdio.h>

#include "bench/host/figures.h"
#include "vm-images/mem.h"

/** struct row - cells; the first row of a sheet is its head. */
struct row {
	struct strs cells;
};

/** struct sheet - one table. All zero is empty. */
struct sheet {
	char *title;
	char *text; /**< what the cells are */
	struct row *rows;
	size_t n_rows;
	size_t cap_rows;
};

/** sheet_row - a new row with its first cell. */
struct strs *sheet_row(struct sheet *s, const char *first);
/** sheet_free - free the content. */
void sheet_free(struct sheet *s);
/** sheet_html, sheet_markdown - write it. */
void sheet_html(FILE *f, const struct sheet *s);
void sheet_markdown(FILE *f, const struct sheet *s);
/** sheet_escape - @s with what HTML means something by made harmless. */
void sheet_escape(FILE *f, const char *s);

/** sheet_exec - each configuration on each kernel. */
void sheet_exec(struct sheet *s, const struct figures *r, size_t n);
/** sheet_hooks - each hook: what enabling and one program cost. */
void sheet_hooks(struct sheet *s, const struct figures *r, size_t n);
/** sheet_programs - hooks that matter on one kernel: number and kinds of programs. */
void sheet_programs(struct sheet *s, const struct figures *r);
/** sheet_environ, sheet_buffers - those families on one kernel. */
void sheet_environ(struct sheet *s, const struct figures *r);
void sheet_buffers(struct sheet *s, const struct figures *r);
/** sheet_family - all metrics whose name begins so, as they are. */
void sheet_family(struct sheet *s, const struct figures *r, size_t n, const char *prefix,
		  const char *title, const char *text);
/** sheet_missing - what a kernel cannot, and why. */
void sheet_missing(struct sheet *s, const struct figures *r, size_t n);

#endif
