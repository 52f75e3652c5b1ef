// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/host/figures.h"
#include "ci/text.h"
#include "vm-images/fs.h"

#define MAX_BYTES (64u << 20)

/* ---- writing ------------------------------------------------------------------------------ */

static json_t *text(const char *s)
{
	return s ? json_string(s) : json_null();
}

/* A thousandth of an instruction is more than is known. */
static json_t *rounded(double v)
{
	return json_real(round(v * 1000) / 1000);
}

static json_t *numbers(const double *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, rounded(v[i]));
	return list;
}

static json_t *samples(const struct metric *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_series; i++)
		json_array_append_new(list, numbers(m->series[i].v, m->series[i].n_v));
	return list;
}

static json_t *metric(const struct metric *m)
{
	json_t *row = json_pack("{s:s, s:s}", "name", m->name, "status", status_name(m->status));

	if (m->status != STATUS_OK) {
		json_object_set_new(row, "reason", text(m->reason));
		return row;
	}
	json_object_set_new(row, "kind", json_string(m->count ? "count" : "time"));
	json_object_set_new(row, "operations", json_integer((json_int_t)m->operations));
	json_object_set_new(row, "statistic", json_string(m->mean ? "mean" : "median"));
	json_object_set_new(row, "value", rounded(m->value));
	json_object_set_new(row, "low", rounded(m->low));
	json_object_set_new(row, "high", rounded(m->high));
	json_object_set_new(row, "spread", json_real(round(metric_spread(m) * 1e6) / 1e6));
	json_object_set_new(row, "per_seed", numbers(m->per_seed, m->n_series));
	if (m->mean)
		json_object_set_new(row, "samples", samples(m));
	json_object_set_new(row, "proof", text(m->proof));
	return row;
}

static json_t *document(const struct figures *r)
{
	json_t *seeds = json_array(), *metrics = json_array();

	for (size_t i = 0; i < r->n_seeds; i++)
		json_array_append_new(seeds, json_integer(r->seeds[i]));
	for (size_t i = 0; i < r->n_metrics; i++)
		json_array_append_new(metrics, metric(&r->metrics[i]));
	return json_pack(
		"{s:s, s:{s:o, s:o, s:b, s:o}, s:{s:o, s:o, s:o, s:o, s:o}, s:o, s:{s:o, s:o}, "
		"s:o, s:o, s:o}",
		"schema", FIGURES_SCHEMA, "suite", "version", text(r->version), "commit",
		text(r->commit), "dirty", (int)r->dirty, "payload", text(r->payload), "kernel",
		"name", text(r->kernel), "release", text(r->release), "package", text(r->package),
		"sha256", text(r->sha256), "config", text(r->config), "engine", text(r->engine),
		"qemu", "version", text(r->qemu), "cpu", text(r->cpu), "command", text(r->command),
		"seeds", seeds, "metrics", metrics);
}

int figures_write(const struct figures *r, const char *path, struct krsi_err *err)
{
	json_t *doc = document(r);
	char *dump = doc ? json_dumps(doc, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
	int rc;

	json_decref(doc);
	if (!dump)
		return krsi_err_set(err, KRSI_EXIT_INFRA, "%s: the figures cannot be written",
				    path);
	rc = fs_write_atomic(path, dump, strlen(dump), err);
	free(dump);
	return rc;
}

/* ---- reading ------------------------------------------------------------------------------ */

struct loading {
	const char *path;
	struct krsi_err *err;
};

static int bad(const struct loading *l, const char *what)
{
	return krsi_err_set(l->err, KRSI_EXIT_USAGE, "%s: %s", l->path, what);
}

static int get_text(const struct loading *l, const json_t *from, const char *key, char **to,
		    bool must)
{
	const char *s = json_string_value(json_object_get(from, key));

	if (!s && must)
		return krsi_err_set(l->err, KRSI_EXIT_USAGE, "%s: \"%s\" is missing", l->path, key);
	*to = s ? text_clean(s, strlen(s), 4000) : NULL;
	return 0;
}

static int get_real(const struct loading *l, const json_t *from, const char *key, double *to)
{
	const json_t *v = json_object_get(from, key);

	if (!json_is_number(v))
		return krsi_err_set(l->err, KRSI_EXIT_USAGE, "%s: \"%s\" is no number", l->path,
				    key);
	*to = json_number_value(v);
	return 0;
}

static int load_series(const struct loading *l, const json_t *list, const struct figures *r,
		       struct metric *m)
{
	for (size_t i = 0; i < json_array_size(list) && i < r->n_seeds; i++) {
		const json_t *row = json_array_get(list, i);
		struct series *s = metric_series(m, r->seeds[i]);

		for (size_t j = 0; j < json_array_size(row); j++)
			*ARRAY_PUSH(s, v) = json_number_value(json_array_get(row, j));
	}
	return 0;
}

static int load_values(const struct loading *l, const json_t *row, const struct figures *r,
		       struct metric *m)
{
	const char *kind = json_string_value(json_object_get(row, "kind"));
	const char *statistic = json_string_value(json_object_get(row, "statistic"));
	const json_t *per_seed = json_object_get(row, "per_seed");
	size_t n = json_array_size(per_seed);

	if (get_real(l, row, "value", &m->value) || get_real(l, row, "low", &m->low) ||
	    get_real(l, row, "high", &m->high))
		return -1;
	m->once = n == 1 && r->n_seeds > 1;
	if (!kind || !statistic || (n != r->n_seeds && !m->once))
		return bad(l, "a metric has no kind, no statistic, or not a value for each seed");
	m->operations = (unsigned long)json_integer_value(json_object_get(row, "operations"));
	m->count = !strcmp(kind, "count");
	if (!m->count && m->value <= 0)
		return bad(l, "a metric that is no count has a value that is not above 0");
	m->mean = !strcmp(statistic, "mean");
	m->per_seed = xcalloc(n, sizeof(*m->per_seed));
	for (size_t i = 0; i < n; i++)
		m->per_seed[i] = json_number_value(json_array_get(per_seed, i));
	load_series(l, json_object_get(row, "samples"), r, m);
	/* where samples are not kept, there is still a row for each seed */
	for (size_t i = 0; i < n; i++)
		metric_series(m, r->seeds[i]);
	return get_text(l, row, "proof", &m->proof, false);
}

static int load_metric(const struct loading *l, const json_t *row, struct figures *r)
{
	const char *status = json_string_value(json_object_get(row, "status"));
	struct metric *m;
	char *name;

	if (get_text(l, row, "name", &name, true))
		return -1;
	if (!status || !text_id_ok(name) || figures_metric(r, name, false)) {
		free(name);
		return bad(l, "a metric without status, with a bad name, or there twice");
	}
	m = figures_metric(r, name, true);
	free(name);
	if (!strcmp(status, "ok"))
		return load_values(l, row, r, m);
	m->status = !strcmp(status, "absent") ? STATUS_ABSENT : STATUS_FAILED;
	return get_text(l, row, "reason", &m->reason, false);
}

static int load_head(const struct loading *l, const json_t *doc, struct figures *r)
{
	const json_t *suite = json_object_get(doc, "suite"), *seeds = json_object_get(doc, "seeds");
	const json_t *kernel = json_object_get(doc, "kernel"), *qemu = json_object_get(doc, "qemu");

	for (size_t i = 0; i < json_array_size(seeds); i++)
		*ARRAY_PUSH(r, seeds) = (unsigned int)json_integer_value(json_array_get(seeds, i));
	if (!r->n_seeds)
		return bad(l, "\"seeds\" is missing");
	r->dirty = json_is_true(json_object_get(suite, "dirty"));
	return get_text(l, suite, "version", &r->version, true) ||
			       get_text(l, suite, "commit", &r->commit, false) ||
			       get_text(l, suite, "payload", &r->payload, false) ||
			       get_text(l, kernel, "name", &r->kernel, true) ||
			       get_text(l, kernel, "release", &r->release, false) ||
			       get_text(l, kernel, "package", &r->package, false) ||
			       get_text(l, kernel, "sha256", &r->sha256, true) ||
			       get_text(l, kernel, "config", &r->config, false) ||
			       get_text(l, doc, "engine", &r->engine, true) ||
			       get_text(l, qemu, "version", &r->qemu, true) ||
			       get_text(l, qemu, "cpu", &r->cpu, true) ||
			       get_text(l, doc, "command", &r->command, false)
		       ? -1
		       : 0;
}

static int load_document(const struct loading *l, const json_t *doc, struct figures *r)
{
	const char *schema = json_string_value(json_object_get(doc, "schema"));
	const json_t *metrics = json_object_get(doc, "metrics");

	if (!schema)
		return bad(l, "these are no figures of krsi bench: \"schema\" is missing");
	if (strcmp(schema, FIGURES_SCHEMA))
		return krsi_err_set(
			l->err, KRSI_EXIT_USAGE,
			"%s: the schema is %.60s, and this krsi reads %s; measure again", l->path,
			schema, FIGURES_SCHEMA);
	if (load_head(l, doc, r))
		return -1;
	if (!json_is_array(metrics))
		return bad(l, "\"metrics\" is missing");
	for (size_t i = 0; i < json_array_size(metrics); i++)
		if (load_metric(l, json_array_get(metrics, i), r))
			return -1;
	return 0;
}

static json_t *parse_file(const char *path, char **name, struct krsi_err *err)
{
	json_error_t why;
	json_t *doc = NULL;
	size_t len;
	char *data;

	*name = fs_is_dir(path) ? xasprintf("%s/bench.json", path) : xstrdup(path);
	data = fs_read(*name, MAX_BYTES, &len, err);
	if (data) {
		doc = json_loadb(data, len, JSON_REJECT_DUPLICATES, &why);
		if (!doc)
			krsi_err_set(err, KRSI_EXIT_USAGE, "%s: no JSON, line %d: %s", *name,
				     why.line, why.text);
	}
	free(data);
	return doc;
}

int figures_load(struct figures *r, const char *path, struct krsi_err *err)
{
	struct loading l = { .err = err };
	char *name;
	json_t *doc = parse_file(path, &name, err);
	int rc = -1;

	l.path = name;
	if (doc)
		rc = load_document(&l, doc, r);
	if (rc)
		figures_free(r);
	json_decref(doc);
	free(name);
	return rc;
}

bool figures_is(const char *path)
{
	struct krsi_err err;
	char *name;
	json_t *doc = parse_file(path, &name, &err);
	const char *schema = json_string_value(json_object_get(doc, "schema"));
	bool is = schema && !strncmp(schema, "krsi-bench-", strlen("krsi-bench-"));

	json_decref(doc);
	free(name);
	return is;
}
