// SPDX-License-Identifier: GPL-2.0-only
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "ci/report.h"
#include "ci/verdict.h"

#define X(s) ((const xmlChar *)(s))

/* In which element a result goes; NULL: in none. */
static const char *const elements[RESULT_COUNT] = {
	[RESULT_FAIL] = "failure",  [RESULT_SKIP] = "skipped",	[RESULT_XFAIL] = "skipped",
	[RESULT_XPASS] = "failure", [RESULT_TIMEOUT] = "error", [RESULT_CRASH] = "error",
	[RESULT_BROKEN] = "error",
};

struct counts {
	size_t tests, failures, errors, skipped;
	double seconds;
};

static void attribute(xmlTextWriterPtr w, const char *name, const char *value)
{
	xmlTextWriterWriteAttribute(w, X(name), X(value ? value : ""));
}

static void number(xmlTextWriterPtr w, const char *name, size_t n)
{
	xmlTextWriterWriteFormatAttribute(w, X(name), "%zu", n);
}

/* @row: the extra row for the run itself counts too; @bad: it is an error. */
static struct counts count(const struct run_test *t, size_t n, bool row, bool bad)
{
	struct counts c = { .tests = n + row, .errors = row && bad };

	for (size_t i = 0; i < n; i++) {
		const char *e = elements[t[i].result];

		c.failures += e && !strcmp(e, "failure");
		c.errors += e && !strcmp(e, "error");
		c.skipped += e && !strcmp(e, "skipped");
		c.seconds += t[i].seconds;
	}
	return c;
}

static void write_counts(xmlTextWriterPtr w, const struct counts *c, bool skipped)
{
	number(w, "tests", c->tests);
	number(w, "failures", c->failures);
	number(w, "errors", c->errors);
	if (skipped)
		number(w, "skipped", c->skipped);
	xmlTextWriterWriteFormatAttribute(w, X("time"), "%.3f", c->seconds);
}

static void detail(xmlTextWriterPtr w, const char *what, const char *s)
{
	if (s && *s) {
		xmlTextWriterWriteString(w, X(what));
		xmlTextWriterWriteString(w, X(": "));
		xmlTextWriterWriteString(w, X(s));
		xmlTextWriterWriteString(w, X("\n"));
	}
}

static void write_details(xmlTextWriterPtr w, const struct run *run, const struct run_test *t)
{
	char *again = run_command(run, t->id), *second = run_second(t);

	detail(w, "test", t->summary);
	for (size_t i = 0; i < t->requirements.n; i++) {
		const struct run_requirement *q = run_requirement_find(run, t->requirements.v[i]);

		detail(w, t->requirements.v[i], q ? q->text : "(no text)");
	}
	detail(w, "expected", t->expected);
	detail(w, "got", t->got);
	detail(w, "reason", t->reason);
	detail(w, "second try", second);
	detail(w, "again", again);
	for (size_t i = 0; i < run->n_splats; i++)
		if (run->splats[i].test && !strcmp(run->splats[i].test, t->id))
			detail(w, "console", run->splats[i].text);
	free(again);
	free(second);
}

/*
 * A second try, as Surefire tells it where it is red too. Its word for one that passes would make
 * the test green; here the first try counts, and the second is told beside it.
 */
static void write_second(xmlTextWriterPtr w, const struct run_test *t, const char *first)
{
	char *second = run_second(t), *rerun;

	if (!second)
		return;
	if (result_is_red(t->second) && result_is_red(t->result)) {
		rerun = xasprintf("rerun%s", strcmp(first, "error") ? "Failure" : "Error");
		xmlTextWriterStartElement(w, X(rerun));
		attribute(w, "message", t->second_reason);
		attribute(w, "type", result_name(t->second));
		xmlTextWriterWriteElement(w, X("stackTrace"), X(second));
		xmlTextWriterEndElement(w);
		free(rerun);
	} else {
		xmlTextWriterWriteFormatElement(w, X("system-out"), "second try: %s", second);
	}
	free(second);
}

static void write_test(xmlTextWriterPtr w, const struct run *run, const struct run_test *t)
{
	const char *e = elements[t->result], *slash = strrchr(t->id, '/');
	char *class = slash ? xstrndup(t->id, (size_t)(slash - t->id)) : xstrdup(t->id);

	for (char *p = class; *p; p++)
		if (*p == '/')
			*p = '.';
	xmlTextWriterStartElement(w, X("testcase"));
	attribute(w, "name", slash ? slash + 1 : t->id);
	attribute(w, "classname", class);
	xmlTextWriterWriteFormatAttribute(w, X("time"), "%.3f", t->seconds);
	free(class);
	if (e) {
		xmlTextWriterStartElement(w, X(e));
		attribute(w, "message", t->reason);
		if (result_is_red(t->result)) {
			attribute(w, "type", result_name(t->result));
			write_details(w, run, t);
		}
		xmlTextWriterEndElement(w);
	}
	write_second(w, t, e);
	xmlTextWriterEndElement(w);
}

static void write_suite(xmlTextWriterPtr w, const struct run *run, const char *name,
			const struct counts *c)
{
	xmlTextWriterStartElement(w, X("testsuite"));
	attribute(w, "name", name);
	write_counts(w, c, true);
	attribute(w, "timestamp", run->started);
	/* The schema in use wants one; a machine's name is nobody's business. */
	attribute(w, "hostname", "guest");
}

static void write_run(xmlTextWriterPtr w, const struct run *run, const struct verdict *v)
{
	const struct counts c = { .tests = 1, .errors = v->code != 0 };
	const struct {
		const char *name, *value;
	} properties[] = {
		{ "kernel", run->kernel_name },	  { "release", run->kernel_release },
		{ "sha256", run->kernel_sha256 }, { "implementation", run->implementation },
		{ "suite", run->suite_version },  { "commit", run->suite_commit },
		{ "accel", run->accel },	  { "lsm", run->lsm },
		{ "verdict", v->text },
	};

	write_suite(w, run, "krsi", &c);
	xmlTextWriterStartElement(w, X("properties"));
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++) {
		xmlTextWriterStartElement(w, X("property"));
		attribute(w, "name", properties[i].name);
		attribute(w, "value", properties[i].value);
		xmlTextWriterEndElement(w);
	}
	xmlTextWriterEndElement(w);
	xmlTextWriterStartElement(w, X("testcase"));
	attribute(w, "name", "run");
	attribute(w, "classname", "krsi");
	attribute(w, "time", "0.000");
	if (v->code) {
		xmlTextWriterStartElement(w, X("error"));
		attribute(w, "message", v->text);
		attribute(w, "type", v->word);
		for (size_t i = 0; i < run->faults.n; i++)
			detail(w, "fault", run->faults.v[i]);
		for (size_t i = 0; i < run->n_splats; i++)
			if (!run->splats[i].test)
				detail(w, run->splats[i].kind, run->splats[i].text);
		xmlTextWriterEndElement(w);
	}
	xmlTextWriterEndElement(w);
	xmlTextWriterEndElement(w);
}

static void write_families(xmlTextWriterPtr w, const struct run *run)
{
	for (size_t i = 0, n; i < run->n_tests; i += n) {
		const struct run_test *first = &run->tests[i];
		size_t len = strcspn(first->id, "/") + 1;
		char *name = xstrndup(first->id, len - 1);
		struct counts c;

		for (n = 1; i + n < run->n_tests && !strncmp(first[n].id, first->id, len); n++)
			;
		c = count(first, n, false, false);
		write_suite(w, run, name, &c);
		for (size_t j = 0; j < n; j++)
			write_test(w, run, &first[j]);
		xmlTextWriterEndElement(w);
		free(name);
	}
}

char *report_junit(const struct run *run, size_t *len)
{
	xmlBufferPtr buf = xmlBufferCreate();
	xmlTextWriterPtr w = xmlNewTextWriterMemory(buf, 0);
	struct verdict v;
	struct counts all;
	char *out;

	verdict_of(&v, run);
	all = count(run->tests, run->n_tests, true, v.code != 0);
	xmlTextWriterSetIndent(w, 1);
	xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
	xmlTextWriterStartElement(w, X("testsuites"));
	attribute(w, "name", "krsi");
	write_counts(w, &all, false);
	write_run(w, run, &v);
	write_families(w, run);
	xmlTextWriterEndDocument(w);
	xmlFreeTextWriter(w);
	*len = (size_t)xmlBufferLength(buf);
	out = xstrndup((const char *)xmlBufferContent(buf), *len);
	xmlBufferFree(buf);
	verdict_free(&v);
	return out;
}
