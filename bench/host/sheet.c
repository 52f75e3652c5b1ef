// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "bench/host/names.h"

struct strs *sheet_row(struct sheet *s, const char *first)
{
	struct row *row = ARRAY_PUSH(s, rows);

	strs_add(&row->cells, first);
	return &row->cells;
}

void sheet_free(struct sheet *s)
{
	for (size_t i = 0; i < s->n_rows; i++)
		strs_free(&s->rows[i].cells);
	free(s->rows);
	free(s->title);
	free(s->text);
	*s = (struct sheet){ 0 };
}

void sheet_escape(FILE *f, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*s, f);
		}
}

void sheet_html(FILE *f, const struct sheet *s)
{
	if (s->n_rows < 2)
		return;
	fputs("<h2>", f);
	sheet_escape(f, s->title);
	fputs("</h2>\n<p>", f);
	sheet_escape(f, s->text);
	fputs("</p>\n<table>\n", f);
	for (size_t i = 0; i < s->n_rows; i++) {
		const char *tag = i ? "td" : "th";

		fputs("<tr>", f);
		for (size_t j = 0; j < s->rows[i].cells.n; j++) {
			fprintf(f, "<%s>", tag);
			sheet_escape(f, s->rows[i].cells.v[j]);
			fprintf(f, "</%s>", tag);
		}
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

void sheet_markdown(FILE *f, const struct sheet *s)
{
	if (s->n_rows < 2)
		return;
	fprintf(f, "### %s\n\n%s\n\n", s->title, s->text);
	for (size_t i = 0; i < s->n_rows; i++) {
		fputc('|', f);
		for (size_t j = 0; j < s->rows[i].cells.n; j++)
			fprintf(f, " %s |", s->rows[i].cells.v[j]);
		fputc('\n', f);
		for (size_t j = 0; !i && j < s->rows[i].cells.n; j++)
			fputs(j ? "---:|" : "|---|", f);
		if (!i)
			fputc('\n', f);
	}
	fputc('\n', f);
}

/* ---- the tables --------------------------------------------------------------------------- */

static void head(struct sheet *s, const char *first, const struct figures *r, size_t n)
{
	struct strs *row = sheet_row(s, first);

	for (size_t k = 0; k < n; k++)
		strs_add(row, r[k].kernel);
}

static const struct metric *find(const struct figures *r, const char *name)
{
	return figures_metric((struct figures *)r, name, false);
}

static void exec_cell(struct strs *row, const struct figures *r, const char *name)
{
	const struct metric *m = find(r, name);
	double vanilla = names_value(r, "exec/vanilla");

	if (!m || m->status == STATUS_ABSENT)
		strs_add(row, "-");
	else if (m->status == STATUS_FAILED)
		strs_add(row, "failed");
	else if (vanilla)
		strs_take(row, xasprintf("%.0f (%.3f)", m->value, m->value / vanilla));
	else
		strs_take(row, xasprintf("%.0f", m->value));
}

/* A table is left out where no kernel has anything to put into it. */
static bool has_family(const struct figures *r, size_t n, const char *prefix)
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < r[k].n_metrics; i++)
			if (!strncmp(r[k].metrics[i].name, prefix, strlen(prefix)) &&
			    r[k].metrics[i].status == STATUS_OK)
				return true;
	return false;
}

void sheet_exec(struct sheet *s, const struct figures *r, size_t n)
{
	if (!has_family(r, n, "exec/"))
		return;
	s->title = xstrdup("Executions");
	s->text = xstrdup(
		"vfork, exec of a static no-op and wait, with what is logged read by the same "
		"process; in brackets the ratio to vanilla of the same kernel. A configuration "
		"that logs has shown the variable of every execution, a sandbox has denied what "
		"it does not allow. - : not on this kernel.");
	head(s, r->engine && !strcmp(r->engine, "wall") ? "nanoseconds" : "instructions", r, n);
	for (size_t i = 0; i < n_exec_names; i++) {
		struct strs *row = sheet_row(s, exec_names[i].text);

		for (size_t k = 0; k < n; k++)
			exec_cell(row, &r[k], exec_names[i].metric);
	}
}

static double op_value(const struct figures *r, const char *op, const char *what)
{
	char *name = xasprintf("hook/%s/%s", op, what);
	double v = names_value(r, name);

	free(name);
	return v;
}

static bool cost_of(const struct figures *r, const char *op, const char *hook, const char *what,
		    double *cost)
{
	char *name = xasprintf("hook/%s/%s:%s", op, hook, what);
	const struct metric *m = find(r, name);

	free(name);
	return m && !names_hook_cost(r, m, cost);
}

static void hook_cell(struct strs *row, const struct figures *r, const char *op, const char *hook)
{
	double off = op_value(r, op, "off"), none = op_value(r, op, "none");
	double krsi = op_value(r, op, "krsi-none"), one, krsi_one;
	char *text = NULL, *more;

	if (off && none && cost_of(r, op, hook, "one", &one))
		text = xasprintf("%.0f, %+.0f, %+.0f", off, none - off, one);
	if (text && krsi && cost_of(r, op, hook, "krsi-one", &krsi_one)) {
		more = xasprintf("%s; %+.0f, %+.0f", text, krsi - off, krsi_one);
		free(text);
		text = more;
	}
	strs_take(row, text ? text : xstrdup("-"));
}

/* Every hook of any kernel, once: the names of the metrics say which there are. */
void sheet_hooks(struct sheet *s, const struct figures *r, size_t n)
{
	struct strs seen = { 0 };

	s->title = xstrdup("Hooks");
	s->text = xstrdup(
		"Of one operation that calls the hook: instructions without BPF LSM, what BPF "
		"LSM adds without a program, and what an empty program adds to one call of the "
		"hook; after a semicolon the latter two of the reference KRSI.");
	head(s, "operation, hook", r, n);
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < r[k].n_metrics; i++) {
			const char *name = r[k].metrics[i].name;
			char *op = names_part(name, 1), *hook = names_part(name, 2);
			char *what = names_part(name, 3), *key = NULL;

			if (what && !strncmp(name, "hook/", 5) && !strcmp(what, "one"))
				key = xasprintf("%s, %s", op, hook);
			if (key && !strs_has(&seen, key)) {
				struct strs *row = sheet_row(s, key);

				strs_add(&seen, key);
				for (size_t j = 0; j < n; j++)
					hook_cell(row, &r[j], op, hook);
			}
			free(key);
			free(what);
			free(hook);
			free(op);
		}
	strs_free(&seen);
}

static const char *const kinds[] = { "one",	      "other",	   "two",	 "eight",
				     "max",	      "sleepable", "storage",	 "krsi-one",
				     "krsi-other",    "krsi-two",  "krsi-eight", "krsi-max",
				     "krsi-sleepable" };

#define N_KINDS_BPF 7

void sheet_programs(struct sheet *s, const struct figures *r)
{
	struct strs *row;
	/* the reference's columns come last */
	size_t columns = has_family(r, 1, "hook/kill/krsi-none") ? ARRAY_SIZE(kinds) : N_KINDS_BPF;
	double cost;

	row = sheet_row(s, "operation, hook");

	s->title = xasprintf("Programs on a hook: %s", r->kernel);
	s->text = xstrdup(
		"Instructions that programs add to one call of the hook: one, one on another "
		"hook (what a hook costs that nobody uses), two, eight, as many as the kernel "
		"takes, one that may sleep, one that counts in the storage of the task; then of "
		"the reference KRSI.");
	for (size_t i = 0; i < columns; i++)
		strs_add(row, kinds[i]);
	for (size_t i = 0; i < r->n_metrics; i++) {
		char *op = names_part(r->metrics[i].name, 1),
		     *hook = names_part(r->metrics[i].name, 2);
		char *what = names_part(r->metrics[i].name, 3), *key;

		if (what && !strncmp(r->metrics[i].name, "hook/", 5) && !strcmp(what, "two")) {
			key = xasprintf("%s, %s", op, hook);
			row = sheet_row(s, key);
			for (size_t j = 0; j < columns; j++)
				strs_take(row, cost_of(r, op, hook, kinds[j], &cost)
						       ? xasprintf("%+.0f", cost)
						       : xstrdup("-"));
			free(key);
		}
		free(what);
		free(hook);
		free(op);
	}
}

void sheet_family(struct sheet *s, const struct figures *r, size_t n, const char *prefix,
		  const char *title, const char *text)
{
	struct strs seen = { 0 };

	s->title = xstrdup(title);
	s->text = xstrdup(text);
	head(s, "", r, n);
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < r[k].n_metrics; i++) {
			const char *name = r[k].metrics[i].name;
			struct strs *row;

			if (strncmp(name, prefix, strlen(prefix)) || strs_has(&seen, name))
				continue;
			strs_add(&seen, name);
			row = sheet_row(s, name + strlen(prefix));
			for (size_t j = 0; j < n; j++) {
				const struct metric *m = find(&r[j], name);

				strs_take(row, m && m->status == STATUS_OK
						       ? xasprintf("%.0f", m->value)
						       : xstrdup("-"));
			}
		}
	strs_free(&seen);
}

/* A row with the values of PREFIX, each column's name and SUFFIX; nothing if there is none. */
static void add_values(struct sheet *s, const struct figures *r, const char *label,
		       const char *prefix, const char *const *columns, size_t n, const char *suffix)
{
	struct strs cells = { 0 };
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		char *name = xasprintf("%s%s%s", prefix, columns[i], suffix);
		const struct metric *m = find(r, name);
		bool ok = m && m->status == STATUS_OK;

		known += ok;
		strs_take(&cells, ok ? xasprintf("%.0f", m->value) : xstrdup("-"));
		free(name);
	}
	if (known) {
		struct strs *row = sheet_row(s, label);

		strs_copy(row, &cells);
	}
	strs_free(&cells);
}

static void add_head(struct sheet *s, const char *first, const char *const *columns, size_t n)
{
	struct strs *row = sheet_row(s, first);

	for (size_t i = 0; i < n; i++)
		strs_add(row, columns[i]);
}

void sheet_environ(struct sheet *s, const struct figures *r)
{
	static const char *const shapes[] = { "empty",	  "10x50",     "1x1page",   "100x50",
					      "1x8pages", "1x32pages", "15x32pages" };
	static const char *const ways[] = { "bytes", "none",	 "unused", "copied", "one",
					    "all",   "copied-s", "one-s",  "all-s" };

	s->title = xasprintf("Reading the environment: %s", r->kernel);
	s->text = xstrdup(
		"Instructions of one execution with so many bytes of environment (strings x "
		"size): without a program; with one that reads nothing; with one that could "
		"read and does not, that reads one variable, that reads all, which have a copy "
		"made up front; and -s: the same by programs that sleep.");
	add_head(s, "environment", ways, ARRAY_SIZE(ways));
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		char *prefix = xasprintf("env/%s/", shapes[i]);

		add_values(s, r, shapes[i], prefix, ways, ARRAY_SIZE(ways), "");
		free(prefix);
	}
}

void sheet_buffers(struct sheet *s, const struct figures *r)
{
	static const char *const kinds_of_buffer[] = { "perf-64",     "ring-64",   "rings-64",
						       "perf-4096",   "ring-4096", "rings-4096",
						       "user-ring-64" };
	static const char *const whats[] = { "produce",	 "consume",    "single",  "both",  "kept",
					     "kept-one", "inversions", "wakeups", "memory" };

	s->title = xasprintf("Buffers: %s", r->kernel);
	s->text = xstrdup(
		"Kind, size of a record, CPUs. Instructions to write and to read one record of a "
		"burst, one that is waited for, one that goes to the kernel (both); records that "
		"512 KiB hold if all CPUs write, and if one does; of 64 records from all CPUs in "
		"turn how often the order goes back, and how often the reader was woken; bytes.");
	add_head(s, "buffer", whats, ARRAY_SIZE(whats));
	for (size_t i = 0; i < ARRAY_SIZE(kinds_of_buffer); i++)
		for (size_t j = 0; j < NAMES_CPUS; j++) {
			char *prefix = xasprintf("buffer/%s/", kinds_of_buffer[i]);
			char *cpus = xasprintf("-%ucpu", names_cpus[j]);
			char *label = xasprintf("%s%s", kinds_of_buffer[i], cpus);

			add_values(s, r, label, prefix, whats, ARRAY_SIZE(whats), cpus);
			free(label);
			free(cpus);
			free(prefix);
		}
}

void sheet_missing(struct sheet *s, const struct figures *r, size_t n)
{
	struct strs *row = sheet_row(s, "metric");

	s->title = xstrdup("Not measured");
	s->text = xstrdup("What a kernel does not have, or what did not do its job there.");
	strs_add(row, "kernel");
	strs_add(row, "reason");
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < r[k].n_metrics; i++) {
			const struct metric *m = &r[k].metrics[i];

			if (m->status == STATUS_OK)
				continue;
			row = sheet_row(s, m->name);
			strs_add(row, r[k].kernel);
			strs_take(row,
				  xasprintf("%s: %s", status_name(m->status), m->reason ?: ""));
		}
}
