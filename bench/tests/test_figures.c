// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/tests/sample.h"
#include "ci/array.h"
#include "vm-images/fs.h"

static char path[] = "/tmp/krsi-figures.XXXXXX";

static void make_path(void)
{
	close(mkstemp(path));
}

static void remove_path(void)
{
	unlink(path);
}

TestSuite(figures, .init = make_path, .fini = remove_path);

Test(figures, what_is_written_is_read)
{
	struct figures a =
		sample_figures("unit exec/a 10 mean\nsample exec/a 100\nsample exec/a 120\n"
			       "proof exec/a yes\ncount buffer/x 7\nabsent exec/b no\n");
	struct figures b = { 0 };
	struct krsi_err err = { 0 };
	const struct metric *m;

	cr_assert_eq(figures_write(&a, path, &err), 0, "%s", err.text);
	cr_assert(figures_is(path));
	cr_assert_eq(figures_load(&b, path, &err), 0, "%s", err.text);
	cr_assert_eq(b.n_metrics, 3);
	m = figures_metric(&b, "exec/a", false);
	cr_assert_eq(m->value, 11);
	cr_assert_eq(m->operations, 10);
	cr_assert(m->mean && !m->count);
	cr_assert_eq(m->series[0].n_v, 2);
	cr_assert_str_eq(m->proof, "yes");
	cr_assert(figures_metric(&b, "buffer/x", false)->count);
	cr_assert_eq(figures_metric(&b, "exec/b", false)->status, STATUS_ABSENT);
	cr_assert_str_eq(figures_metric(&b, "exec/b", false)->reason, "no");
	figures_free(&a);
	figures_free(&b);
}

/* A machine of many CPUs is measured with the first seed only. */
Test(figures, what_one_seed_measured_is_read)
{
	struct figures a = sample_figures("unit exec/a 10 mean\nsample exec/a 100\n"), b = { 0 };
	struct krsi_err err = { 0 };
	const struct metric *m;

	*ARRAY_PUSH(&a, seeds) = 2;
	cr_assert_eq(figures_write(&a, path, &err), 0, "%s", err.text);
	cr_assert_eq(figures_load(&b, path, &err), 0, "%s", err.text);
	m = figures_metric(&b, "exec/a", false);
	cr_assert(m->once);
	cr_assert_eq(m->n_series, 1);
	cr_assert_eq(metric_spread(m), 0);
	figures_free(&a);
	figures_free(&b);
}

struct bad {
	char from[40], to[40], says[60];
};

ParameterizedTestParameters(figures, refused)
{
	static struct bad bads[] = {
		{ "krsi-bench-1", "krsi-bench-0", "the schema is krsi-bench-0" },
		{ "\"schema\"", "\"scheme\"", "\"schema\" is missing" },
		{ "\"engine\"", "\"motor\"", "\"engine\" is missing" },
		{ "\"name\": \"k\"", "\"nom\": \"k\"", "\"name\" is missing" },
		{ "\"status\": \"ok\"", "\"state\": \"ok\"", "without status" },
		{ "\"value\": ", "\"value\": \"x\", \"v\": ", "\"value\" is no number" },
		{ "\"value\": ", "\"value\": 0, \"v\": ", "not above 0" },
		{ "\"per_seed\": [", "\"per_seed\": [ 1,", "not a value for each seed" },
		{ "\"per_seed\": [\n", "\"none\": [\n", "not a value for each seed" },
		{ "{", "[", "no JSON" },
	};

	return cr_make_param_array(struct bad, bads, sizeof(bads) / sizeof(bads[0]));
}

ParameterizedTest(struct bad *bad, figures, refused, .init = make_path, .fini = remove_path)
{
	struct figures a = sample_figures("unit exec/a 10 mean\nsample exec/a 100\n"), b = { 0 };
	struct krsi_err err = { 0 };
	char *text, *at, *changed;

	cr_assert_eq(figures_write(&a, path, &err), 0);
	text = fs_read(path, 1 << 20, NULL, &err);
	at = strstr(text, bad->from);
	cr_assert_not_null(at, "%s is not in %s", bad->from, text);
	changed = xasprintf("%.*s%s%s", (int)(at - text), text, bad->to, at + strlen(bad->from));
	cr_assert_eq(fs_write_atomic(path, changed, strlen(changed), &err), 0);
	cr_assert_eq(figures_load(&b, path, &err), -1);
	cr_assert_eq(err.code, KRSI_EXIT_USAGE);
	cr_assert_not_null(strstr(err.text, bad->says), "'%s' does not say '%s'", err.text,
			   bad->says);
	free(text);
	free(changed);
	figures_free(&a);
}
