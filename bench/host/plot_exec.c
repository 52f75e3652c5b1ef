// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "bench/host/names.h"
#include "bench/host/plot_parts.h"

/*
 * One row a configuration and, within it, one a kernel; each sample is a mark. The samples of a
 * boot are in their order from bottom to top of the row, so that a drift would be seen.
 */
static size_t exec_samples(FILE *f, const struct figures *r, size_t n)
{
	size_t rows = 0;

	for (size_t k = 0; k < n; k++) {
		double vanilla = names_value(&r[k], "exec/vanilla");

		fprintf(f, "$kernel%zu << EOD\n", k);
		for (size_t i = 0; i < n_exec_names; i++) {
			const struct metric *m = figures_metric((struct figures *)&r[k],
								exec_names[i].metric, false);

			if (!m || m->status != STATUS_OK || !vanilla)
				continue;
			for (size_t s = 0; s < m->n_series; s++)
				for (size_t j = 0; j < m->series[s].n_v; j++, rows++)
					fprintf(f, "%.5f %.3f\n", m->series[s].v[j] / vanilla,
						(double)i + 0.1 +
							0.8 *
								((double)k +
								 (double)j /
									 (double)m->series[s].n_v) /
								(double)n);
		}
		fputs("EOD\n", f);
	}
	return rows;
}

bool plot_distribution(FILE *f, const struct figures *r, size_t n)
{
	if (!exec_samples(f, r, n))
		return false;
	fputs("set ytics (", f);
	for (size_t i = 0; i < n_exec_names; i++)
		fprintf(f, "%s\"%s\" %zu.5", i ? ", " : "", exec_names[i].text, i);
	fprintf(f,
		")\nset yrange [%zu:0]\nset xrange [0.9:*]\nset logscale x 2\nset xtics (0.9, 1, 1.1, "
		"1.2, 1.3, 1.5, 1.75, 2, 2.5)\nset xlabel \"instructions of a sample, vanilla = 1\"\nset grid x\n"
		"set key outside top center horizontal\nset lmargin 50\nplot ",
		n_exec_names);
	for (size_t k = 0; k < n; k++) {
		fprintf(f, "%s$kernel%zu using 1:2 with points pt 7 ps 0.3 lc rgb \"%s\" title ",
			k ? ", " : "", k, plot_colour(k));
		plot_quote(f, r[k].kernel);
	}
	fputc('\n', f);
	return true;
}

/* The talk's picture: how many samples took how long, for its configurations. */
static const char *const of_the_talk[] = {
	"exec/vanilla",
	"exec/audit",
	"exec/audit-rule",
	"exec/bpf-log-perf",
	"exec/krsi-log-precompute",
};

bool plot_talk(FILE *f, const struct figures *r, size_t n)
{
	size_t rows = 0;

	for (size_t i = 0; i < ARRAY_SIZE(of_the_talk); i++) {
		const struct metric *m = figures_metric((struct figures *)r, of_the_talk[i], false);

		fprintf(f, "$way%zu << EOD\n", i);
		for (size_t s = 0; m && m->status == STATUS_OK && s < m->n_series; s++)
			for (size_t j = 0; j < m->series[s].n_v; j++, rows++)
				fprintf(f, "%.4f\n", m->series[s].v[j] / 1000);
		fputs("EOD\n", f);
	}
	if (!rows)
		return false;
	fputs("set xlabel \"thousand instructions of an execution\"\nset ylabel \"samples\"\n"
	      "set style fill solid 0.6\nset key top center\nset yrange [0:*]\nset grid\nplot ",
	      f);
	for (size_t i = 0, shown = 0; i < ARRAY_SIZE(of_the_talk); i++) {
		const struct metric *m = figures_metric((struct figures *)r, of_the_talk[i], false);

		if (m && m->status == STATUS_OK)
			fprintf(f,
				"%s$way%zu using 1 bins binwidth=1 with boxes lc rgb \"%s\" title "
				"\"%s\"",
				shown++ ? ", " : "", i, plot_colour(i), of_the_talk[i] + 5);
	}
	fputc('\n', f);
	return true;
}

/* More than vanilla, in per cent; false: not known. */
static bool more(const struct figures *r, const char *metric, double *per_cent)
{
	double vanilla = names_value(r, "exec/vanilla"), v = names_value(r, metric);

	*per_cent = vanilla && v ? 100 * (v / vanilla - 1) : 0;
	return vanilla && v;
}

static bool has_any(const struct figures *r)
{
	double ignored;
	size_t n = 0;

	for (size_t i = 1; i < n_exec_names; i++)
		n += more(r, exec_names[i].metric, &ignored);
	return n != 0;
}

/* What each configuration costs on each kernel: the history. The first is vanilla itself. */
bool plot_history(FILE *f, const struct figures *r, size_t n)
{
	double v;
	size_t shown = 0;

	fputs("$rows << EOD\n", f);
	for (size_t i = 1; i < n_exec_names; i++) {
		fprintf(f, "\"%s\"", exec_names[i].metric + 5);
		for (size_t k = 0; k < n; k++)
			if (more(&r[k], exec_names[i].metric, &v))
				fprintf(f, " %.4f", v);
			else
				fputs(" NaN", f);
		fputc('\n', f);
	}
	fputs("EOD\nset style data histograms\nset style histogram clustered gap 1\n"
	      "set style fill solid 0.8 noborder\nset xtics rotate by -40\nset grid y\n"
	      "set ylabel \"more instructions than vanilla, per cent\"\nset key top right\n"
	      "set bmargin 9\nplot ",
	      f);
	for (size_t k = 0; k < n; k++)
		if (has_any(&r[k])) {
			fprintf(f, "%s$rows using %zu%s lc rgb \"%s\" title ", shown ? ", " : "",
				k + 2, shown ? "" : ":xtic(1)", plot_colour(k));
			plot_quote(f, r[k].kernel);
			shown++;
		}
	fputc('\n', f);
	return shown != 0;
}
