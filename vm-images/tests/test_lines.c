// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include "vm-images/lines.h"
#include "vm-images/tests/util.h"

static char got[4096];

static void note(void *ctx, const char *text, size_t len, unsigned int flaws)
{
	size_t used = strlen(got);

	cr_expect_eq(strlen(text), len);
	snprintf(got + used, sizeof(got) - used, "<%s|%u>", text, flaws);
}

/* All of @data at once, and then byte by byte: the result must not depend on how it arrives. */
static const char *split(size_t max, const char *data, size_t len)
{
	static char whole[sizeof(got)];
	struct lines *l = lines_new(max, note, NULL);

	got[0] = '\0';
	lines_feed(l, data, len);
	lines_end(l);
	strcpy(whole, got);
	got[0] = '\0';
	for (size_t i = 0; i < len; i++)
		lines_feed(l, data + i, 1);
	lines_end(l);
	lines_free(l);
	cr_expect_str_eq(got, whole);
	return whole;
}

#define SPLIT(max, text) split(max, text, sizeof(text) - 1)

Test(lines, good_ones)
{
	cr_expect_str_eq(SPLIT(10, ""), "");
	cr_expect_str_eq(SPLIT(10, "a\r\n\nb\tc\n"), "<a|0><|0><b\tc|0>");
	cr_expect_str_eq(SPLIT(10, "gr\303\274n\n"), "<gr\303\274n|0>");
}

Test(lines, cut_at_the_end)
{
	cr_expect_str_eq(SPLIT(10, "a\nb"), "<a|0><b|4>");
}

Test(lines, too_long)
{
	cr_expect_str_eq(SPLIT(4, "abcd\nx\n"), "<abcd|0><x|0>");
	cr_expect_str_eq(SPLIT(4, "abcde\nx\n"), "<abcd|1><x|0>");
	cr_expect_str_eq(SPLIT(4, "abcdefghijk"), "<abcd|1>");
	/* a character that the bound cuts is no binary data */
	cr_expect_str_eq(SPLIT(4, "abc\303\274\n"), "<abc?|1>");
}

Test(lines, binary)
{
	cr_expect_str_eq(SPLIT(10, "a\0b\n"), "<a?b|2>");
	cr_expect_str_eq(SPLIT(10, "\033[2J\n"), "<?[2J|2>");
	cr_expect_str_eq(SPLIT(10, "a\rb\n"), "<a?b|2>");
	cr_expect_str_eq(SPLIT(10, "\377\376\n"), "<\?\?|2>");
	cr_expect_str_eq(SPLIT(10, "\303\n"), "<?|2>");
	/* overlong slash, surrogate, C1 control, beyond Unicode */
	cr_expect_str_eq(SPLIT(10, "\300\257\n"), "<\?\?|2>");
	cr_expect_str_eq(SPLIT(10, "\355\240\200\n"), "<\?\?\?|2>");
	cr_expect_str_eq(SPLIT(10, "\302\233\n"), "<\?\?|2>");
	cr_expect_str_eq(SPLIT(10, "\364\220\200\200\n"), "<\?\?\?\?|2>");
}
