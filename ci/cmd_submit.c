// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ci/cli.h"
#include "ci/package.h"
#include "ci/text.h"
#include "ci/verdict.h"
#include "vm-images/fs.h"
#include "vm-images/sha256.h"

struct submit_args {
	const char *dir, *statement, *out;
	bool template, partial;
};

enum { OPT_TEMPLATE = 0x100, OPT_PARTIAL };

static error_t parse_submit(int key, char *arg, struct argp_state *state)
{
	struct submit_args *a = state->input;

	switch (key) {
	case 's':
		a->statement = arg;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case OPT_TEMPLATE:
		a->template = true;
		return 0;
	case OPT_PARTIAL:
		a->partial = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->dir)
			cli_fail(state, "one run at a time, not also '%s'", arg);
		a->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->template)
			return 0;
		if (!a->dir)
			cli_fail(state, "which results directory?");
		if (!a->statement)
			cli_fail(state, "--statement is missing; --template prints one to fill in");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option submit_options[] = {
	{ "statement", 's', "FILE", 0, "who says this of what; see --template", 0 },
	{ "template", OPT_TEMPLATE, NULL, 0, "print a statement to fill in, and do nothing else",
	  0 },
	{ "partial", OPT_PARTIAL, NULL, 0, "a run of some tests only", 0 },
	{ "out", 'o', "FILE", 0, "the package (default KERNEL-IMPLEMENTATION.krsi.tar.gz)", 0 },
	{ 0 },
};

static const struct argp submit_argp = {
	.options = submit_options,
	.parser = parse_submit,
	.args_doc = "RESULTS-DIRECTORY",
	.doc = "Makes a package of a run that others can check: results, logs, hashes, and a statement."
	       "\vThe package is checked as `krsi verify` does before it is written; exit code 1 if it would "
	       "be refused.\n\n"
	       "Examples:\n"
	       "  krsi submit --template >statement.txt\n"
	       "  krsi submit --statement statement.txt build/results/debian-6.1-bpf-lsm\n",
};

static int refuse(const char *what, const struct strs *wrong)
{
	for (size_t i = 0; i < wrong->n; i++)
		fprintf(stderr, "krsi: %s: %s\n", what, wrong->v[i]);
	return KRSI_EXIT_FAIL;
}

static char *file_name(const struct submit_args *a, const struct run *run)
{
	char *k = text_file_name(run->kernel_name ? run->kernel_name : "kernel");
	char *i = text_file_name(run->implementation ? run->implementation : "implementation");
	char *name = a->out ? xstrdup(a->out) : xasprintf("%s-%s.krsi.tar.gz", k, i);

	free(k);
	free(i);
	return name;
}

static int submit(const struct submit_args *a, struct package *p, struct krsi_err *err)
{
	char hex[SHA256_HEX_LEN + 1], *path, *manifest;
	struct strs wrong = { 0 };
	struct run run = { 0 };
	size_t len;
	int rc;

	if (package_collect(p, a->dir, a->statement, err))
		return cli_error(err);
	/* what the reader of the package will see is what is checked */
	manifest = package_manifest(p, &len);
	*ARRAY_PUSH(p, file) =
		(struct package_file){ .name = xstrdup("manifest"), .data = manifest, .len = len };
	package_check(p, a->partial, &run, &wrong);
	p->n_file--;
	free(p->file[p->n_file].name);
	free(p->file[p->n_file].data);
	path = file_name(a, &run);
	if (wrong.n)
		rc = refuse(a->dir, &wrong);
	else if (package_write(p, path, err) || sha256_file(path, hex, err))
		rc = cli_error(err);
	else
		rc = printf("%s  %s\n", hex, path) < 0 ? KRSI_EXIT_INFRA : KRSI_EXIT_OK;
	free(path);
	strs_free(&wrong);
	run_free(&run);
	return rc;
}

int cmd_submit(int argc, char **argv)
{
	struct submit_args a = { 0 };
	struct krsi_err err = { 0 };
	struct package p = { 0 };
	int rc = KRSI_EXIT_OK;

	cli_parse(&submit_argp, argc, argv, &a);
	if (a.template)
		fputs(package_template, stdout);
	else
		rc = submit(&a, &p, &err);
	package_free(&p);
	return cli_flush(rc);
}

struct verify_args {
	const char *path;
	bool partial;
};

static error_t parse_verify(int key, char *arg, struct argp_state *state)
{
	struct verify_args *a = state->input;

	switch (key) {
	case OPT_PARTIAL:
		a->partial = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			cli_fail(state, "one package at a time, not also '%s'", arg);
		a->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->path)
			cli_fail(state, "which package?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option verify_options[] = {
	{ "partial", OPT_PARTIAL, NULL, 0, "accept a run of some tests only", 0 },
	{ 0 },
};

static const struct argp verify_argp = {
	.options = verify_options,
	.parser = parse_verify,
	.args_doc = "PACKAGE",
	.doc = "Checks a package of `krsi submit`: that nothing is missing, that the hashes are right, and "
	       "that the results are those which the logs tell."
	       "\vExit code 0 for a package that is in order, whatever its results are; 1 if it is refused; 2 "
	       "if it is none. Who made it is not checked: for that, compare its SHA-256 with one that you "
	       "trust, or have it signed.\n\n"
	       "Examples:\n"
	       "  krsi verify debian-6.1-bpf-lsm.krsi.tar.gz\n",
};

static void print(const struct package *p, const struct run *run)
{
	const struct package_file *f = package_file(p, "statement.txt");
	char *clean = text_clean(f->data, f->len, 4000);
	struct verdict v;

	verdict_of(&v, run);
	printf("%s\nkernel: %s\nimplementation: %s %s\nsuite: %s %s\nverdict: %s: %s\n"
	       "This package is in order.\n",
	       clean, run->kernel_release ? run->kernel_release : "unknown",
	       run->implementation ? run->implementation : "unknown",
	       run->impl_version ? run->impl_version : "",
	       run->suite_version ? run->suite_version : "unknown",
	       run->suite_commit ? run->suite_commit : "", v.word, v.text);
	verdict_free(&v);
	free(clean);
}

int cmd_verify(int argc, char **argv)
{
	struct verify_args a = { 0 };
	struct krsi_err err = { 0 };
	struct package p = { 0 };
	struct strs wrong = { 0 };
	struct run run = { 0 };
	int rc = KRSI_EXIT_OK;

	cli_parse(&verify_argp, argc, argv, &a);
	if (package_read(&p, a.path, &err)) {
		rc = cli_error(&err);
	} else {
		package_check(&p, a.partial, &run, &wrong);
		if (wrong.n)
			rc = refuse(a.path, &wrong);
		else
			print(&p, &run);
	}
	strs_free(&wrong);
	run_free(&run);
	package_free(&p);
	return cli_flush(rc);
}
