// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/treescan.h"
#include "vm-images/unpack.h"
#include "vm-images/tests/util.h"

/** struct item - an entry of a test package; @target makes it a symlink. */
struct item {
	const char *path;
	const char *data;
	const char *target;
};

static void put(struct archive *a, const struct item *it)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, it->path);
	archive_entry_set_mode(e, it->target ? S_IFLNK | 0777 : S_IFREG | 0600);
	archive_entry_set_size(e, it->target ? 0 : (la_int64_t)strlen(it->data));
	if (it->target)
		archive_entry_set_symlink(e, it->target);
	cr_assert_eq(archive_write_header(a, e), ARCHIVE_OK);
	if (!it->target)
		archive_write_data(a, it->data, strlen(it->data));
	archive_entry_free(e);
}

static size_t make_tar(char *buf, size_t room, const struct item *items, size_t n)
{
	struct archive *a = archive_write_new();
	size_t used = 0;

	archive_write_set_format_gnutar(a);
	archive_write_add_filter_xz(a);
	archive_write_open_memory(a, buf, room, &used);
	for (size_t i = 0; i < n; i++)
		put(a, &items[i]);
	archive_write_close(a);
	archive_write_free(a);
	return used;
}

static void put_member(struct archive *a, const char *name, const void *data, size_t len)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_mode(e, S_IFREG | 0644);
	archive_entry_set_size(e, (la_int64_t)len);
	archive_write_header(a, e);
	archive_write_data(a, data, len);
	archive_entry_free(e);
}

/* A package with these files. Return: its path. */
static const char *make_deb(const struct item *items, size_t n, char *deb, size_t *len)
{
	static char tar[1 << 16];
	size_t tar_len = make_tar(tar, sizeof(tar), items, n);
	struct archive *a = archive_write_new();

	archive_write_set_format_ar_svr4(a);
	archive_write_add_filter_none(a);
	archive_write_open_memory(a, deb, 1 << 17, len);
	put_member(a, "debian-binary", "2.0\n", 4);
	put_member(a, "control.tar.xz", "", 0);
	put_member(a, "data.tar.xz", tar, tar_len);
	archive_write_close(a);
	archive_write_free(a);
	return test_write("p.deb", deb, *len);
}

static char deb_bytes[1 << 17];
static size_t deb_len;
static struct krsi_err err;

static int unpack(const struct item *items, size_t n)
{
	const char *deb = make_deb(items, n, deb_bytes, &deb_len);

	err = (struct krsi_err){ 0 };
	fs_remove_tree(test_path("out"));
	cr_assert_eq(fs_mkdirs(test_path("out"), &err), 0);
	return unpack_deb(deb, test_path("out"), &err);
}

#define UNPACK(items) unpack(items, sizeof(items) / sizeof((items)[0]))

Test(unpack, only_the_kernel_and_no_links)
{
	static const struct item items[] = {
		{ "./boot/vmlinuz-1", "kernel", NULL },
		{ "./lib/modules/1/a.ko", "a", NULL },
		{ "./usr/lib/modules/1/b.ko", "b", NULL },
		{ "./usr/share/doc/x", "doc", NULL },
		{ "./lib/modules/1/build", NULL, "/usr/src" },
	};

	cr_assert_eq(UNPACK(items), 0, "%s", err.text);
	cr_expect(fs_exists(test_path("out/boot/vmlinuz-1")));
	cr_expect(fs_exists(test_path("out/lib/modules/1/a.ko")));
	cr_expect(fs_exists(test_path("out/lib/modules/1/b.ko")));
	cr_expect_not(fs_exists(test_path("out/usr")));
	cr_expect_neq(access(test_path("out/lib/modules/1/build"), F_OK), 0);
}

Test(unpack, hostile_paths)
{
	static const struct item up[] = { { "./boot/../../evil", "x", NULL } };
	static const struct item absolute[] = { { "/boot/vmlinuz", "x", NULL } };
	static const struct item through_link[] = { { "./boot/d", NULL, "/tmp" },
						    { "./boot/d/f", "x", NULL } };
	static const struct item twice[] = { { "./boot/f", "x", NULL }, { "./boot/f", "y", NULL } };

	cr_expect_eq(UNPACK(up), -1);
	expect_err(err, 5, "holds a hostile path");
	cr_expect_not(fs_exists(test_path("evil")));
	cr_expect_eq(UNPACK(absolute), -1);
	expect_err(err, 5, "holds a hostile path");
	/* the link was left out, so the file lands in a directory of its own */
	cr_expect_eq(UNPACK(through_link), 0);
	cr_expect(fs_exists(test_path("out/boot/d/f")));
	cr_expect_not(fs_exists("/tmp/f"));
	cr_expect_eq(UNPACK(twice), -1);
	expect_err(err, 5, "File exists");
}

Test(unpack, cut_short_anywhere)
{
	static const struct item items[] = { { "./boot/vmlinuz-1", "kernel", NULL } };

	cr_assert_eq(UNPACK(items), 0);
	/* the last bytes are padding */
	for (size_t len = 0; len + 64 < deb_len; len += 7) {
		const char *deb = test_write("cut.deb", deb_bytes, len);

		err = (struct krsi_err){ 0 };
		fs_remove_tree(test_path("out"));
		cr_expect_eq(unpack_deb(deb, test_path("out"), &err), -1, "%zu of %zu", len,
			     deb_len);
		cr_expect_eq(err.code, 5);
	}
}

Test(unpack, damaged_data)
{
	static const struct item items[] = { { "./boot/vmlinuz-1", "kernel kernel kernel", NULL } };

	cr_assert_eq(UNPACK(items), 0);
	deb_bytes[deb_len - deb_len / 4] ^= 0x55;
	fs_remove_tree(test_path("out"));
	cr_expect_eq(unpack_deb(test_write("bad.deb", deb_bytes, deb_len), test_path("out"), &err),
		     -1);
	expect_err(err, 5, "bad.deb: cannot be unpacked");
}

Test(unpack, not_a_package)
{
	cr_expect_eq(unpack_deb(test_write("t", "hello", 5), test_dir(), &err), -1);
	expect_err(err, 5, "not a Debian package");
	cr_expect_eq(unpack_deb("/nonexistent", test_dir(), &err), -1);
	expect_err(err, 5, "/nonexistent: not a Debian package");
}

Test(treescan, nothing_or_garbage)
{
	static const struct item items[] = { { "./boot/vmlinuz-1", "garbage", NULL } };
	struct treescan t;

	cr_expect_eq(treescan(&t, test_dir(), &err), -1);
	expect_err(err, 5, "no kernel image (vmlinuz) in it");
	cr_assert_eq(UNPACK(items), 0);
	cr_expect_eq(treescan(&t, test_path("out"), &err), -1);
	expect_err(err, 5, "no x86 boot header");
}
