// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/cli.h"
#include "ci/gate.h"
#include "ci/merge.h"
#include "ci/outdir.h"
#include "ci/report.h"
#include "ci/results.h"
#include "ci/verdict.h"
#include "vm-images/fs.h"

#define LOG_MAX (256u << 20)

struct merge_args {
	struct strs paths;
	const char *out, *baseline;
	double cost_limit; /* < 0: none */
	bool quiet;
};

enum { OPT_BASELINE = 0x100, OPT_COST_LIMIT };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct merge_args *a = state->input;

	switch (key) {
	case 'o':
		a->out = arg;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case OPT_BASELINE:
		a->baseline = arg;
		return 0;
	case OPT_COST_LIMIT:
		a->cost_limit = cli_percent(state, "cost-limit", arg);
		return 0;
	case ARGP_KEY_ARG:
		strs_add(&a->paths, arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->paths.n)
			cli_fail(state, "which results directories?");
		if (a->cost_limit >= 0 && !a->baseline)
			cli_fail(state, "--cost-limit says nothing without --baseline");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where results go (default build/results/KERNEL-IMPLEMENTATION)",
	  0 },
	{ "baseline", OPT_BASELINE, "RESULTS", 0, "as for krsi test", 0 },
	{ "cost-limit", OPT_COST_LIMIT, "PERCENT", 0, "as for krsi test", 0 },
	{ "quiet", 'q', NULL, 0, "only the verdict", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "RESULTS-DIRECTORY...",
	.doc = "Makes one run of the parts that `krsi test --shard` ran on several machines, and judges it."
	       "\vAll parts must be there, each once, of one kernel, one implementation and one build of the "
	       "suite, and each test in one of them. Reports and exit codes are those of krsi test.\n\n"
	       "Examples:\n"
	       "  krsi merge --out whole part-1 part-2 part-3\n"
	       "  krsi merge --baseline good/results.json --out whole part-*/\n",
};

/* events-job2.jsonl of part 3 becomes events-part3-job2.jsonl. */
static int copy_log(const struct outdir *out, const char *path, unsigned int part,
		    struct krsi_err *err)
{
	const char *name = strrchr(path, '/') + 1;
	size_t stem = strcspn(name, "-."), len;
	char *to_name = xasprintf("%.*s-part%u%s", (int)stem, name, part, name + stem);
	char *to = outdir_file(out, to_name), *data = fs_read(path, LOG_MAX, &len, err);
	int rc = data ? fs_write_atomic(to, data, len, err) : -1;

	free(data);
	free(to);
	free(to_name);
	return rc;
}

static int copy_logs(const struct outdir *out, const char *dir, unsigned int part,
		     struct krsi_err *err)
{
	static const char *const logs[] = { "console*.log", "events*.jsonl" };
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(logs) && fs_is_dir(dir); i++) {
		char *pattern = xasprintf("%s/%s", dir, logs[i]);
		glob_t g = { 0 };

		glob(pattern, 0, NULL, &g);
		for (size_t j = 0; j < g.gl_pathc && !rc; j++)
			rc = copy_log(out, g.gl_pathv[j], part, err);
		globfree(&g);
		free(pattern);
	}
	return rc;
}

static int load(struct run *runs, const struct merge_args *a, struct krsi_err *err)
{
	for (size_t i = 0; i < a->paths.n; i++)
		if (results_load(&runs[i], a->paths.v[i], err))
			return -1;
	return 0;
}

/* What stands in the directory is removed: that must be nothing that is merged or held against. */
static int open_out(const struct merge_args *a, const struct run *whole, struct outdir *out,
		    struct krsi_err *err)
{
	const char *kernel = whole->kernel_name ? whole->kernel_name : "kernel";
	const char *impl = whole->implementation ? whole->implementation : "implementation";

	for (size_t i = 0; i < a->paths.n; i++)
		if (outdir_is(a->out, kernel, impl, a->paths.v[i]))
			return krsi_err_set(err, KRSI_EXIT_USAGE,
					    "%s: is one of the parts; choose another --out",
					    a->paths.v[i]);
	if (a->baseline && outdir_is(a->out, kernel, impl, a->baseline))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: is the baseline; choose another --out", a->baseline);
	return outdir_open(out, a->out, kernel, impl, err);
}

static int judge(const struct merge_args *a, struct run *whole, const struct run *before,
		 const unsigned int *part, struct outdir *out, struct krsi_err *err)
{
	struct verdict v;
	size_t len;
	char *text;
	int code;

	if (open_out(a, whole, out, err))
		return -1;
	if (a->baseline)
		gate_apply(whole, &(struct cost_side){ before, a->baseline }, out->path,
			   a->cost_limit);
	for (size_t i = 0; i < a->paths.n; i++)
		if (copy_logs(out, a->paths.v[i], part[i], err))
			return -1;
	if (outdir_write(out, whole, err))
		return -1;
	verdict_of(&v, whole);
	text = report_text(whole, &len);
	if (a->quiet)
		printf("%s: %s\n", v.word, v.text);
	else
		printf("%s", text);
	code = v.code;
	free(text);
	verdict_free(&v);
	return code;
}

int cmd_merge(int argc, char **argv)
{
	struct merge_args a = { .cost_limit = COST_NO_LIMIT };
	struct krsi_err err = { 0 };
	struct run *runs, before = { 0 };
	struct outdir out = { .lock = -1 };
	unsigned int *part;
	int rc;

	cli_parse(&argp, argc, argv, &a);
	runs = xcalloc(a.paths.n, sizeof(*runs));
	part = xcalloc(a.paths.n, sizeof(*part));
	rc = load(runs, &a, &err) || (a.baseline && results_load(&before, a.baseline, &err)) ? -1
											     : 0;
	for (size_t i = 0; i < a.paths.n; i++)
		part[i] = runs[i].part;
	if (!rc)
		rc = merge_parts(runs, a.paths.n, &err);
	if (!rc)
		rc = judge(&a, &runs[0], &before, part, &out, &err);
	if (rc < 0)
		rc = cli_error(&err);
	for (size_t i = 0; i < a.paths.n; i++)
		run_free(&runs[i]);
	run_free(&before);
	outdir_close(&out);
	free(part);
	free(runs);
	strs_free(&a.paths);
	return cli_flush(rc);
}
