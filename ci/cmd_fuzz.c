// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ci/array.h"
#include "ci/cli.h"
#include "ci/text.h"
#include "fuzz/campaign.h"
#include "fuzz/findings.h"
#include "vm-images/fs.h"
#include "vm-images/proc.h"

struct fuzz_args {
	struct campaign c;
	struct strs words; /* the action, then what it is about */
	char *build, *sources;
};

enum { OPT_DIR = 0x100, OPT_SYNC, OPT_UNTIL };

static const struct argp_option options[] = {
	{ "seconds", 's', "N", 0, "run: for how long, for each target; default 60, 0: until Ctrl-C",
	  0 },
	{ "jobs", 'j', "N", 0, "run: instances at a time, 1 to 4; default one a CPU", 0 },
	{ "out", OPT_DIR, "DIR", 0, "where campaigns lie; default build/fuzz/out", 0 },
	{ "sync", OPT_SYNC, "QUEUE", 0,
	  "run: read the queue of an instance elsewhere as well (may be repeated)", 0 },
	{ "until-crash", OPT_UNTIL, NULL, 0, "run: end at the first finding", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct fuzz_args *a = state->input;

	switch (key) {
	case 's':
		a->c.seconds = cli_number(state, "seconds", arg, 0, 10000000);
		return 0;
	case 'j':
		a->c.instances = cli_number(state, "jobs", arg, 1, CAMPAIGN_INSTANCES);
		return 0;
	case OPT_DIR:
		a->c.dir = arg;
		return 0;
	case OPT_SYNC:
		strs_add(&a->c.sync, arg);
		return 0;
	case OPT_UNTIL:
		a->c.until_crash = true;
		return 0;
	case ARGP_KEY_ARG:
		strs_add(&a->words, arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->words.n)
			cli_fail(state, "which action? run, resume, triage, minimize, cover, plot "
					"or replay");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "run|resume|triage|cover|plot [TARGET...]\nminimize TARGET [FILE]\n"
		    "replay TARGET FILE|DIRECTORY...",
	.doc = "Fuzzes the reference's core and the parsers of what a guest sends, with AFL++ "
	       "(`sudo make deps-fuzz && make fuzz-afl`). Without a TARGET: all that run on the "
	       "host, one after the other (triage, cover, plot: that have a campaign). exec and sequence run on the reference in a guest "
	       "(`make reference FLAVOUR=fuzz`, and fuzz-kasan), mainline on a stock kernel."
	       "\vrun       begin a campaign; exit code 1 if it found anything\n"
	       "resume    go on with the last one\n"
	       "triage    judge all findings again, and tell each cause once\n"
	       "minimize  make FILE smaller (FILE.min); without FILE the corpus (corpus.min/)\n"
	       "cover     which lines the corpus reaches (lcov)\n"
	       "plot      edges, executions and findings over time\n"
	       "replay    judge inputs, without AFL++\n\n"
	       "Several machines: give each a directory of its own, copy the directories of "
	       "instances (DIR/TARGET/main) to the others under names of their own now and then, "
	       "and name them with --sync.\n\n"
	       "Examples:\n"
	       "  krsi fuzz run env_var --seconds 600\n"
	       "  krsi fuzz run env_var --sync /net/other/env_var/main/queue\n"
	       "  krsi fuzz triage\n",
};

/* Runs a program of AFL++ or lcov; its last words on failure. */
static int tool(const char *const *argv, const char *const *env, const char *package,
		struct krsi_err *err)
{
	const struct proc_opts o = { .argv = argv, .env = env, .package = package };
	struct proc_result r = { 0 };
	int rc = proc_run(&r, &o, err);

	if (!rc && r.status) {
		char *words = *r.errors ? r.errors : r.out, *said;

		text_uncolour(words);
		said = text_line(words, 300);
		rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s ended with %d: %s", argv[0], r.status,
				  said);
		free(said);
	}
	proc_result_free(&r);
	return rc;
}

static int run_one(struct fuzz_args *a, const char *target, struct krsi_err *err)
{
	struct campaign_stats s;

	a->c.target = target;
	a->c.resume = !strcmp(a->words.v[0], "resume");
	if (campaign_run(&a->c, &s, err))
		return -1;
	printf("%s: %llu executions, %.0f a second, corpus %lu, edges %lu of %lu, stability "
	       "%.1f %%, %lu crashes, %lu hangs\n",
	       target, s.execs, s.execs_per_sec, s.corpus, s.edges, s.total_edges, s.stability,
	       s.crashes, s.hangs);
	fflush(stdout);
	return s.crashes + s.hangs ? KRSI_EXIT_FAIL : 0;
}

static int triage_one(struct fuzz_args *a, const char *target, struct krsi_err *err)
{
	struct findings f = { 0 };
	char *self = fs_beside_self("krsi");
	int rc = findings_triage(&f, a->build, a->c.dir, target, err);

	for (size_t i = 0; i < f.n_item && !rc; i++)
		printf("%s: %s (%zu inputs)\n    %s fuzz replay %s %s\n", target, f.item[i].what,
		       f.item[i].n, self, target, f.item[i].file);
	if (!rc && f.fixed)
		printf("%s: %zu inputs are judged to be well now\n", target, f.fixed);
	if (!rc && !f.n_item && !f.fixed)
		printf("%s: nothing found\n", target);
	if (!rc && f.n_item)
		rc = KRSI_EXIT_FAIL;
	findings_free(&f);
	free(self);
	return rc;
}

static int minimize_file(struct fuzz_args *a, const char *target, const char *file,
			 struct krsi_err *err)
{
	char *small = xasprintf("%s.min", file), *program = NULL;
	const char *const flavours[] = { "plain", "san" };
	int rc = -1;

	/* what a sanitizer alone sees is minimised with it */
	for (size_t i = 0; i < ARRAY_SIZE(flavours) && rc; i++) {
		struct strs env = { 0 };

		strs_add(&env, "AFL_TMIN_EXACT=1");
		campaign_environment(target, flavours[i], a->c.dir, "minimize", &env);
		free(program);
		program = campaign_program(a->build, target, flavours[i]);
		rc = tool((const char *const[]){ "afl-tmin", "-t", campaign_timeout(target), "-i",
						 file, "-o", small, "--", program, NULL },
			  (const char *const *)env.v, "afl++", err);
		strs_free(&env);
	}
	if (!rc)
		printf("%s\n", small);
	free(program);
	free(small);
	return rc;
}

static int minimize_corpus(struct fuzz_args *a, const char *target, struct krsi_err *err)
{
	char *all = xasprintf("%s/%s/corpus", a->c.dir, target), *small = xasprintf("%s.min", all);
	char *program = campaign_program(a->build, target, "plain");
	struct strs files = { 0 }, env = { 0 };
	int rc;

	fs_remove_tree(all);
	fs_remove_tree(small);
	rc = fs_mkdirs(all, err);
	strs_add(&env, "AFL_ALLOW_TMP=1");
	campaign_environment(target, "plain", a->c.dir, "minimize", &env);
	campaign_files(a->c.dir, target, "queue", &files);
	for (size_t i = 0; i < files.n && !rc; i++) {
		char *name = xasprintf("%s/%06zu", all, i);

		if (link(files.v[i], name))
			rc = krsi_err_sys(err, "%s", name);
		free(name);
	}
	rc = rc
		     ?: tool((const char *const[]){ "afl-cmin", "-t", campaign_timeout(target),
						    "-i", all, "-o", small, "--", program, NULL },
			     (const char *const *)env.v, "afl++", err);
	if (!rc)
		printf("%s: %zu inputs were\n", small, files.n);
	strs_free(&files);
	strs_free(&env);
	free(program);
	free(small);
	free(all);
	return rc;
}

static int no_campaign(const struct fuzz_args *a, const char *target, struct krsi_err *err)
{
	return krsi_err_set(err, KRSI_EXIT_USAGE,
			    "%s: no campaign in %s; `krsi fuzz run %s` begins one", target,
			    a->c.dir, target);
}

/* That it can be read, told in one line before others tell it in many. */
static int input(const char *path, bool directory, struct krsi_err *err)
{
	struct stat st;

	if (stat(path, &st) || access(path, R_OK))
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode) && !directory)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: %s", path, strerror(EISDIR));
	return 0;
}

static int minimize(struct fuzz_args *a, struct krsi_err *err)
{
	const char *target = a->words.n > 1 ? a->words.v[1] : NULL;

	if (!target)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "minimize of which target?");
	if (a->words.n > 3)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "minimize takes one file, not also '%s'",
				    a->words.v[3]);
	if (a->words.n > 2)
		return input(a->words.v[2], false, err)
			       ?: minimize_file(a, target, a->words.v[2], err);
	if (!campaign_begun(a->c.dir, target))
		return no_campaign(a, target, err);
	return minimize_corpus(a, target, err);
}

static int cover_one(struct fuzz_args *a, const char *target, struct krsi_err *err)
{
	char *program = xasprintf("%s/cover/%s", a->build, target);
	char *dir = xasprintf("%s/%s/cover", a->c.dir, target);
	char *info = xasprintf("%s/lcov.info", dir), *objects = xasprintf("%s/cover/obj", a->build);
	struct strs run = { 0 }, files = { 0 };
	int rc = fs_mkdirs(dir, err);

	strs_add(&run, program);
	strs_take(&run, xasprintf("%s/%s/seeds", a->c.dir, target));
	campaign_files(a->c.dir, target, "queue", &files);
	strs_copy(&run, &files);
	rc = rc
		     ?: tool((const char *const[]){ "lcov", "-q", "-z", "-d", objects, NULL }, NULL,
			     "lcov", err);
	rc = rc ?: tool((const char *const *)run.v, NULL, NULL, err);
	rc = rc
		     ?: tool((const char *const[]){ "lcov", "-q", "-c", "-d", objects, "-b", ".",
						    "--no-external", "-o", info, NULL },
			     NULL, "lcov", err);
	rc = rc
		     ?: tool((const char *const[]){ "genhtml", "-q", "-o", dir, info, NULL }, NULL,
			     "lcov", err);
	if (!rc)
		printf("%s: %zu inputs, %s/index.html\n", target, files.n, dir);
	strs_free(&run);
	strs_free(&files);
	free(objects);
	free(info);
	free(dir);
	free(program);
	return rc;
}

static int plot_one(struct fuzz_args *a, const char *target, struct krsi_err *err)
{
	char *from = xasprintf("%s/%s/main", a->c.dir, target);
	char *to = xasprintf("%s/%s/plot", a->c.dir, target);
	int rc = fs_mkdirs(to, err);

	rc = rc
		     ?: tool((const char *const[]){ "afl-plot", from, to, NULL }, NULL,
			     "afl++ gnuplot-nox", err);
	if (!rc)
		printf("%s/index.html\n", to);
	free(from);
	free(to);
	return rc;
}

static int replay(struct fuzz_args *a, struct krsi_err *err)
{
	struct strs args = { 0 }, env = { 0 };

	if (a->words.n < 3)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "replay of which target and file?");
	for (size_t i = 2; i < a->words.n; i++)
		if (input(a->words.v[i], true, err))
			return -1;
	strs_take(&args, campaign_program(a->build, a->words.v[1], "replay"));
	for (size_t i = 2; i < a->words.n; i++)
		strs_add(&args, a->words.v[i]);
	campaign_environment(a->words.v[1], "replay", a->c.dir, "replay", &env);
	for (size_t i = 0; i < env.n; i++)
		putenv(env.v[i]);
	/* its words and its end are what is wanted */
	execv(args.v[0], args.v);
	krsi_err_sys(err, "%s", args.v[0]);
	strs_free(&args);
	return -1;
}

static const struct action {
	const char *word;
	int (*one)(struct fuzz_args *a, const char *target, struct krsi_err *err);
	int (*all)(struct fuzz_args *a, struct krsi_err *err);
	bool looks_back; /* at a campaign */
	bool on_host;	 /* only */
} actions[] = {
	{ "run", run_one, NULL, false, false },	     { "resume", run_one, NULL, false, false },
	{ "triage", triage_one, NULL, true, false }, { "cover", cover_one, NULL, true, true },
	{ "plot", plot_one, NULL, true, false },     { "minimize", NULL, minimize, false, false },
	{ "replay", NULL, replay, false, false },
};

/* That the words which name targets do: what is done with others could be done anywhere. */
static int check_targets(const struct fuzz_args *a, const struct action *action,
			 struct krsi_err *err)
{
	size_t n = action->one || a->words.n < 2 ? a->words.n : 2;
	struct strs names = { 0 };
	int rc = 0;

	campaign_names(a->build, a->sources, &names);
	for (size_t i = 1; i < n && !rc; i++) {
		const char *word = a->words.v[i];
		char *all = strs_join(&names, ", ");

		if (!strs_has(&names, word))
			rc = krsi_err_set(err, KRSI_EXIT_USAGE, "no target '%s'; there are %s",
					  word, all);
		else if (action->on_host && campaign_in_guest(word))
			rc = krsi_err_set(err, KRSI_EXIT_USAGE,
					  "%s runs in a guest: see `make coverage` for lines there",
					  word);
		free(all);
	}
	strs_free(&names);
	return rc;
}

/*
 * For each target that is named, or for all. The worst of their results. One without a campaign
 * keeps nothing of the others back.
 */
static int for_each(struct fuzz_args *a, const struct action *action, struct krsi_err *err)
{
	const char *without = NULL;
	struct strs names = { 0 };
	int worst = 0, rc = 0;
	size_t done = 0;

	for (size_t i = 1; i < a->words.n; i++)
		strs_add(&names, a->words.v[i]);
	if (!names.n)
		rc = campaign_targets(a->build, false, &names, err);
	for (size_t i = 0; i < names.n && rc >= 0; i++) {
		if (action->looks_back && !campaign_begun(a->c.dir, names.v[i])) {
			without = names.v[i];
			continue;
		}
		rc = action->one(a, names.v[i], err);
		worst = rc > worst ? rc : worst;
		done++;
	}
	if (rc >= 0 && without && (a->words.n > 1 || !done))
		rc = no_campaign(a, without, err);
	strs_free(&names);
	return rc < 0 ? rc : worst;
}

static int act(struct fuzz_args *a, struct krsi_err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (strcmp(actions[i].word, a->words.v[0]))
			continue;
		if (check_targets(a, &actions[i], err))
			return -1;
		return actions[i].all ? actions[i].all(a, err) : for_each(a, &actions[i], err);
	}
	return krsi_err_set(err, KRSI_EXIT_USAGE,
			    "'%s' is no action: run, resume, triage, minimize, cover, plot, replay",
			    a->words.v[0]);
}

int cmd_fuzz(int argc, char **argv)
{
	struct fuzz_args a = { .c = { .seconds = 60, .progress = stderr } };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct krsi_err err = { 0 };
	char *dir;
	int rc;

	a.c.instances = cpus < 1 ? 1 : cpus > CAMPAIGN_INSTANCES ? CAMPAIGN_INSTANCES : cpus;
	a.build = fs_beside_self("fuzz");
	a.sources = fs_beside_self("../fuzz");
	dir = xasprintf("%s/out", a.build);
	a.c.dir = dir;
	a.c.build = a.build;
	a.c.sources = a.sources;
	cli_parse(&argp, argc, argv, &a);
	rc = act(&a, &err);
	strs_free(&a.words);
	strs_free(&a.c.sync);
	free(dir);
	free(a.build);
	free(a.sources);
	return rc < 0 ? cli_error(&err) : cli_flush(rc);
}
