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

/* The plan, dealt out so that all guests are done together. */
static void deal(struct shard *shards, unsigned int n, const struct conduct_opts *o)
{
	size_t *cost = xcalloc(n, sizeof(*cost)), len;
	const char *group = "";
	unsigned int to = 0;

	for (size_t i = 0; i < o->selection->ids.n; i++) {
		const struct cat_test *t = catalogue_test(o->catalogue, o->selection->ids.v[i]);
		struct run_test *test;

		len = group_length(t->id);
		if (len != group_length(group) || strncmp(group, t->id, len)) {
			for (unsigned int j = 0; j < n; j++)
				to = cost[j] < cost[to] ? j : to;
			cost[to] += GROUP_COST;
			group = t->id;
		}
		cost[to]++;
		test = run_add_test(&shards[to].run, t->id);
		test->summary = xstrdup(t->summary);
		strs_copy(&test->requirements, &t->requirements);
	}
	free(cost);
	for (unsigned int i = 0; i < n; i++)
		run_sort(&shards[i].run);
}

/* As many guests as can run at once, where each has enough to do to be worth its boot. */
static unsigned int guests(const struct conduct_opts *o)
{
	size_t tests = o->selection->ids.n, worth = tests / TESTS_WORTH_A_BOOT, n = o->jobs;
	size_t cpus = (size_t)sysconf(_SC_NPROCESSORS_ONLN);

	if (!n)
		n = worth < cpus ? worth : cpus;
	if (n > tests)
		n = tests;
	return n ? (unsigned int)n : 1;
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
	unsigned int n = guests(o);
	pthread_t *threads;
	struct shard *shards;
	double first = -1;
	int rc;

	shards = xcalloc(n, sizeof(*shards));
	threads = xcalloc(n, sizeof(*threads));
	for (unsigned int i = 0; i < n; i++)
		shards[i] = (struct shard){
			.opts = o, .index = i, .started = -1, .run.implementation = xstrdup(o->impl)
		};
	deal(shards, n, o);
	while (n > 1 && !shards[n - 1].run.n_tests)
		n--;
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
	return rc;
}
