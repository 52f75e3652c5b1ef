// SPDX-License-Identifier: GPL-2.0-only
#include "ci/conduct.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci/shard.h"
#include "ci/share.h"
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

/* All shares of a run, and who works on them. */
struct pool {
	struct shard *shards;
	unsigned int n; /* shares */
	bool *started, *done;
	pthread_mutex_t lock;
	pthread_cond_t ended; /* a share has */
};

/*
 * A share that can start: those that record first, since others wait for them, and then in order.
 * n: none can now; *more says whether one will.
 */
static unsigned int startable(const struct pool *p, bool *more)
{
	*more = false;
	for (int records = 1; records >= 0; records--)
		for (unsigned int i = 0; i < p->n; i++) {
			const struct shard *s = &p->shards[i];

			if (p->started[i] || (s->lane && s->lane->records) != records)
				continue;
			if (!s->against || p->done[s->against - p->shards])
				return i;
			*more = true;
		}
	return p->n;
}

static void *work(void *arg)
{
	struct pool *p = arg;
	unsigned int i;
	bool more;

	pthread_mutex_lock(&p->lock);
	do {
		i = startable(p, &more);
		if (i == p->n) {
			if (more)
				pthread_cond_wait(&p->ended, &p->lock);
			continue;
		}
		more = p->started[i] = true;
		pthread_mutex_unlock(&p->lock);
		shard_run(&p->shards[i]);
		pthread_mutex_lock(&p->lock);
		p->done[i] = true;
		pthread_cond_broadcast(&p->ended);
	} while (more && !interrupted);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Works with as many threads, this one included. A thread that does not start leaves more to us. */
static void work_all(struct pool *p, unsigned int workers)
{
	pthread_t *threads = xcalloc(workers, sizeof(*threads));
	unsigned int n = 0;

	while (n + 1 < workers && !pthread_create(&threads[n], NULL, work, p))
		n++;
	work(p);
	while (n)
		pthread_join(threads[--n], NULL);
	free(threads);
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

/* The kind of boot that a test wants. Where the user has said which LSMs there are to be, a test
 * that needs another one beside them takes its chance there. */
static const char *lane_of(const struct conduct_opts *o, const struct cat_test *t)
{
	const struct lane *lane = t->boot ? lane_find(t->boot) : NULL;

	/* where it has nothing to say, no guest is started for it */
	if (lane && lane->only && strcmp(lane->only, o->catalogue->lsm) != 0)
		return NULL;
	return t->boot ? t->boot : o->guest->lsm ? NULL : t->lsm;
}

static void add_test(struct shard *s, const struct cat_test *t)
{
	struct run_test *test = run_add_test(&s->run, t->id);

	test->summary = xstrdup(t->summary);
	strs_copy(&test->requirements, &t->requirements);
}

/* The plan but for lanes, dealt out so that all guests are done together. */
static void deal(struct shard *shards, unsigned int n, const struct conduct_opts *o)
{
	size_t *cost = xcalloc(n + 1, sizeof(*cost)), len;
	const char *group = "";
	unsigned int to = 0;

	for (size_t i = 0; i < o->selection->ids.n; i++) {
		const struct cat_test *t = catalogue_test(o->catalogue, o->selection->ids.v[i]);

		if (lane_of(o, t))
			continue;
		len = share_group_length(t->id);
		if (len != share_group_length(group) || strncmp(group, t->id, len)) {
			for (unsigned int j = 0; j < n; j++)
				to = cost[j] < cost[to] ? j : to;
			cost[to] += SHARE_GROUP_COST;
			group = t->id;
		}
		cost[to]++;
		add_test(&shards[to], t);
	}
	free(cost);
}

/* The share of a lane, of @n; NULL: there is none yet. */
static struct shard *in_lane(struct shard *shards, unsigned int n, const char *lane)
{
	for (unsigned int i = 0; i < n; i++)
		if (shards[i].lane && !strcmp(shards[i].lane->name, lane))
			return &shards[i];
	return NULL;
}

/* The tests that name a boot, each in its lane, and the lanes that record for these. */
static int deal_lanes(struct shard *shards, unsigned int *n, const struct conduct_opts *o,
		      struct krsi_err *err)
{
	unsigned int before = *n;

	for (size_t i = 0; i < o->selection->ids.n; i++) {
		const struct cat_test *t = catalogue_test(o->catalogue, o->selection->ids.v[i]);
		const char *name = lane_of(o, t);
		const struct lane *lane = name ? lane_find(name) : NULL;
		struct shard *s;

		if (!name)
			continue;
		if (!lane)
			return krsi_err_set(err, KRSI_EXIT_INFRA,
					    "test %s wants an unknown boot, %s; build krsi and "
					    "krsi-test from one tree",
					    t->id, name);
		s = in_lane(shards, *n, lane->name);
		if (!s) {
			s = &shards[(*n)++];
			s->lane = lane;
		}
		add_test(s, t);
	}
	for (unsigned int i = before, end = *n; i < end; i++) {
		const char *against = shards[i].lane->against;

		if (!against)
			continue;
		if (!in_lane(shards, *n, against))
			shards[(*n)++].lane = lane_find(against);
		shards[i].against = in_lane(shards, *n, against);
	}
	return 0;
}

/* As many guests as can run at once, where each has enough to do to be worth its boot. */
static unsigned int guests(const struct conduct_opts *o)
{
	size_t tests = 0, worth, n = o->jobs;
	size_t cpus = (size_t)sysconf(_SC_NPROCESSORS_ONLN);

	for (size_t i = 0; i < o->selection->ids.n; i++)
		tests += !lane_of(o, catalogue_test(o->catalogue, o->selection->ids.v[i]));
	worth = tests / TESTS_WORTH_A_BOOT;
	if (!n)
		n = worth < cpus ? worth : cpus;
	if (tests && !n)
		n = 1;
	return (unsigned int)(n < tests ? n : tests);
}

/* Which boot the boots of this share compare with. */
static void note_against(struct run *run, const struct shard *s)
{
	for (size_t i = (size_t)s->first_boot; i < run->n_boots; i++)
		if (run->boots[i].lane && !strcmp(run->boots[i].lane, s->lane->name))
			run->boots[i].against = s->against->first_boot + 1;
}

static int collect(struct run *run, struct shard *shards, unsigned int n, struct krsi_err *err)
{
	int rc = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (shards[i].failed && !rc) {
			*err = shards[i].err;
			rc = -1;
		}
		shards[i].first_boot = (int)run->n_boots;
		run_merge(run, &shards[i].run);
		recording_free(&shards[i].recording);
		strs_free(&shards[i].modules);
	}
	for (unsigned int i = 0; i < n; i++)
		if (shards[i].against && shards[i].first_boot < (int)run->n_boots)
			note_against(run, &shards[i]);
	run_sort(run);
	return rc;
}

/* What each guest loads: nothing where outcomes are recorded and compared, for all these have to be
 * alike. Whether a hook can be called is for the first of the others to find out. */
static void choose_modules(struct shard *shards, unsigned int n, const struct catalogue *c)
{
	bool proven = false;

	for (unsigned int i = 0; i < n; i++) {
		struct shard *s = &shards[i];

		if (s->against || (s->lane && s->lane->records))
			continue;
		for (size_t j = 0; j < s->run.n_tests; j++)
			select_modules(catalogue_test(c, s->run.tests[j].id), &s->modules);
		if (!proven)
			select_proofs(c, &s->modules);
		proven = true;
	}
}

/* At most one share a lane besides those of the plan. */
static struct shard *make_shards(const struct conduct_opts *o, unsigned int *n,
				 struct krsi_err *err)
{
	unsigned int most = guests(o) + (unsigned int)n_lanes;
	struct shard *shards = xcalloc(most, sizeof(*shards));

	for (unsigned int i = 0; i < most; i++)
		shards[i] = (struct shard){
			.opts = o, .index = i, .started = -1, .run.implementation = xstrdup(o->impl)
		};
	*n = guests(o);
	deal(shards, *n, o);
	while (*n && !shards[*n - 1].run.n_tests)
		(*n)--;
	if (deal_lanes(shards, n, o, err)) {
		for (unsigned int i = 0; i < most; i++)
			run_free(&shards[i].run);
		free(shards);
		return NULL;
	}
	for (unsigned int i = *n; i < most; i++)
		run_free(&shards[i].run);
	for (unsigned int i = 0; i < *n; i++)
		run_sort(&shards[i].run);
	choose_modules(shards, *n, o->catalogue);
	return shards;
}

int conduct(struct run *run, const struct conduct_opts *o, struct krsi_err *err)
{
	struct pool p = { .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER };
	/* guests wait for grace periods and timers: one more than CPUs keeps these busy */
	unsigned int workers = o->jobs ? o->jobs : (unsigned int)sysconf(_SC_NPROCESSORS_ONLN) + 1;
	double first = -1;
	int rc;

	p.shards = make_shards(o, &p.n, err);
	if (!p.shards)
		return -1;
	p.started = xcalloc(p.n, sizeof(*p.started));
	p.done = xcalloc(p.n, sizeof(*p.done));
	work_all(&p, workers < p.n ? workers : p.n);
	for (unsigned int i = 0; i < p.n; i++)
		if (p.shards[i].started >= 0 && (first < 0 || p.shards[i].started < first))
			first = p.shards[i].started;
	rc = collect(run, p.shards, p.n, err);
	add_requirements(run, o->catalogue);
	run_sort(run);
	if (interrupted)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA, "interrupted; no results were written");
	else if (!rc && first >= 0)
		run->seconds = proc_seconds() - first;
	free(p.started);
	free(p.done);
	free(p.shards);
	return rc;
}
