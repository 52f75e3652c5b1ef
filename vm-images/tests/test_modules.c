// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/modindex.h"
#include "vm-images/modules.h"
#include "vm-images/tests/util.h"

static struct krsi_err err;

#define RELEASE "1.2.3"

static void setup(void)
{
	setenv("KRSI_CACHE", test_path("cache"), 1);
}

static void put(const char *path, const char *text)
{
	char *dir = xstrdup(path);

	*strrchr(dir, '/') = '\0';
	cr_assert_eq(fs_mkdirs(dir, &err), 0, "%s", err.text);
	cr_assert_eq(fs_write_atomic(path, text, strlen(text), &err), 0, "%s", err.text);
	free(dir);
}

/* An index in text form is what depmod makes; libkmod reads its binary form, so depmod is run. */
TestSuite(modules, .init = setup);

Test(modules, none_without_a_directory)
{
	static const char *const names[] = { "loop", "tun" };
	struct module_list l;

	cr_assert_eq(modules_closure(&l, NULL, RELEASE, names, 2, &err), 0);
	cr_expect_eq(l.missing.n, 2);
	cr_expect_eq(l.paths.n, 0);
	module_list_free(&l);
}

Test(modules, builtin_and_missing)
{
	static const char *const names[] = { "ext4", "nosuch", "nosuch" };
	struct module_list l;
	char *dir;

	put(test_path("m/kernel/fs/x.ko"), "no ELF, but depmod does not mind");
	put(test_path("m/modules.builtin"), "kernel/fs/ext4/ext4.ko\n");
	put(test_path("m/modules.order"), "kernel/fs/x.ko\n");
	dir = modules_index(test_path("m"), RELEASE, &err);
	cr_assert(dir, "%s", err.text);
	cr_expect(strstr(dir, test_path("cache")), "%s", dir);
	cr_expect_not(fs_exists(test_path("m/modules.dep")), "the user's directory was written");
	cr_assert_eq(modules_closure(&l, dir, RELEASE, names, 3, &err), 0, "%s", err.text);
	cr_expect_eq(l.builtin.n, 1);
	cr_expect_eq(l.missing.n, 1);
	module_list_free(&l);
	free(dir);
}

Test(modules, the_index_is_made_once_per_content)
{
	char *one, *two, *three;

	put(test_path("m/kernel/x.ko"), "x");
	one = modules_index(test_path("m"), RELEASE, &err);
	two = modules_index(test_path("m"), RELEASE, &err);
	put(test_path("m/kernel/x.ko"), "another size");
	three = modules_index(test_path("m"), RELEASE, &err);
	cr_assert(one && two && three, "%s", err.text);
	cr_expect_str_eq(one, two);
	cr_expect_str_neq(one, three);
	free(one);
	free(two);
	free(three);
}

/* Lines of modules.order in a build tree have changed their form over the years. */
Test(modules, of_a_built_tree)
{
	char *dir, *path;

	put(test_path("t/Kbuild"), "");
	put(test_path("t/fs/a/a.ko"), "a");
	put(test_path("t/fs/b.ko"), "b");
	put(test_path("t/fs/c.ko"), "c");
	put(test_path("t/fs/stale.ko"), "not in modules.order");
	put(test_path("t/modules.order"), "kernel/fs/a/a.ko\nfs/b.ko\nfs/c.o\nfs/gone.o\n");
	dir = modules_index(test_path("t"), RELEASE, &err);
	cr_assert(dir, "%s", err.text);
	for (const char *const *n = (const char *const[]){ "a/a", "b", "c", NULL }; *n; n++) {
		path = xasprintf("%s/kernel/fs/%s.ko", dir, *n);
		cr_expect(fs_exists(path), "%s", path);
		free(path);
	}
	path = xasprintf("%s/kernel/fs/stale.ko", dir);
	cr_expect_not(fs_exists(path));
	free(path);
	free(dir);
}

Test(modules, not_a_module_directory)
{
	static const char *const names[] = { "x" };
	struct module_list l;

	cr_expect_null(modules_index("/nonexistent", RELEASE, &err));
	expect_err(err, 2, "/nonexistent: cannot be read");
	cr_assert_eq(fs_mkdirs(test_path("e"), &err), 0);
	cr_expect_null(modules_index(test_path("e"), RELEASE, &err));
	expect_err(err, 2, "not a module directory: no module below it");
	cr_expect_eq(modules_closure(&l, "/nonexistent", RELEASE, names, 1, &err), -1);
	expect_err(err, 2, "/nonexistent: not a module directory of " RELEASE);
}

Test(modules, locate)
{
	char *dir;

	put(test_path("r/lib/modules/" RELEASE "/kernel/x.ko"), "x");
	dir = modules_locate(test_path("r"), RELEASE, &err);
	cr_assert(dir, "%s", err.text);
	free(dir);
	dir = modules_locate(test_path("r/lib/modules"), RELEASE, &err);
	cr_assert(dir, "%s", err.text);
	free(dir);
	dir = modules_locate(test_path("r/lib/modules/" RELEASE), RELEASE, &err);
	cr_assert(dir, "%s", err.text);
	free(dir);
	cr_expect_null(modules_locate(test_path("r"), "9.9", &err));
	expect_err(err, 2, "no modules of 9.9; there is: " RELEASE);
	cr_expect_null(modules_locate(test_path("r/lib"), "9.9", &err));
	expect_err(err, 2, "give lib/modules/<release>");
	cr_expect_null(modules_locate("/proc/self/exe", "9.9", &err));
	expect_err(err, 2, "not a directory");
}

static const char *compressed(int (*filter)(struct archive *), const char *data, size_t len,
			      size_t *out)
{
	static char buf[1 << 16];
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();

	archive_write_set_format_raw(a);
	filter(a);
	archive_write_open_memory(a, buf, sizeof(buf), out);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_write_header(a, e);
	archive_write_data(a, data, len);
	archive_write_close(a);
	archive_write_free(a);
	archive_entry_free(e);
	return buf;
}

#define ELF "\177ELF and then some module"

Test(modules, all_compressions)
{
	static int (*const filters[])(struct archive *) = { archive_write_add_filter_none,
							    archive_write_add_filter_xz,
							    archive_write_add_filter_gzip,
							    archive_write_add_filter_zstd };

	for (size_t i = 0; i < 4; i++) {
		size_t n = 0, len = 0;
		const char *packed = compressed(filters[i], ELF, sizeof(ELF) - 1, &n);
		char *data = modules_read(test_write("m.ko", packed, n), &len, &err);

		cr_assert(data, "%zu: %s", i, err.text);
		cr_expect_eq(len, sizeof(ELF) - 1);
		cr_expect_eq(memcmp(data, ELF, len), 0);
		free(data);
	}
}

Test(modules, damaged_files)
{
	size_t n = 0, len;
	const char *packed = compressed(archive_write_add_filter_xz, ELF, sizeof(ELF) - 1, &n);

	for (size_t i = 6; i < n; i++) {
		err = (struct krsi_err){ 0 };
		cr_expect_null(modules_read(test_write("m.ko.xz", packed, i), &len, &err), "%zu",
			       i);
		cr_expect_eq(err.code, 2);
	}
	cr_expect_null(modules_read(test_write("m.ko", "hello", 5), &len, &err));
	expect_err(err, 2, "not a kernel module (no ELF file)");
	cr_expect_null(modules_read(test_write("m.ko", "", 0), &len, &err));
	expect_err(err, 2, "m.ko: ");
	cr_expect_null(modules_read("/nonexistent.ko", &len, &err));
	expect_err(err, 2, "/nonexistent.ko: cannot be read");
}
