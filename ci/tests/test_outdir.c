// SPDX-License-Identifier: GPL-2.0-only
/* Where results go: all of them, or none and a reason. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ci/array.h"
#include "ci/outdir.h"
#include "ci/tests/sample.h"
#include "vm-images/fs.h"

static char *path_of(const char *name)
{
	return xasprintf("%s/%s", sample_dir(), name);
}

/* Files that are neither ours by name nor the lock: nothing half-written may be among them. */
static size_t strangers(const char *dir)
{
	static const char *const known[] = {
		".", "..", ".lock", "results.json", "report.html", "junit.xml", "results.ktap"
	};
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	while ((e = readdir(d))) {
		size_t i;

		for (i = 0; i < ARRAY_SIZE(known) && strcmp(known[i], e->d_name); i++)
			;
		n += i == ARRAY_SIZE(known);
	}
	closedir(d);
	return n;
}

Test(outdir, all_reports_are_written)
{
	static const char *const files[] = { "results.json", "report.html", "junit.xml",
					     "results.ktap" };
	char *dir = path_of("deep/er/out");
	struct krsi_err err = { 0 };
	struct outdir o;
	struct run run;

	sample_run(&run);
	cr_assert_eq(outdir_open(&o, dir, "k", "i", &err), 0, "%s", err.text);
	cr_expect_eq(outdir_write(&o, &run, &err), 0, "%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *file = outdir_file(&o, files[i]);

		cr_expect(fs_exists(file), "%s", file);
		free(file);
	}
	cr_expect_eq(strangers(dir), 0);
	outdir_close(&o);
	run_free(&run);
	free(dir);
}

Test(outdir, names_cannot_leave_the_results)
{
	struct krsi_err err = { 0 };
	struct outdir o;

	cr_assert_eq(chdir(sample_dir()), 0);
	cr_assert_eq(outdir_open(&o, NULL, "../../etc", "faulty:x", &err), 0, "%s", err.text);
	cr_expect_str_eq(o.path, "build/results/..-..-etc-faulty-x");
	outdir_close(&o);
}

Test(outdir, old_results_do_not_stay)
{
	static const char *const files[] = { "results.json", "console.log", "console-2.log",
					     "events-job2-3.jsonl" };
	char *dir = path_of("o[u]t*"), *keep = xasprintf("%s/notes.txt", dir);
	struct krsi_err err = { 0 };
	struct outdir o;

	cr_assert_eq(fs_mkdirs(dir, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *file = xasprintf("%s/%s", dir, files[i]);

		cr_assert_eq(fs_write_atomic(file, "old", 3, &err), 0);
		free(file);
	}
	cr_assert_eq(fs_write_atomic(keep, "mine", 4, &err), 0);
	cr_assert_eq(outdir_open(&o, dir, "k", "i", &err), 0, "%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *file = outdir_file(&o, files[i]);

		cr_expect_not(fs_exists(file), "%s", file);
		free(file);
	}
	cr_expect(fs_exists(keep), "what is not ours stays");
	outdir_close(&o);
	free(keep);
	free(dir);
}

/* What others laid there under our names may lead away from it. */
Test(outdir, a_symlink_leads_nowhere)
{
	static const char *const names[] = { ".room", ".lock", "results.json" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *dir = path_of("out"), *link = xasprintf("%s/%s", dir, names[i]);
		char *other = path_of("precious"), *text;
		struct krsi_err err = { 0 };
		struct outdir o;

		cr_assert_eq(fs_mkdirs(dir, &err), 0);
		cr_assert_eq(fs_write_atomic(other, "mine", 4, &err), 0);
		unlink(link);
		cr_assert_eq(symlink(other, link), 0);
		if (!outdir_open(&o, dir, "k", "i", &err))
			outdir_close(&o);
		text = fs_read(other, 1 << 22, NULL, &err);
		cr_expect_str_eq(text, "mine", "%s", names[i]);
		unlink(link);
		free(text);
		free(other);
		free(link);
		free(dir);
	}
}

Test(outdir, one_run_at_a_time)
{
	char *dir = path_of("out");
	struct krsi_err err = { 0 };
	struct outdir a, b;

	cr_assert_eq(outdir_open(&a, dir, "k", "i", &err), 0);
	cr_expect_eq(outdir_open(&b, dir, "k", "i", &err), -1);
	cr_expect_eq(err.code, 5);
	cr_expect(strstr(err.text, "another run"), "%s", err.text);
	outdir_close(&a);
	cr_expect_eq(outdir_open(&b, dir, "k", "i", &err), 0, "free again");
	outdir_close(&b);
	free(dir);
}

Test(outdir, a_place_that_cannot_be_written)
{
	static const char *const places[] = { "/proc/krsi", "/dev/null/x" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct krsi_err err = { 0 };
		struct outdir o;

		cr_expect_eq(outdir_open(&o, places[i], "k", "i", &err), -1);
		cr_expect_eq(err.code, 5);
		cr_expect(strstr(err.text, places[i]), "%s", err.text);
		cr_expect_null(strchr(err.text, '\n'));
	}
}

static void limit_files(rlim_t bytes)
{
	const struct rlimit rl = { bytes, bytes };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &rl);
}

Test(outdir, no_room_is_found_before_the_run)
{
	char *dir = path_of("out");
	struct krsi_err err = { 0 };
	struct outdir o;

	limit_files(4096);
	cr_expect_eq(outdir_open(&o, dir, "k", "i", &err), -1);
	cr_expect_eq(err.code, 5);
	cr_expect_eq(strangers(dir), 0);
	free(dir);
}

Test(outdir, a_disk_that_fills_up_later_leaves_no_results)
{
	char *dir = path_of("out"), *file = xasprintf("%s/results.json", dir);
	struct krsi_err err = { 0 };
	struct outdir o;
	struct run run;

	sample_run(&run);
	cr_assert_eq(outdir_open(&o, dir, "k", "i", &err), 0);
	limit_files(64);
	cr_expect_eq(outdir_write(&o, &run, &err), -1);
	cr_expect_eq(err.code, 5);
	cr_expect_not(fs_exists(file), "nothing is better than half of it");
	cr_expect_eq(strangers(dir), 0, "no temporary file is left");
	outdir_close(&o);
	run_free(&run);
	free(file);
	free(dir);
}
