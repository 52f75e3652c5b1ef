// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/guest/bench.h"
#include "bench/host/boots.h"
#include "ci/text.h"

struct reading {
	struct figures *r;
	unsigned int seed;
	const char *engine, *boot;
	bool once;
	bool begun, ended;
};

static bool number(const char *text, unsigned long long *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	return !errno && end != text && !*end && *text != '-';
}

/* Two boots with one seed that measure the same are not one measurement. */
static void check_first(const struct reading *s, struct metric *m)
{
	for (size_t i = 0; i < m->n_series; i++)
		if (m->series[i].seed == s->seed && m->series[i].n_v) {
			m->status = STATUS_FAILED;
			text_set(&m->reason, "it was measured twice");
		}
}

static bool unit(struct reading *s, struct metric *m, char *rest)
{
	char *statistic = strchr(rest, ' ');
	unsigned long long n;

	if (!statistic)
		return false;
	*statistic++ = '\0';
	if (!number(rest, &n) || !n)
		return false;
	m->operations = n;
	m->mean = !strcmp(statistic, "mean");
	check_first(s, m);
	return m->mean || !strcmp(statistic, "median");
}

static bool sample(struct reading *s, struct metric *m, char *rest)
{
	struct series *to = metric_series(m, s->seed);
	unsigned long long n;

	if (!number(rest, &n) || !m->operations)
		return false;
	*ARRAY_PUSH(to, v) = (double)n / (double)m->operations;
	return true;
}

static bool count(struct reading *s, struct metric *m, char *rest)
{
	m->count = true;
	m->operations = 1;
	check_first(s, m);
	return sample(s, m, rest);
}

static bool proof(struct reading *s, struct metric *m, char *rest)
{
	text_set(&m->proof, rest);
	return true;
}

/* A failure in one boot is one of the metric, whatever the others say. */
static bool absent(struct reading *s, struct metric *m, char *rest)
{
	if (m->status == STATUS_OK) {
		m->status = STATUS_ABSENT;
		text_set(&m->reason, rest);
	}
	return true;
}

static bool failed(struct reading *s, struct metric *m, char *rest)
{
	m->status = STATUS_FAILED;
	text_set(&m->reason, rest);
	return true;
}

static const struct {
	const char *key;
	bool (*take)(struct reading *s, struct metric *m, char *rest);
} keys[] = {
	{ "unit", unit },   { "sample", sample }, { "count", count },
	{ "proof", proof }, { "absent", absent }, { "failed", failed },
};

static bool first_line(struct reading *s, const char *line)
{
	char expected[128];

	snprintf(expected, sizeof(expected), "krsi-bench %d %s %s", BENCH_STREAM, s->engine,
		 s->boot);
	s->begun = !strcmp(line, expected);
	return s->begun;
}

static bool take_line(struct reading *s, char *line)
{
	char *name, *rest;
	struct metric *m;

	if (!s->begun)
		return first_line(s, line);
	if (!strcmp(line, "end")) {
		s->ended = true;
		return true;
	}
	name = strchr(line, ' ');
	rest = name ? strchr(name + 1, ' ') : NULL;
	if (!rest || s->ended)
		return false;
	*name++ = '\0';
	*rest++ = '\0';
	if (!text_id_ok(name))
		return false;
	m = figures_metric(s->r, name, true);
	m->once = s->once;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(line, keys[i].key))
			return keys[i].take(s, m, rest);
	return false;
}

int stream_read(struct figures *r, const char *text, unsigned int seed, const char *engine,
		const char *boot, struct krsi_err *err)
{
	const struct boot_kind *kind = boot_kind_find(boot);
	struct reading s = {
		.r = r, .seed = seed, .engine = engine, .boot = boot, .once = kind && kind->once
	};
	char *copy = xstrdup(text), *shown, *save = NULL;
	int rc = 0;

	for (char *line = strtok_r(copy, "\n", &save); line && !rc;
	     line = strtok_r(NULL, "\n", &save)) {
		shown = text_line(line, 200);
		if (!take_line(&s, line))
			rc = krsi_err_set(err, KRSI_EXIT_CRASH,
					  "boot %s, seed %u: the guest said \"%s\", which is not "
					  "understood here",
					  boot, seed, shown);
		free(shown);
	}
	free(copy);
	if (!rc && !s.ended)
		rc = krsi_err_set(err, KRSI_EXIT_CRASH,
				  "boot %s, seed %u: the guest's figures stop in the middle", boot,
				  seed);
	return rc;
}
