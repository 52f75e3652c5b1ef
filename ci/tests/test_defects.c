// SPDX-License-Identifier: GPL-2.0-only
/* Known defects: the table, its reproducers, and the waivers that rest on them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci/defects.h"
#include "ci/waivers.h"
#include "vm-images/fs.h"

#define GOOD "[d]\nsymptom = s\nkernels = 6.1.*\nfix = f\n"

Test(defects, each_has_a_reproducer_and_a_row)
{
	struct defects ds = { 0 };
	struct krsi_err err = { 0 };
	char path[256], row[256];
	char *readme = fs_read("conformance/defects/README.md", 1 << 20, NULL, &err);

	cr_assert(readme, "%s", err.text);
	cr_assert_eq(defects_load(&ds, &err), 0, "%s", err.text);
	cr_assert_gt(ds.n_item, 10);
	for (size_t i = 0; i < ds.n_item; i++) {
		snprintf(path, sizeof(path), "conformance/defects/%s.c", ds.item[i].name);
		cr_expect(!access(path, R_OK), "%s is not there", path);
		snprintf(row, sizeof(row), "| `%s` |", ds.item[i].name);
		cr_expect(strstr(readme, row), "README.md has no row of %s", ds.item[i].name);
	}
	free(readme);
	defects_free(&ds);
}

Test(defects, each_waiver_names_one)
{
	struct defects ds = { 0 };
	struct waivers ws = { 0 };
	struct krsi_err err = { 0 };

	cr_assert_eq(defects_load(&ds, &err), 0, "%s", err.text);
	cr_assert_eq(waivers_load(&ws, "ci/waivers.conf", &err), 0, "%s", err.text);
	for (size_t i = 0; i < ws.n_item; i++) {
		const struct waiver *w = &ws.item[i];

		cr_expect(w->defect, "[%s] names no defect", w->name);
		cr_expect(!w->defect || defects_find(&ds, w->defect),
			  "[%s]: defects.conf has no [%s]", w->name, w->defect);
	}
	waivers_free(&ws);
	defects_free(&ds);
}

Test(defects, a_wrong_file_is_named_with_its_line)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "[d]\nwho = me\n", "d.conf:2: 'who' is unknown" },
		{ "[d]\nfix = a\nfix = b\n", "d.conf:3: 'fix' is unknown, empty, or stands" },
		{ GOOD "shows = nothing\n", "d.conf:5: 'nothing' is not 'status'" },
		{ GOOD "modules =\n", "d.conf:5: '' is not a list of modules" },
		{ GOOD "modules = a,,b\n", "d.conf:5: 'a,,b' is not a list of modules" },
		{ GOOD "modules = a,\n", "d.conf:5: 'a,' is not a list of modules" },
		{ GOOD "modules = a b\n", "d.conf:5: 'a b' is not a list of modules" },
		{ GOOD "modules = ../a\n", "d.conf:5: '../a' is not a list of modules" },
		{ GOOD "modules = a\nmodules = b\n", "d.conf:6: 'b' is not a list of modules" },
		{ "[d]\nfix = a\n", "d.conf: [d] lacks 'symptom'" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct defects ds = { 0 };
		struct krsi_err err = { 0 };

		cr_expect_eq(defects_parse(&ds, bad[i].text, "d.conf", &err), -1);
		cr_expect_eq(err.code, KRSI_EXIT_USAGE);
		cr_expect(!strncmp(err.text, bad[i].says, strlen(bad[i].says)), "%s", err.text);
		cr_expect_eq(ds.n_item, 0);
	}
}

Test(defects, how_it_shows_is_the_exit_status_unless_said_otherwise)
{
	struct defects ds = { 0 };
	struct krsi_err err = { 0 };

	cr_assert_eq(defects_parse(&ds, GOOD, "d.conf", &err), 0, "%s", err.text);
	cr_expect_eq(defects_find(&ds, "d")->shows, SHOWS_STATUS);
	cr_expect_null(defects_find(&ds, "e"));
	defects_free(&ds);
	cr_assert_eq(defects_parse(&ds, GOOD "shows = panic\n", "d.conf", &err), 0);
	cr_expect_eq(ds.item[0].shows, SHOWS_PANIC);
	defects_free(&ds);
}

Test(defects, modules_are_a_list)
{
	struct defects ds = { 0 };
	struct krsi_err err = { 0 };

	cr_assert_eq(defects_parse(&ds, GOOD, "d.conf", &err), 0, "%s", err.text);
	cr_expect_eq(ds.item[0].modules.n, 0);
	defects_free(&ds);
	cr_assert_eq(defects_parse(&ds, GOOD "modules = loop ,ext4, a_b-1\n", "d.conf", &err), 0,
		     "%s", err.text);
	cr_assert_eq(ds.item[0].modules.n, 3);
	cr_expect_str_eq(ds.item[0].modules.v[0], "loop");
	cr_expect_str_eq(ds.item[0].modules.v[1], "ext4");
	cr_expect_str_eq(ds.item[0].modules.v[2], "a_b-1");
	defects_free(&ds);
}
