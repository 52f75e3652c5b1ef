// SPDX-License-Identifier: GPL-2.0-only
#include "ci/conduct.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/shard.h"
#include "ci/text.h"
#include "vm-images/proc.h"

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

/* The plan, dealt out like cards: neighbours cost alike, so that all guests are done together. */
static void deal(struct shard *shards, unsigned int n, const struct conduct_opts *o)
{
	for (size_t i = 0; i < o->selection->ids.n; i++) {
		const struct cat_test *t = catalogue_test(o->catalogue, o->selection->ids.v[i]);
		struct run_test *to = run_add_test(&shards[i % n].run, t->id);

		to->summary = xstrdup(t->summary);
		strs_copy(&to->requirements, &t->requirements);
	}
	for (unsigned int i = 0; i < n; i++)
		run_sort(&shards[i].run);
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
	unsigned int n = o->jobs ? o->jobs : 1;
	pthread_t *threads;
	struct shard *shards;
	double first = -1;
	int rc;

	if (n > o->selection->ids.n)
		n = (unsigned int)o->selection->ids.n;
	shards = xcalloc(n, sizeof(*shards));
	threads = xcalloc(n, sizeof(*threads));
	for (unsigned int i = 0; i < n; i++)
		shards[i] = (struct shard){
			.opts = o, .index = i, .started = -1, .run.implementation = xstrdup(o->impl)
		};
	deal(shards, n, o);
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
