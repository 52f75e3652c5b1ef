// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "vm-images/bzimage.h"
#include "vm-images/mem.h"
#include "vm-images/tests/util.h"

#define IMAGE_BYTES 8192

static struct krsi_err err;

/* A minimal image: four setup sectors and some kernel. */
static void make(unsigned char *p, const char *version)
{
	memset(p, 0, IMAGE_BYTES);
	p[0x1f1] = 4;
	p[0x1f4] = (IMAGE_BYTES - 5 * 512) / 16 & 0xff;
	p[0x1f5] = (IMAGE_BYTES - 5 * 512) / 16 >> 8;
	memcpy(p + 0x202, "HdrS\x0f\x02", 6);
	p[0x20f] = 0x06; /* 0x600 + 0x200 */
	p[0x236] = 1;
	strcpy((char *)p + 0x800, version);
}

static int parse(struct bzimage *b, const void *p, size_t len)
{
	err = (struct krsi_err){ 0 };
	return bzimage_parse(b, p, len, len, "img", &err);
}

Test(bzimage, release_and_width)
{
	unsigned char p[IMAGE_BYTES];
	struct bzimage b;

	make(p, "6.1.0-9-cloud (me@here) #1 SMP");
	cr_assert_eq(parse(&b, p, sizeof(p)), 0, "%s", err.text);
	cr_expect_str_eq(b.release, "6.1.0-9-cloud");
	cr_expect(b.is64);
	p[0x236] = 0;
	cr_assert_eq(parse(&b, p, sizeof(p)), 0);
	cr_expect_not(b.is64);
}

Test(bzimage, cut_short_anywhere)
{
	unsigned char p[IMAGE_BYTES];
	struct bzimage b;

	make(p, "6.1.0 x");
	for (size_t len = 0; len < sizeof(p) - 15; len++) {
		/* exact size on the heap, so that a sanitizer or valgrind sees a read beyond it */
		unsigned char *q = xcalloc(len, 1);

		memcpy(q, p, len);
		cr_assert_eq(parse(&b, q, len), -1, "%zu bytes", len);
		cr_assert_eq(err.code, 2);
		free(q);
	}
	expect_err(err, 2, "img: cut short");
}

Test(bzimage, hostile_version_strings)
{
	static const char *const versions[] = {
		"", " x", "../../etc", "a/b", ".hidden x", "\033[2J"
	};
	unsigned char p[IMAGE_BYTES];
	struct bzimage b;

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		make(p, versions[i]);
		cr_expect_eq(parse(&b, p, sizeof(p)), -1, "%s", versions[i]);
		expect_err(err, 2, "holds no kernel release");
	}
	make(p, "x");
	memset(p + 0x800, 'a', 300);
	cr_expect_eq(parse(&b, p, sizeof(p)), -1);
	make(p, "x");
	p[0x20e] = p[0x20f] = 0xff; /* points behind the file */
	cr_expect_eq(parse(&b, p, sizeof(p)), -1);
	make(p, "x");
	p[0x20e] = p[0x20f] = 0;
	cr_expect_eq(parse(&b, p, sizeof(p)), -1);
	/* unterminated up to the end of the file */
	make(p, "x");
	p[0x1f4] = p[0x1f5] = 0;
	p[0x20e] = 0xf0;
	p[0x20f] = 0x1d;
	memset(p + 0x1ff0, 'a', 16);
	cr_expect_eq(parse(&b, p, sizeof(p)), -1);
}

Test(bzimage, says_what_it_is_instead)
{
	static const struct {
		const char *data;
		size_t len;
		const char *says;
	} others[] = {
		{ "", 0, "the file is empty" },
		{ "\177ELF\2\1\1", 7, "an ELF file (vmlinux?)" },
		{ "\x1f\x8b\x08", 3, "gzip data" },
		{ "\xfd\x37zXZ\0", 6, "xz data" },
		{ "!<arch>\ndebian-binary", 21, "a package" },
		{ "#!/bin/sh\n", 10, "a script" },
		{ "070701000", 9, "an initramfs" },
		{ "hello, world", 12, "no x86 boot header (HdrS)" },
	};
	struct bzimage b;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		cr_expect_eq(parse(&b, others[i].data, others[i].len), -1);
		expect_err(err, 2, others[i].says);
	}
}

Test(bzimage, unreadable_files)
{
	struct bzimage b;

	cr_expect_eq(bzimage_read(&b, "/nonexistent", &err), -1);
	expect_err(err, 2, "/nonexistent: cannot be read: No such file");
	cr_expect_eq(bzimage_read(&b, "/dev/zero", &err), -1);
	expect_err(err, 2, "/dev/zero: not a file");
	cr_expect_eq(bzimage_read(&b, "/etc", &err), -1);
	expect_err(err, 2, "/etc: not a file");
	cr_expect_eq(bzimage_read(&b, "/proc/self/exe", &err), -1);
	expect_err(err, 2, "an ELF file");
}
