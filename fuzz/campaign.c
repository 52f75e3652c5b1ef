// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/campaign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ci/array.h"
#include "ci/text.h"
#include "vm-images/fs.h"
#include "vm-images/proc.h"

#define STATS_MAX (1 << 20)
/* How often a log gets a line of progress, a terminal a new one, in seconds. */
#define LOG_EVERY 15
#define TTY_EVERY 1
/* What an instance gets beyond its time before it is killed; with guests that boot meanwhile. */
#define GRACE	    30
#define GUEST_GRACE 600
/* Milliseconds for an input, a boot included. */
#define GUEST_TIMEOUT "200000"

/* They differ in what they look for, and in what they spend their time on. */
static const struct {
	const char *name, *flavour, *schedule;
	bool cmplog;
} instances[CAMPAIGN_INSTANCES] = {
	{ "main", "plain", "explore", true },
	{ "san", "san", "fast", false },
	{ "rare", "plain", "rare", false },
	{ "coe", "san", "coe", true },
};

/* Targets in a guest: its kernel, and one that watches more. */
static const struct guest_target {
	const char *name, *kernel, *san;
} guests[] = {
	{ "exec", "reference-fuzz", "reference-fuzz-kasan" },
	{ "sequence", "reference-fuzz", "reference-fuzz-kasan" },
	{ "mainline", "debian-6.12", "debian-6.1" },
	/* for tests */
	{ "faulty", "debian-6.1", "debian-6.1" },
};

static const char *const guest_environment[] = {
	/* the program is a proxy */
	"AFL_SKIP_BIN_CHECK=1",
	"AFL_FORKSRV_INIT_TMOUT=" GUEST_TIMEOUT,
};

static const char *const environment[] = {
	"AFL_SKIP_CPUFREQ=1",
	"AFL_NO_AFFINITY=1",
	"AFL_NO_UI=1",
	/* core_pattern belongs to the machine's owner; a crash then comes a little later */
	"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1",
	"AFL_AUTORESUME=0",
	/* minutes; the default is longer than a short campaign */
	"AFL_SYNC_TIME=1",
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static const struct guest_target *guest_of(const char *target)
{
	for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
		if (!strcmp(guests[i].name, target))
			return &guests[i];
	return NULL;
}

bool campaign_in_guest(const char *target)
{
	return guest_of(target);
}

char *campaign_program(const char *build, const char *target, const char *flavour)
{
	return xasprintf("%s/%s/%s", build, guest_of(target) ? "guest" : flavour, target);
}

const char *campaign_timeout(const char *target)
{
	return guest_of(target) ? GUEST_TIMEOUT : "1000+";
}

void campaign_environment(const char *target, const char *flavour, const char *dir, const char *who,
			  struct strs *env)
{
	const struct guest_target *g = guest_of(target);
	bool plain = !strcmp(flavour, "plain");

	if (!g)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(guest_environment); i++)
		strs_add(env, guest_environment[i]);
	strs_take(env, xasprintf("FUZZ_KERNEL=%s", plain ? g->kernel : g->san));
	strs_take(env, xasprintf("FUZZ_DIR=%s/%s/guest-%s", dir, target, who));
}

/* Adds the files of a directory whose name is one word and then @end. */
static void list_words(const char *path, const char *end, struct strs *names)
{
	DIR *d = opendir(path);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		size_t n = strcspn(entry->d_name, ".");
		char *word = xstrndup(entry->d_name, n);

		if (entry->d_type == DT_REG && n && !strcmp(entry->d_name + n, end) &&
		    !strs_has(names, word))
			strs_add(names, word);
		free(word);
	}
	if (d)
		closedir(d);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_name);
}

void campaign_names(const char *build, const char *sources, struct strs *names)
{
	char *built = xasprintf("%s/replay", build), *targets = xasprintf("%s/targets", sources);

	for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
		strs_add(names, guests[i].name);
	list_words(built, "", names);
	list_words(targets, ".c", names);
	free(targets);
	free(built);
}

bool campaign_begun(const char *dir, const char *target)
{
	char *path = xasprintf("%s/%s/%s", dir, target, instances[0].name);
	bool is = fs_is_dir(path);

	free(path);
	return is;
}

int campaign_targets(const char *build, bool guest, struct strs *names, struct krsi_err *err)
{
	char *path = xasprintf("%s/%s", build, guest ? "guest" : "replay");

	list_words(path, "", names);
	if (!names->n)
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s: no targets: build them with `make %s`",
			     path, guest ? "all" : "fuzz-afl");
	free(path);
	return names->n ? 0 : -1;
}

static void list_dir(const char *path, struct strs *files)
{
	size_t first = files->n;
	const struct dirent *entry;
	DIR *d = opendir(path);

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && strncmp(entry->d_name, "README", 6))
			strs_take(files, xasprintf("%s/%s", path, entry->d_name));
	if (d)
		closedir(d);
	if (files->n > first)
		qsort(files->v + first, files->n - first, sizeof(*files->v), by_name);
}

void campaign_files(const char *dir, const char *target, const char *which, struct strs *files)
{
	for (size_t i = 0; i < ARRAY_SIZE(instances); i++) {
		char *path = xasprintf("%s/%s/%s/%s", dir, target, instances[i].name, which);

		list_dir(path, files);
		free(path);
	}
}

/* The value of a key in fuzzer_stats ("key : value"), or 0. */
static double stat_value(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, n) && line[n + strspn(line + n, " ")] == ':')
			return strtod(line + n + strspn(line + n, " :"), NULL);
	}
	return 0;
}

static void add_stats(const char *text, struct campaign_stats *s)
{
	double corpus = stat_value(text, "corpus_count"), edges = stat_value(text, "edges_found");
	double stability = stat_value(text, "stability");

	s->execs += stat_value(text, "execs_done");
	if (stat_value(text, "run_time") >= 1)
		s->execs_per_sec += stat_value(text, "execs_per_sec");
	s->corpus = corpus > s->corpus ? corpus : s->corpus;
	s->stability = stability > s->stability ? stability : s->stability;
	if (edges > s->edges) {
		s->edges = edges;
		s->total_edges = stat_value(text, "total_edges");
	}
}

void campaign_stats(const char *dir, const char *target, struct campaign_stats *stats)
{
	struct krsi_err ignored = { 0 };
	struct strs files = { 0 };

	*stats = (struct campaign_stats){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(instances); i++) {
		char *path = xasprintf("%s/%s/%s/fuzzer_stats", dir, target, instances[i].name);
		char *text = fs_read(path, STATS_MAX, NULL, &ignored);

		if (text)
			add_stats(text, stats);
		free(text);
		free(path);
	}
	campaign_files(dir, target, "crashes", &files);
	stats->crashes = files.n;
	campaign_files(dir, target, "hangs", &files);
	stats->hangs = files.n - stats->crashes;
	strs_free(&files);
}

/* Anew for each campaign: the tables that they are made of may have grown. */
static int make_seeds(const struct campaign *c, struct krsi_err *err)
{
	char *seeds = xasprintf("%s/%s/seeds", c->dir, c->target);
	char *program = campaign_program(c->build, c->target, "replay");
	const char *const argv[] = { program, "--seeds", seeds, NULL };
	const struct proc_opts o = { .argv = argv };
	struct proc_result r = { 0 };
	int rc = fs_mkdirs(seeds, err);

	rc = rc ?: proc_run(&r, &o, err);
	if (!rc && r.status)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s --seeds: %.200s", program, r.errors);
	proc_result_free(&r);
	free(program);
	free(seeds);
	return rc;
}

/* The arguments of instance @i. */
static void arguments(const struct campaign *c, size_t i, struct strs *args)
{
	char *dict = xasprintf("%s/dict/%s.dict", c->sources ? c->sources : "", c->target);
	char *queue = xasprintf("%s/%s/%s/queue", c->dir, c->target, instances[i].name);

	strs_add(args, "afl-fuzz");
	strs_add(args, i ? "-S" : "-M");
	strs_add(args, instances[i].name);
	strs_add(args, "-p");
	strs_add(args, instances[i].schedule);
	strs_add(args, "-i");
	/* there may be more of them than the last time */
	if (c->resume && fs_is_dir(queue))
		strs_add(args, "-");
	else
		strs_take(args, xasprintf("%s/%s/seeds", c->dir, c->target));
	strs_add(args, "-o");
	strs_take(args, xasprintf("%s/%s", c->dir, c->target));
	if (c->seconds) {
		strs_add(args, "-V");
		strs_take(args, xasprintf("%u", c->seconds));
	}
	if (c->sources && fs_exists(dict)) {
		strs_add(args, "-x");
		strs_add(args, dict);
	}
	strs_add(args, "-t");
	strs_add(args, campaign_timeout(c->target));
	if (instances[i].cmplog && !guest_of(c->target)) {
		strs_add(args, "-c");
		strs_take(args, xasprintf("%s/cmplog/%s", c->build, c->target));
	}
	for (size_t s = 0; !i && s < c->sync.n; s++) {
		strs_add(args, "-F");
		strs_add(args, c->sync.v[s]);
	}
	strs_add(args, "--");
	strs_take(args, campaign_program(c->build, c->target, instances[i].flavour));
	free(queue);
	free(dict);
}

/*
 * The fuzzer and its target wait for each other in turns: on one CPU that is a switch, on two a
 * call to another CPU, which takes a third longer. A guest is at work while its fuzzer waits.
 */
static void stay(const struct campaign *c, size_t i)
{
	cpu_set_t allowed, one;
	size_t skip;

	if (guest_of(c->target) || sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	skip = i % CPU_COUNT(&allowed);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && !skip--)
			CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* What changes inputs of this target as what they are, if there is something. The first instance
 * changes them in no other way: the others' changes of bytes take minutes for each input. */
static void add_mutator(const struct campaign *c, size_t i, struct strs *env)
{
	char *path = xasprintf("%s/guest/%s.so", c->build, c->target);

	if (fs_exists(path)) {
		strs_take(env, xasprintf("AFL_CUSTOM_MUTATOR_LIBRARY=%s", path));
		if (!i)
			strs_add(env, "AFL_CUSTOM_MUTATOR_ONLY=1");
	}
	free(path);
}

static pid_t start(const struct campaign *c, size_t i, const char *program)
{
	char *log = xasprintf("%s/%s/%s.log", c->dir, c->target, instances[i].name);
	struct strs args = { 0 }, env = { 0 };
	pid_t self = getpid(), pid;

	arguments(c, i, &args);
	campaign_environment(c->target, instances[i].flavour, c->dir, instances[i].name, &env);
	add_mutator(c, i, &env);
	pid = fork();
	if (!pid) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		int null = open("/dev/null", O_RDONLY);

		proc_die_with(self);
		dup2(null, STDIN_FILENO);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		for (size_t e = 0; e < ARRAY_SIZE(environment); e++)
			putenv((char *)environment[e]);
		for (size_t e = 0; e < env.n; e++)
			putenv(env.v[e]);
		stay(c, i);
		if (c->until_crash)
			putenv((char *)"AFL_BENCH_UNTIL_CRASH=1");
		execv(program, args.v);
		_exit(127);
	}
	strs_free(&args);
	strs_free(&env);
	free(log);
	return pid;
}

static void show(const struct campaign *c, double seconds, bool last)
{
	bool tty = isatty(fileno(c->progress));
	struct campaign_stats s;

	campaign_stats(c->dir, c->target, &s);
	fprintf(c->progress,
		"%s%s: %.0f s, %llu executions, %.0f a second, corpus %lu, edges %lu of %lu, "
		"%lu crashes, %lu hangs%s",
		tty ? "\r\033[K" : "", c->target, seconds, s.execs, s.execs_per_sec, s.corpus,
		s.edges, s.total_edges, s.crashes, s.hangs, tty && !last ? "" : "\n");
	fflush(c->progress);
}

/* Waits for all. Returns how many ended otherwise than well. */
static int watch(const struct campaign *c, pid_t *pids, unsigned int n)
{
	double begin = proc_seconds(), shown = begin;
	double grace = guest_of(c->target) ? GUEST_GRACE : GRACE;
	unsigned int left = n, wrong = 0;
	bool told = false;

	while (left) {
		double now = proc_seconds();
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (c->progress &&
		    now - shown >= (isatty(fileno(c->progress)) ? TTY_EVERY : LOG_EVERY)) {
			show(c, now - begin, false);
			shown = now;
		}
		if (!told && (stop || (c->seconds && now - begin > c->seconds + grace))) {
			for (unsigned int i = 0; i < n; i++)
				if (pids[i] > 0)
					kill(pids[i], SIGINT);
			told = true;
		}
		if (pid <= 0) {
			nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
			continue;
		}
		for (unsigned int i = 0; i < n; i++)
			if (pids[i] == pid)
				pids[i] = 0;
		left--;
		wrong += !WIFEXITED(status) || WEXITSTATUS(status);
		/* the others have nothing to find any more */
		stop |= c->until_crash;
	}
	if (c->progress)
		show(c, proc_seconds() - begin, true);
	return wrong;
}

/* What an instance complained about: its last line that is no decoration. */
static int complain(const struct campaign *c, struct krsi_err *err)
{
	char *log = xasprintf("%s/%s/main.log", c->dir, c->target), *line = NULL, *save = NULL;
	struct krsi_err ignored = { 0 };
	char *text = fs_read(log, STATS_MAX, NULL, &ignored);

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save))
		if (strstr(l, "PROGRAM ABORT"))
			line = l;
	if (line)
		text_uncolour(line);
	krsi_err_set(err, KRSI_EXIT_INFRA, "afl-fuzz failed: %.200s (see %s)",
		     line ? line : "no reason given", log);
	free(text);
	free(log);
	return -1;
}

static int run_all(const struct campaign *c, const char *program)
{
	const struct sigaction catch = { .sa_handler = on_signal };
	struct sigaction old_int, old_term;
	pid_t pids[CAMPAIGN_INSTANCES];
	int wrong;

	stop = 0;
	sigaction(SIGINT, &catch, &old_int);
	sigaction(SIGTERM, &catch, &old_term);
	for (unsigned int i = 0; i < c->instances; i++)
		pids[i] = start(c, i, program);
	wrong = watch(c, pids, c->instances);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	return wrong;
}

/* What an earlier campaign of the target left. */
static void remove_old(const struct campaign *c)
{
	char *old = xasprintf("%s/%s", c->dir, c->target);

	fs_remove_tree(old);
	free(old);
}

int campaign_run(const struct campaign *c, struct campaign_stats *stats, struct krsi_err *err)
{
	char *program = fs_find_program("afl-fuzz");
	struct strs names = { 0 };
	int rc = -1;

	if (campaign_targets(c->build, campaign_in_guest(c->target), &names, err))
		goto out;
	if (!strs_has(&names, c->target)) {
		char *all = strs_join(&names, ", ");

		krsi_err_set(err, KRSI_EXIT_USAGE, "no target '%s'; there are %s", c->target, all);
		free(all);
		goto out;
	}
	if (!program) {
		krsi_err_set(err, KRSI_EXIT_INFRA, "no afl-fuzz: `sudo make deps-fuzz`");
		goto out;
	}
	if (!c->resume)
		remove_old(c);
	rc = make_seeds(c, err);
	if (!rc && run_all(c, program))
		rc = complain(c, err);
	if (!rc)
		campaign_stats(c->dir, c->target, stats);
out:
	strs_free(&names);
	free(program);
	return rc;
}
