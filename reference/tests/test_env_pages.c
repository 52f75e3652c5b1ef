// SPDX-License-Identifier: GPL-2.0-only
/* Page boundaries everywhere, each length of the buffer, faults, and the largest that exec takes.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "reference/tests/block.h"

#define PAGE	       4096UL
#define ARG_MAX_STRLEN (32 * PAGE)

#define STRINGS                                                                                    \
	"prog\0LD_PRELOAD=argv\0PATH=/bin\0LD_PRELOAD_X=no\0LD_PRELOAD=/a.so\0LD_PRELOAD\0=LD\0\0" \
	"LD_PRELOA\0LD_PRELOAD=\0LD_PRELOADED=1\0HOME=/\0LD_PRELOAD=/twelve/bytes\0X="

static const char strings[] = STRINGS;

static const char *const names[] = { "LD_PRELOAD", "PATH", "X", "HOME", "LD", "NONE" };
#define NR_NAMES (sizeof(names) / sizeof(names[0]))

/*
 * With pages from 1 byte on and the block at each offset in them, every byte of every name, '=',
 * value and NUL comes to lie before and after a boundary.
 */
Test(env_pages, each_byte_beside_a_boundary)
{
	for (unsigned long page = 1; page <= 24; page++) {
		for (unsigned long offset = 0; offset < page; offset++) {
			struct block b;

			block_init(&b, strings, sizeof(strings), 2, page, offset);
			for (size_t i = 0; i < NR_NAMES; i++)
				check_get(&b, names[i], 64);
			check_get_all(&b, 200);
			block_free(&b);
		}
	}
}

/* The same at real pages: the block slides over one boundary, byte by byte. */
Test(env_pages, slide_over_a_real_boundary)
{
	for (unsigned long i = 0; i <= sizeof(strings); i++) {
		struct block b;

		block_init(&b, strings, sizeof(strings), 2, PAGE, PAGE - i - !i);
		b.beyond = i & 1;
		for (size_t n = 0; n < NR_NAMES; n++)
			check_get(&b, names[n], 64);
		check_get_all(&b, 200);
		block_free(&b);
	}
}

Test(env_pages, each_length_of_the_buffer)
{
	static const unsigned long pages[] = { 1, 3, 8, 13, PAGE };

	for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
		struct block b;

		block_init(&b, strings, sizeof(strings), 2, pages[p], 0);
		for (u32 n = 0; n <= sizeof(strings) + 2; n++) {
			for (size_t i = 0; i < NR_NAMES; i++)
				check_get(&b, names[i], n);
			check_get_all(&b, n);
		}
		block_free(&b);
	}
}

Test(env_pages, each_number_of_arguments)
{
	for (unsigned int argc = 0; argc < 20; argc++) {
		struct block b;

		block_init(&b, strings, sizeof(strings), argc, 7, 3);
		check_get(&b, "LD_PRELOAD", 64);
		check_get_all(&b, 200);
		block_free(&b);
	}
}

/* A block that ends anywhere, as a hostile caller of the core may have it. */
Test(env_pages, each_end)
{
	for (unsigned long len = 0; len <= sizeof(strings); len++) {
		struct block b;

		block_init(&b, strings, len, 2, 5, 2);
		check_get(&b, "LD_PRELOAD", 64);
		check_get(&b, "X", 8);
		check_get_all(&b, 200);
		block_free(&b);
	}
}

/*
 * A page that cannot be read fails the call, wherever it lies: in argv, in a name, in a value.
 * The high half is 0 and nothing of what was found stays in the buffer.
 */
Test(env_pages, faults)
{
	static const int errors[] = { -EFAULT, -ENOMEM, 0 };
	static const char zero[64];

	for (unsigned long at = 0; at < sizeof(strings); at++) {
		for (size_t e = 0; e < 3; e++) {
			int want = errors[e] ?: -EFAULT;
			char buf[64];
			struct block b;

			block_init(&b, strings, sizeof(strings), 2, 4, 1);
			b.fault_at = at;
			b.fault = errors[e];
			memset(buf, '#', sizeof(buf));
			cr_assert_eq(krsi_env_get(&b.env, "LD_PRELOAD", 11, buf, sizeof(buf)),
				     result(0, want), "fault at %lu", at);
			cr_assert(!memcmp(buf, zero, sizeof(buf)));
			memset(buf, '#', sizeof(buf));
			cr_assert_eq(krsi_env_get_all(&b.env, buf, sizeof(buf)), result(0, want));
			cr_assert(!memcmp(buf, zero, sizeof(buf)));
			block_free(&b);
		}
	}
}

/* A bad name is told before any page is read. */
Test(env_pages, bad_name_reads_nothing)
{
	char buf[4];
	struct block b;

	block_init(&b, strings, sizeof(strings), 2, 4, 0);
	b.fault_at = 0;
	b.fault = -EFAULT;
	cr_assert_eq(krsi_env_get(&b.env, "", 1, buf, sizeof(buf)), result(0, -EINVAL));
	cr_assert_eq(b.reads, 0);
}

/* One string of 32 pages, NUL included, before, as, and after what is asked for. */
Test(env_pages, string_of_32_pages)
{
	unsigned long len = ARG_MAX_STRLEN + 64;
	char *bytes = malloc(len);

	for (unsigned long offset = 0; offset < PAGE; offset += 511) {
		struct block b;
		unsigned long at = 0;

		memcpy(bytes, "arg\0A=1\0BIG=", 12);
		at = 12;
		memset(bytes + at, 'v', ARG_MAX_STRLEN - 5);
		at += ARG_MAX_STRLEN - 5;
		bytes[at++] = '\0';
		memcpy(bytes + at, "Z=26", 5);
		at += 5;
		block_init(&b, bytes, at, 1, PAGE, offset);
		check_get(&b, "A", 8);
		check_get(&b, "Z", 8);
		check_get(&b, "BIG", 100);
		check_get(&b, "BIG", ARG_MAX_STRLEN - 5);
		check_get(&b, "BIG", ARG_MAX_STRLEN - 4);
		check_get(&b, "BIG", ARG_MAX_STRLEN);
		check_get_all(&b, ARG_MAX_STRLEN);
		check_get_all(&b, 2 * ARG_MAX_STRLEN);
		block_free(&b);
	}
	free(bytes);
}

/* exec takes at most three quarters of 8 MiB of strings. */
Test(env_pages, largest_total)
{
	static const char var[] = "VARIABLE=value";
	unsigned long total = 6UL << 20, at = 0, n = 0;
	char *bytes = malloc(total);
	struct block b;

	while (total - at > sizeof(var)) {
		memcpy(bytes + at, var, sizeof(var));
		at += sizeof(var);
		n++;
	}
	memset(bytes + at, 'e', total - at - 1);
	bytes[total - 1] = '\0';
	block_init(&b, bytes, total, 0, PAGE, 17);
	check_get(&b, "VARIABLE", n * 6);
	check_get(&b, "VARIABLE", n * 6 - 1);
	check_get_all(&b, total);
	check_get_all(&b, total - 1);
	cr_expect_leq(b.reads, 4 * (total / PAGE + 1));
	block_free(&b);
	free(bytes);
}

/* More bytes than the block has, and more than 32 bits tell, may be offered at once. */
static long read_huge(void *src, unsigned long addr, const char **data)
{
	*data = (const char *)src + addr;
	return 1L << 40;
}

Test(env_pages, huge_piece)
{
	static char text[] = "L=1";
	struct krsi_env_block env = { .read = read_huge, .src = text, .end = sizeof(text) };
	char buf[4];

	cr_assert_eq(krsi_env_get(&env, "L", 2, buf, sizeof(buf)), result(1, 2));
}
