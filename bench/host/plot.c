// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/plot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/host/plot_parts.h"
#include "vm-images/fs.h"
#include "vm-images/proc.h"

#define GNUPLOT_SECONDS 120

const char *plot_colour(size_t i)
{
	static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7",
					       "#e69f00", "#56b4e9", "#000000", "#999999" };

	return colours[i % ARRAY_SIZE(colours)];
}

void plot_quote(FILE *f, const char *s)
{
	fputc('\'', f);
	for (; *s; s++) {
		if (*s == '\'')
			fputc('\'', f);
		fputc((unsigned char)*s < ' ' ? ' ' : *s, f);
	}
	fputc('\'', f);
}

struct curve *curves_add(struct curves *c, char *title, size_t colour, int dash)
{
	struct curve *new = ARRAY_PUSH(c, all);

	*new = (struct curve){ .title = title, .colour = colour, .dash = dash };
	return new;
}

void curve_add(struct curve *c, double x, double y)
{
	*ARRAY_PUSH(c, points) = (struct point){ x, y };
}

bool curves_draw(FILE *f, struct curves *c)
{
	size_t shown = 0;

	for (size_t i = 0; i < c->n_all; i++) {
		fprintf(f, "$curve%zu << EOD\n", i);
		for (size_t j = 0; j < c->all[i].n_points; j++)
			fprintf(f, "%.6g %.6g\n", c->all[i].points[j].x, c->all[i].points[j].y);
		fputs("EOD\n", f);
	}
	fputs("set grid\nplot ", f);
	for (size_t i = 0; i < c->n_all; i++) {
		if (c->all[i].n_points) {
			fprintf(f,
				"%s$curve%zu with linespoints pt 7 ps 0.5 dt %d lc rgb \"%s\" title ",
				shown++ ? ", " : "", i, c->all[i].dash,
				plot_colour(c->all[i].colour));
			plot_quote(f, c->all[i].title);
		}
		free(c->all[i].title);
		free(c->all[i].points);
	}
	fputc('\n', f);
	free(c->all);
	return shown != 0;
}

/* In the order of the page. */
static const struct {
	const char *name;
	bool (*write)(FILE *f, const struct figures *r, size_t n);
	unsigned int height;
} drawn[] = {
	{ "exec-talk", plot_talk, 420 },	 { "exec-distribution", plot_distribution, 720 },
	{ "exec-history", plot_history, 520 },	 { "hook-cost", plot_hooks, 480 },
	{ "hook-programs", plot_programs, 480 }, { "environment", plot_environ, 480 },
	{ "buffers", plot_buffers, 420 },
};

const struct plot plots[] = {
	{ "exec-talk", "The talk's picture",
	  "How many samples took how many instructions, on the first kernel." },
	{ "exec-distribution", "Every sample of every configuration",
	  "Each mark is a sample, held against vanilla of the same kernel; within a row the samples of "
	  "a boot are in their order from top to bottom." },
	{ "exec-history", "Executions, by kernel",
	  "What each configuration adds to vanilla of the same kernel." },
	{ "hook-cost", "One empty program on a hook",
	  "What it adds to a call of the hook, for every hook that a loop drives." },
	{ "hook-programs", "Several programs on a hook", "What they add to one call." },
	{ "environment", "Precompute against sleepable",
	  "What reading the environment adds to an execution, by the reference KRSI." },
	{ "buffers", "Room for records at equal memory",
	  "Until something is lost, with 512 KiB in all: if every CPU writes, and if one does." },
};
const size_t n_plots = ARRAY_SIZE(plots);
_Static_assert(ARRAY_SIZE(plots) == ARRAY_SIZE(drawn), "a plot without words, or the reverse");

static void set_output(FILE *f, const char *dir, const char *name, const char *format)
{
	char *file = xasprintf("%s/%s.%s", dir, name, format);

	fputs("set output ", f);
	plot_quote(f, file);
	fputc('\n', f);
	free(file);
}

/* The same commands for both formats; "noenhanced": an underscore is no subscript. */
static char *script(size_t i, const struct figures *r, size_t n, const char *dir, bool *any)
{
	char *text = NULL, *body = NULL;
	size_t len, body_len;
	FILE *f = open_memstream(&body, &body_len);

	*any = drawn[i].write(f, r, n);
	fclose(f);
	f = open_memstream(&text, &len);
	fprintf(f, "set terminal svg size 960,%u noenhanced background '#ffffff' font 'sans,13'\n",
		drawn[i].height);
	set_output(f, dir, drawn[i].name, "svg");
	fprintf(f,
		"%sset terminal pngcairo size 960,%u noenhanced background '#ffffff' font 'sans,10'\n",
		body, drawn[i].height);
	set_output(f, dir, drawn[i].name, "png");
	fputs("replot\n", f);
	fclose(f);
	free(body);
	return text;
}

static int draw(const char *file, struct krsi_err *err)
{
	const char *argv[] = { "gnuplot", file, NULL };
	const struct proc_opts o = { .argv = argv,
				     .package = "gnuplot-nox",
				     .deadline = GNUPLOT_SECONDS };
	struct proc_result r = { 0 };
	int rc;

	if (proc_run(&r, &o, err))
		return -1;
	r.errors[strcspn(r.errors, "\n")] = '\0';
	rc = r.status ? krsi_err_set(err, KRSI_EXIT_INFRA, "gnuplot %s: %s", file, r.errors) : 0;
	proc_result_free(&r);
	return rc;
}

int plot_all(struct strs *done, const struct figures *r, size_t n, const char *dir,
	     struct krsi_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < n_plots && !rc; i++) {
		char *file = xasprintf("%s/%s.gp", dir, drawn[i].name);
		bool any;
		char *text = script(i, r, n, dir, &any);

		if (any)
			rc = fs_write_atomic(file, text, strlen(text), err) || draw(file, err) ? -1
											       : 0;
		if (any && !rc)
			strs_add(done, drawn[i].name);
		free(text);
		free(file);
	}
	return rc;
}
