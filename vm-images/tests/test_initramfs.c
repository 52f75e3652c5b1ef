// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/initramfs.h"
#include "vm-images/mem.h"
#include "vm-images/tests/util.h"

static struct krsi_err err;

#define OK(call) cr_assert_eq(call, 0, "%s", err.text)

static void fill(struct initramfs *fs)
{
	OK(initramfs_chardev(fs, "dev/console", 0600, 5, 1, &err));
	OK(initramfs_file(fs, "krsi/args", 0644, "a\n", 2, &err));
	OK(initramfs_file(fs, "krsi/empty", 0644, NULL, 0, &err));
	OK(initramfs_symlink(fs, "bin/sh", "busybox", &err));
	OK(initramfs_path(fs, "init", 0755, test_write("init", "#!", 2), &err));
	OK(initramfs_dir(fs, "tmp", 01777, &err));
}

static const struct {
	const char *path;
	mode_t mode;
	la_int64_t size;
} want[] = {
	{ "dev", S_IFDIR | 0755, 0 },	     { "dev/console", S_IFCHR | 0600, 0 },
	{ "krsi", S_IFDIR | 0755, 0 },	     { "krsi/args", S_IFREG | 0644, 2 },
	{ "krsi/empty", S_IFREG | 0644, 0 }, { "bin", S_IFDIR | 0755, 0 },
	{ "bin/sh", S_IFLNK | 0777, 7 },     { "init", S_IFREG | 0755, 2 },
	{ "tmp", S_IFDIR | 01777, 0 },
};

static void check(struct archive *a)
{
	struct archive_entry *e;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		cr_assert_eq(archive_read_next_header(a, &e), ARCHIVE_OK);
		cr_expect_str_eq(archive_entry_pathname(e), want[i].path);
		cr_expect_eq(archive_entry_mode(e), want[i].mode, "%s", want[i].path);
		cr_expect_eq(archive_entry_uid(e), 0);
		if (S_ISREG(want[i].mode))
			cr_expect_eq(archive_entry_size(e), want[i].size);
		if (S_ISCHR(want[i].mode))
			cr_expect_eq(archive_entry_rdev(e), makedev(5, 1));
		if (S_ISLNK(want[i].mode))
			cr_expect_str_eq(archive_entry_symlink(e), "busybox");
	}
	cr_expect_eq(archive_read_next_header(a, &e), ARCHIVE_EOF);
}

Test(initramfs, reads_back)
{
	for (int gzip = 0; gzip < 2; gzip++) {
		struct initramfs *fs = initramfs_open(test_path("i"), gzip, &err);
		struct archive *a = archive_read_new();

		cr_assert(fs, "%s", err.text);
		cr_expect_not(fs_exists(test_path("i")), "it is there before it is whole");
		fill(fs);
		OK(initramfs_close(fs, &err));
		archive_read_support_format_cpio(a);
		archive_read_support_filter_gzip(a);
		OK(archive_read_open_filename(a, test_path("i"), 4096));
		cr_expect_eq(archive_filter_code(a, 0),
			     gzip ? ARCHIVE_FILTER_GZIP : ARCHIVE_FILTER_NONE);
		check(a);
		archive_read_free(a);
		unlink(test_path("i"));
	}
}

Test(initramfs, in_memory)
{
	struct initramfs *fs = initramfs_open(NULL, false, &err);
	struct archive *a = archive_read_new();
	char *path;
	int fd;

	fill(fs);
	fd = initramfs_close_fd(fs, &err);
	cr_assert_geq(fd, 0, "%s", err.text);
	path = xasprintf("/proc/self/fd/%d", fd);
	archive_read_support_format_cpio(a);
	OK(archive_read_open_filename(a, path, 4096));
	check(a);
	archive_read_free(a);
	free(path);
	close(fd);
}

Test(initramfs, same_input_same_bytes)
{
	char *one, *two;
	size_t n1, n2;

	for (int i = 0; i < 2; i++) {
		struct initramfs *fs = initramfs_open(test_path(i ? "two" : "one"), false, &err);

		fill(fs);
		OK(initramfs_close(fs, &err));
	}
	one = fs_read(test_path("one"), 1 << 20, &n1, &err);
	two = fs_read(test_path("two"), 1 << 20, &n2, &err);
	cr_assert_eq(n1, n2);
	cr_expect_eq(memcmp(one, two, n1), 0);
	free(one);
	free(two);
}

Test(initramfs, bad_paths)
{
	static const char *const bad[] = { "",	     "/abs", "a//b", "a/",   "../x",
					   "a/../b", "a/..", ".",    "a/./b" };
	struct initramfs *fs = initramfs_open(NULL, false, &err);
	char *longer = xcalloc(2000, 1);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(initramfs_file(fs, bad[i], 0644, "x", 1, &err), -1, "%s", bad[i]);
		expect_err(err, 2, "bad path in the initramfs");
	}
	memset(longer, 'a', 1999);
	cr_expect_eq(initramfs_file(fs, longer, 0644, "x", 1, &err), -1);
	OK(initramfs_file(fs, "..a/.b", 0644, "x", 1, &err));
	cr_expect_eq(initramfs_file(fs, "..a/.b", 0644, "x", 1, &err), -1);
	expect_err(err, 2, "twice in the initramfs");
	cr_expect_eq(initramfs_path(fs, "x", 0644, "/nonexistent", &err), -1);
	expect_err(err, 2, "/nonexistent: cannot be read");
	initramfs_abort(fs);
	free(longer);
}

Test(initramfs, abort_leaves_nothing)
{
	struct initramfs *fs = initramfs_open(test_path("gone"), false, &err);
	struct strs left = { 0 };

	cr_assert(fs);
	OK(initramfs_file(fs, "a", 0644, "x", 1, &err));
	initramfs_abort(fs);
	cr_expect_eq(rmdir(test_dir()), 0, "something is left in the directory");
	cr_expect_null(initramfs_open("/nonexistent/i", false, &err));
	expect_err(err, 5, "cannot write /nonexistent/i");
	strs_free(&left);
}
