// SPDX-License-Identifier: GPL-2.0-only
/* The workload as a table, recordings as they are handed over, and what differs from them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/neutral/recording.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

Test(workload, outcomes_have_names_of_their_own)
{
	size_t n, count = 0, lines = 0;
	const struct workload *const *groups = workload__groups(&n);
	char **names;

	for (size_t i = 0; i < n; i++) {
		count += workload__count(groups[i]);
		lines += groups[i]->n;
	}
	cr_expect_geq(lines, 400, "%zu calls", lines);
	names = calloc(count, sizeof(*names));
	count = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < workload__count(groups[i]); j++) {
			names[count] = calloc(1, OUTCOME_NAME);
			workload__name(groups[i], j, names[count]);
			cr_expect_lt(strlen(names[count]), OUTCOME_NAME - 1);
			cr_expect_null(strpbrk(names[count++], " \t\n"));
		}
	qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 1; i < count; i++)
		cr_expect_str_neq(names[i - 1], names[i]);
}

Test(workload, every_group_runs_as_root_and_as_someone_else)
{
	size_t n;
	const struct workload *const *groups = workload__groups(&n);

	for (size_t i = 0; i < n; i++) {
		cr_expect(groups[i]->as & AS_ROOT, "%s", groups[i]->name);
		cr_expect(groups[i]->as & AS_NOBODY, "%s", groups[i]->name);
		cr_expect_null(strpbrk(groups[i]->name, "/: "), "%s", groups[i]->name);
	}
}

static int parse(struct recording *r, const char *text, char *why)
{
	return recording__parse(r, text, strlen(text), why, 256);
}

Test(recording, a_file_of_outcomes)
{
	struct recording r;
	char why[256] = "", path[] = "/tmp/krsi-recording.XXXXXX";
	int fd = mkstemp(path);

	cr_assert_eq(write(fd, "b 2 \"x y\"\na 1\n", 14), 14);
	cr_assert_eq(recording__read(&r, path, why, sizeof(why)), 0, "%s", why);
	cr_expect_eq(r.n, 2);
	cr_expect_str_eq(r.item[0].name, "a");
	cr_expect_str_eq(r.item[1].value, "2 \"x y\"");
	recording__free(&r);
	unlink(path);
	cr_expect_lt(recording__read(&r, path, why, sizeof(why)), 0);
	cr_expect(strstr(why, "No such file"), "%s", why);
	close(fd);
}

Test(recording, bad_files)
{
	static char long_line[1000];
	static const char *const bad[][2] = {
		{ "", "no outcome" },
		{ "a", "cut off" },
		{ "a 1\nb 2", "cut off" },
		{ "\n", "line 1" },
		{ "a 1\nb\n", "line 2" },
		{ "a \n", "line 1" },
		{ " 1\n", "line 1" },
		{ "a 1\na 2\n", "a twice" },
		{ "a \x01\n", "printable" },
		{ "a 1\r\n", "printable" },
		{ "a \xc3\xa9\n", "printable" },
		{ long_line, "too long" },
	};
	struct recording r;

	memset(long_line, 'x', sizeof(long_line) - 2);
	long_line[3] = ' ';
	long_line[sizeof(long_line) - 2] = '\n';
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char why[256] = "";

		cr_expect_lt(parse(&r, bad[i][0], why), 0, "%.20s", bad[i][0]);
		cr_expect(strstr(why, bad[i][1]), "%.20s: '%s'", bad[i][0], why);
		cr_expect_eq(r.n, 0);
	}
}

static struct differences compare(const char *recorded, const char *now)
{
	static const struct workload group = { .name = "g" };
	struct recording then, parsed;
	struct differences d;
	struct outcomes outcomes;
	char why[256];

	cr_assert_eq(parse(&then, recorded, why), 0, "%s", why);
	cr_assert_eq(parse(&parsed, now, why), 0, "%s", why);
	outcomes = (struct outcomes){ parsed.n, parsed.n, parsed.item };
	recording__compare(&then, &group, &outcomes, &d);
	recording__free(&then);
	recording__free(&parsed);
	return d;
}

Test(recording, equal_outcomes_do_not_differ)
{
	struct differences d =
		compare("r:g/a 0\nr:g/b 1\nr:other/x 7\nr:gg/x 7\n", "r:g/b 1\nr:g/a 0\n");

	cr_expect_eq(d.n, 0);
	cr_expect_str_empty(d.names);
}

Test(recording, whatever_differs_is_named)
{
	struct differences d =
		compare("r:g/a 0\nr:g/b 1\nr:g/c 2\n", "r:g/a 0\nr:g/b -EPERM\nr:g/d 3\n");

	cr_expect_eq(d.n, 3, "another value, one more, one less");
	cr_expect_str_eq(d.names, "r:g/b r:g/d r:g/c");
	cr_expect_str_eq(d.expected, "r:g/b 1, r:g/d not recorded, r:g/c 2");
	cr_expect_str_eq(d.got, "r:g/b -EPERM, r:g/d 3, r:g/c no such outcome");
}

Test(recording, more_differences_than_can_be_named_are_told)
{
	char *then = calloc(1, 20000), *now = calloc(1, 20000), *a = then, *b = now;
	struct differences d;

	for (int i = 0; i < 300; i++) {
		a += sprintf(a, "userns:g/some-call-or-other-%d 0\n", i);
		b += sprintf(b, "userns:g/some-call-or-other-%d 1\n", i);
	}
	d = compare(then, now);
	cr_expect_eq(d.n, 300);
	cr_expect(strstr(d.names, " and-more"));
	cr_expect_lt(strlen(d.names), sizeof(d.names) - 1);
	free(then);
	free(now);
}
