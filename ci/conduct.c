// SPDX-License-Identifier: GPL-2.0-only
#include "ci/conduct.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci/shard.h"
#include "ci/text.h"
#include "vm-images/proc.h"

#define TESTS_WORTH_A_BOOT 200

static volatile sig_atomic_t interrupted;

void conduct_interrupt(int sig)
{
	interrupted = sig;
}

int conduct_interrupted(void)
{
	return interrupted;
}

static void *work(void *arg)
{
	shard_run(arg);
	return NULL;
}

/* The sentences of the requirements that the plan's tests name go with the results. */
static void add_requirements(struct run *run, const struct catalogue *c)
{
	for (size_t i = 0; i < c->n_requirements; i++) {
		const struct cat_requirement *q = &c->requirements[i];
		bool named = false;
		struct run_requirement *to;

		for (size_t j = 0; j < run->n_tests && !named; j++)
			named = strs_has(&run->tests[j].requirements, q->id);
		if (!named)
			continue;
		to = ARRAY_PUSH(run, requirements);
		*to = (struct run_requirement){ .id = xstrdup(q->id),
						.level = xstrdup(q->level),
						.text = xstrdup(q->text),
						.source = xstrdup(q->source) };
	}
}

/*
 * What belongs together, as the length of what such ids share: a guest that runs one test of a hook
 * has put a program on it, so it runs all of them.
 */
static size_t group_length(const char *id)
{
	const char *end = strncmp(id, "hook/", 5) ? NULL : strchr(id + 5, '/');

	return end ? (size_t)(end + 1 - id) : strlen(id);
}

/* In tests of a hook: to put a program on it and off again; and what another test takes. */
#define GROUP_COST 4

/*
 * The LSM that a test needs a guest of its own for. None where the user has said which LSMs there
 * are to be: then all guests have those.
 */
static const char *own_lsm(const struct conduct_opts *o, const struct cat_test *t)
{
	return o->guest->lsm ? NULL : t->lsm;
}

static void give(struct shard *to, const struct cat_test *t)
{
	struct run_test *test = run_add_test(&to->run, t->id);

	test->summary = xstrdup(t->summary);
	strs_copy(&test->requirements, &t->requirements);
}

/* The plan, dealt out so that all guests are done together; the last `special` of them take the
 * tests that need their LSM. */
static void deal(struct shard *shards, unsigned int n, unsigned int special,
		 const struct conduct_opts *o)
{
	size_t *cost = xcalloc(n + special, sizeof(*cost)), len;
	const char *group = "";
	unsigned int to = 0;

	for (size_t i = 0; i < o->selection->ids.n; i++) {
		const struct cat_test *t = catalogue_test(o->catalogue, o->selection->ids.v[i]);
		const char *lsm = own_lsm(o, t);

		for (unsigned int j = n; lsm && j < n + special; j++)
			if (!strcmp(shards[j].lsm, lsm))
				give(&shards[j], t);
		if (lsm)
			continue;
		len = group_length(t->id);
		if (len != group_length(group) || strncmp(group, t->id, len)) {
			for (unsigned int j = 0; j < n; j++)
				to = cost[j] < cost[to] ? j : to;
			cost[to] += GROUP_COST;
			group = t->id;
		}
		cost[to]++;
		give(&shards[to], t);
	}
	free(cost);
	for (unsigned int i = 0; i < n + special; i++)
		run_sort(&shards[i].run);
}

/* As many guests as can run at once, where each has enough to do to be worth its boot. */
static unsigned int guests(const struct conduct_opts *o, size_t tests)
{
	size_t worth = tests / TESTS_WORTH_A_BOOT, n = o->jobs;
	size_t cpus = (size_t)sysconf(_SC_NPROCESSORS_ONLN);

	if (!n)
		n = worth < cpus ? worth : cpus;
	if (!n)
		n = 1;
	return (unsigned int)(n < tests ? n : tests);
}

/* Guests without tests are not booted; one is, whatever it has to do. */
static unsigned int drop_idle(struct shard *shards, unsigned int n)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (!shards[i].run.n_tests && (kept || i + 1 < n)) {
			run_free(&shards[i].run);
			continue;
		}
		shards[kept] = shards[i];
		shards[kept].index = kept;
		kept++;
	}
	return kept;
}

/* The LSMs for which guests are needed, each once; returns how many tests need none. */
static size_t find_lsms(const struct conduct_opts *o, struct strs *lsms)
{
	size_t others = 0;

	for (size_t i = 0; i < o->selection->ids.n; i++) {
		const char *lsm = own_lsm(o, catalogue_test(o->catalogue, o->selection->ids.v[i]));

		others += !lsm;
		if (lsm && !strs_has(lsms, lsm))
			strs_add(lsms, lsm);
	}
	return others;
}

static int collect(struct run *run, struct shard *shards, unsigned int n, struct krsi_err *err)
{
	int rc = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (shards[i].failed && !rc) {
			*err = shards[i].err;
			rc = -1;
		}
		run_merge(run, &shards[i].run);
	}
	run_sort(run);
	return rc;
}

int conduct(struct run *run, const struct conduct_opts *o, struct krsi_err *err)
{
	struct strs lsms = { 0 };
	unsigned int dealt = guests(o, find_lsms(o, &lsms)), n = dealt + (unsigned int)lsms.n;
	pthread_t *threads;
	struct shard *shards;
	double first = -1;
	int rc;

	if (!n)
		n = dealt = 1;
	shards = xcalloc(n, sizeof(*shards));
	threads = xcalloc(n, sizeof(*threads));
	for (unsigned int i = 0; i < n; i++)
		shards[i] = (struct shard){
			.opts = o, .index = i, .started = -1, .run.implementation = xstrdup(o->impl)
		};
	for (size_t i = 0; i < lsms.n; i++)
		shards[dealt + i].lsm = lsms.v[i];
	deal(shards, dealt, (unsigned int)lsms.n, o);
	n = drop_idle(shards, n);
	for (unsigned int i = 1; i < n; i++)
		if (pthread_create(&threads[i], NULL, work, &shards[i])) {
			shards[i].failed = true;
			krsi_err_set(&shards[i].err, KRSI_EXIT_INFRA,
				     "no thread for guest %u; use a smaller --jobs", i + 1);
		}
	work(&shards[0]);
	for (unsigned int i = 1; i < n; i++)
		if (threads[i])
			pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < n; i++)
		if (shards[i].started >= 0 && (first < 0 || shards[i].started < first))
			first = shards[i].started;
	rc = collect(run, shards, n, err);
	add_requirements(run, o->catalogue);
	run_sort(run);
	if (interrupted)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA, "interrupted; no results were written");
	else if (!rc && first >= 0)
		run->seconds = proc_seconds() - first;
	free(threads);
	free(shards);
	strs_free(&lsms);
	return rc;
}
