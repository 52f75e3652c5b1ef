// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/report.h"
#include "ci/table.h"
#include "ci/tests/sample.h"
#include "ci/text.h"

#define X(s) ((const xmlChar *)(s))

static char *format(const char *name, size_t *len)
{
	struct run run;
	char *text;

	sample_run(&run);
	text = report_find(name)->format(&run, len);
	run_free(&run);
	cr_expect_eq(strlen(text), *len);
	return text;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

Test(reports, ktap)
{
	size_t n;
	char *text = format("ktap", &n);

	cr_expect_eq(strncmp(text, "KTAP version 1\n", 15), 0);
	cr_expect(has(text, "\n1..9\n"));
	cr_expect(has(text, "\nok 5 hook/file_open/fires\n"));
	cr_expect(has(text, "\nnot ok 3 hook/file_open/deny\n"));
	cr_expect(has(text, "\n# DENY-1: A denied operation has no effect.\n"));
	cr_expect(has(text, "\n# expected: -EPERM\n# got: 0\n"));
	cr_expect(has(text, "\nnot ok 2 hook/bpf/fires # ERROR panic"));
	cr_expect(has(text, "\nnot ok 4 hook/file_open/errno # TIMEOUT no end"));
	cr_expect(has(text, "\nok 6 order/lifo # SKIP no second program\n"));
	cr_expect(has(text, "\nnot ok 7 order/stop # XFAIL waived\n"));
	cr_expect(has(text, "\nnot ok 9 krsi/run\n"), "the run itself is the last row");
	free(text);
}

Test(reports, no_line_of_ktap_can_be_forged)
{
	struct run run;
	char *text;
	size_t n;

	sample_run(&run);
	text_set(&run.tests[5].reason, "x\nok 99 forged\n1..0");
	text_set(&run.tests[2].reason, "x\nok 99 forged");
	text = report_ktap(&run, &n);
	cr_expect_not(has(text, "\nok 99"));
	cr_expect_not(has(text, "\n1..0"));
	run_free(&run);
	free(text);
}

static void is_valid_junit(const char *text, size_t n)
{
	xmlSchemaParserCtxtPtr pc = xmlSchemaNewParserCtxt("ci/tests/junit.xsd");
	xmlSchemaPtr schema = xmlSchemaParse(pc);
	xmlSchemaValidCtxtPtr vc = xmlSchemaNewValidCtxt(schema);
	xmlDocPtr doc = xmlReadMemory(text, (int)n, "junit", NULL, XML_PARSE_NONET);

	cr_assert_not_null(schema);
	cr_assert_not_null(doc);
	cr_expect_eq(xmlSchemaValidateDoc(vc, doc), 0);
	xmlFreeDoc(doc);
	xmlSchemaFreeValidCtxt(vc);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(pc);
}

Test(reports, junit)
{
	size_t n;
	char *text = format("junit", &n);

	is_valid_junit(text, n);
	cr_expect(has(text, "<testsuites name=\"krsi\" tests=\"9\" failures=\"2\" errors=\"4\""));
	cr_expect(has(text, "<testcase name=\"deny\" classname=\"hook.file_open\""));
	cr_expect(has(text, "message=\"the file was opened &lt;script&gt;&amp;&quot;'\""));
	cr_expect(has(text, "expected: -EPERM"));
	cr_expect(has(text, "console: Kernel panic"));
	free(text);
}

/* A run of which two tests were run again: one is red each time, in its own way, one only first. */
static void sample_retried(struct run *run)
{
	struct run_test *deny, *slow;

	sample_run(run);
	deny = run_test_find(run, "hook/file_open/deny");
	deny->retried = true;
	deny->second = RESULT_TIMEOUT;
	deny->second_reason = xstrdup("no end <after> 20 s");
	slow = run_test_find(run, "hook/file_open/errno");
	slow->retried = true;
	slow->second = RESULT_PASS;
}

/* The element of a test, without what follows it. */
static char *testcase(const char *text, const char *head)
{
	const char *from = strstr(text, head);

	cr_assert_not_null(from, "%s", head);
	return xstrndup(from, (size_t)(strstr(from, "</testcase>") - from));
}

Test(reports, ktap_tells_both_tries)
{
	struct run run;
	char *text;
	size_t n;

	sample_retried(&run);
	text = report_ktap(&run, &n);
	cr_expect(has(text, "\n# second try: timeout: no end <after> 20 s\n"));
	cr_expect(has(text, "\nnot ok 3 hook/file_open/deny\n"), "the first counts");
	cr_expect(has(text, "\n# second try: pass\n"));
	cr_expect(has(text, "\nnot ok 4 hook/file_open/errno # TIMEOUT "));
	run_free(&run);
	free(text);
}

Test(reports, junit_tells_both_tries)
{
	struct run run;
	char *text, *deny, *slow;
	size_t n;

	sample_retried(&run);
	text = report_junit(&run, &n);
	is_valid_junit(text, n);
	cr_expect(has(text, "tests=\"9\" failures=\"2\" errors=\"4\""),
		  "a second try is no further test");
	deny = testcase(text, "<testcase name=\"deny\" classname=\"hook.file_open\"");
	cr_expect(has(deny, "<failure message=\"the file was opened"));
	cr_expect(has(deny, "second try: timeout: no end &lt;after&gt; 20 s"));
	cr_expect(
		has(deny, "<rerunFailure message=\"no end &lt;after&gt; 20 s\" type=\"timeout\">"));
	cr_expect_not(has(deny, "<system-out>"));
	slow = testcase(text, "<testcase name=\"errno\" classname=\"hook.file_open\"");
	cr_expect(has(slow, "<error message=\"no end after 20 s\" type=\"timeout\""),
		  "the first counts");
	cr_expect(has(slow, "<system-out>second try: pass</system-out>"));
	cr_expect_not(has(slow, "<rerun"));
	run_free(&run);
	free(text);
	free(deny);
	free(slow);
}

Test(reports, junit_of_an_empty_run)
{
	struct run run = { 0 };
	size_t n;
	char *text = report_junit(&run, &n);

	is_valid_junit(text, n);
	cr_expect(has(text, "errors=\"1\""), "nothing tested is not green");
	free(text);
}

Test(reports, junit_survives_hostile_text)
{
	struct run run;
	char *text, *clean = text_clean("]]>\x01\x1b<x/>&\xff\xef\xbf\xbf", 14, 100);
	size_t n;

	sample_run(&run);
	text_set(&run.tests[2].reason, clean);
	text_set(&run.splats[0].text, clean);
	text = report_junit(&run, &n);
	is_valid_junit(text, n);
	run_free(&run);
	free(clean);
	free(text);
}

static size_t count(xmlXPathContextPtr ctx, const char *path)
{
	xmlXPathObjectPtr o = xmlXPathEvalExpression(X(path), ctx);
	size_t n = o && o->nodesetval ? (size_t)o->nodesetval->nodeNr : 0;

	xmlXPathFreeObject(o);
	return n;
}

Test(reports, html)
{
	size_t n;
	char *text = format("html", &n);
	htmlDocPtr doc =
		htmlReadMemory(text, (int)n, NULL, "UTF-8", HTML_PARSE_NONET | HTML_PARSE_NOERROR);
	xmlXPathContextPtr ctx = xmlXPathNewContext(doc);

	cr_expect_eq(strncmp(text, "<!DOCTYPE html>\n", 16), 0);
	cr_expect_eq(count(ctx, "//script"), 0);
	cr_expect_eq(count(ctx, "//link | //img | //iframe | //@src | //@onclick"), 0,
		     "nothing is loaded");
	cr_expect_eq(count(ctx, "//a[not(starts-with(@href, '#'))]"), 0);
	cr_expect_eq(count(ctx, "//h1"), 1);
	cr_expect_eq(count(ctx, "//details[contains(@class, 'card')]"), 5);
	cr_expect_eq(count(ctx, "(//details[contains(@class, 'card')])[1]"
				"[contains(@class, 'r-crash')]"),
		     1, "what crashed comes first");
	cr_expect_eq(count(ctx, "//details[@id='hook/file_open/deny']//blockquote"), 1);
	cr_expect_eq(count(ctx, "//dd[@class='expected'][.='-EPERM']"), 1);
	cr_expect_eq(count(ctx, "//details[@id='hook/bpf/fires']//pre/mark"), 1);
	cr_expect_eq(count(ctx, "//table[contains(@class, 'hooks')]/tbody/tr"), 2);
	cr_expect_eq(count(ctx, "//span[@class='flag']"), 1, "the uncovered hook is marked");
	cr_expect_eq(count(ctx, "//tr/th[@scope='row']"), 2);
	cr_expect_eq(count(ctx, "//code[contains(., '--tests hook/file_open/deny')]"), 1);
	cr_expect(has(text, "the file was opened &lt;script&gt;&amp;"));
	cr_expect_not(has(text, "<script"));
	xmlXPathFreeContext(ctx);
	xmlFreeDoc(doc);
	free(text);
}

Test(reports, html_of_hostile_text)
{
	static const char evil[] = "</style><script>x</script>\" onload=\"x' <!-- ]]>";
	xmlXPathContextPtr ctx;
	htmlDocPtr doc;
	struct run run;
	char *text;
	size_t n;

	sample_run(&run);
	for (size_t i = 0; i < run.n_tests; i++) {
		text_set(&run.tests[i].reason, evil);
		text_set(&run.tests[i].summary, evil);
		text_set(&run.tests[i].got, evil);
	}
	text_set(&run.kernel_name, evil);
	text_set(&run.kernel_cmdline, evil);
	text_set(&run.command, evil);
	text_set(&run.requirements[0].text, evil);
	text_set(&run.splats[0].title, evil);
	text_set(&run.splats[0].text, evil);
	run_note(&run, "%s", evil);
	run_fault(&run, "%s", evil);
	text = report_html(&run, &n);
	cr_expect_not(has(text, "<script"));
	cr_expect_not(has(text, "<!--"));
	doc = htmlReadMemory(text, (int)n, NULL, "UTF-8", HTML_PARSE_NONET | HTML_PARSE_NOERROR);
	ctx = xmlXPathNewContext(doc);
	cr_expect_eq(count(ctx, "//script | //@onload"), 0);
	cr_expect_geq(count(ctx, "//*[contains(text(), '</style><script>')]"), 10);
	xmlXPathFreeContext(ctx);
	xmlFreeDoc(doc);
	run_free(&run);
	free(text);
}

Test(reports, html_of_an_empty_run)
{
	struct run run = { 0 };
	size_t n;
	char *text = report_html(&run, &n);

	cr_expect(has(text, "nothing was shown"));
	free(text);
}

Test(reports, the_style_sheet_is_closed)
{
	struct run run = { 0 };
	size_t n;
	char *text = report_html(&run, &n), *style = strstr(text, "<style>");

	cr_assert_not_null(style);
	cr_expect(has(style, "</style></head>") || has(style, "</style>\n</head>"));
	cr_expect_eq(strstr(style, "</"), strstr(style, "</style>"));
	free(text);
}

Test(reports, text)
{
	size_t n;
	char *text = format("text", &n), *last;

	text[n - 1] = '\0';
	last = strrchr(text, '\n') + 1;
	cr_expect_eq(strncmp(last, "CRASH: ", 7), 0, "the verdict is the last line: %s", last);
	cr_expect(has(text, "expected -EPERM, got 0"));
	cr_expect(has(text, "again: krsi test --kernel debian-6.1 --tests hook/file_open/deny"));
	cr_expect(has(text,
		      "1 pass, 1 fail, 1 skip, 1 xfail, 1 xpass, 1 timeout, 1 crash, 1 broken"));
	free(text);
}

Test(reports, forms)
{
	cr_expect_null(report_find("pdf"));
	cr_expect_null(report_find(""));
	for (const struct report *r = reports; r->name; r++)
		cr_expect_eq(report_find(r->name), r);
}

Test(reports, table_has_a_line_for_each_run)
{
	struct run runs[2] = { 0 };
	size_t n, lines = 0;
	char *text, *save = NULL;

	sample_run(&runs[0]);
	runs[1].kernel_name = xstrdup("a-kernel-that\n\033[31mnever-booted");
	text = table_text(runs, 2, &n);
	cr_expect_eq(strlen(text), n);
	cr_expect_null(strchr(text, '\033'),
		       "what a kernel calls itself does not reach the terminal");
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save), lines++) {
		cr_expect(lines != 0 || has(l, "kernel"), "%s", l);
		cr_expect(lines != 1 || has(l, "CRASH"), "%s", l);
		cr_expect(lines != 2 || !has(l, "PASS"), "a run without tests is no success: %s",
			  l);
	}
	cr_expect_eq(lines, 3);
	free(text);
	run_free(&runs[0]);
	run_free(&runs[1]);
}
