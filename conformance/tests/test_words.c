// SPDX-License-Identifier: GPL-2.0-only
/* Words of a line that a program of others has written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "conformance/adapters/words.h"

static char out[64];

Test(words, go_there_and_back)
{
	static const char value[] = "a b=c:d,e%\n\x7f\xc3\xa9";
	char *line = NULL;
	size_t len;
	FILE *f = open_memstream(&line, &len);

	words__put(f, "first", "x");
	words__put(f, "key", value);
	fclose(f);
	cr_assert_str_eq(line, " first=x key=a%20b%3Dc%3Ad%2Ce%25%0A%7F%C3%A9");
	cr_assert(words__get(line, "key", out, sizeof(out)));
	cr_assert_str_eq(out, value);
	free(line);
}

Test(words, are_whole)
{
	cr_assert_not(words__get("1 ok keys=1 akey=2 key", "key", out, sizeof(out)));
	cr_assert_not(words__get("key=1", "key", out, sizeof(out)),
		      "that is the line's first word");
	cr_assert_not(words__get("", "key", out, sizeof(out)));
	cr_assert(words__get("1 ok   key= next=1", "key", out, sizeof(out)));
	cr_assert_str_eq(out, "");
}

Test(words, of_one_key_come_in_turn)
{
	const char *at = "1 event arg0=1:2 other=3 arg0=4:5";

	cr_assert(words__next(&at, "arg0", out, sizeof(out)));
	cr_assert_str_eq(out, "1:2");
	cr_assert(words__next(&at, "arg0", out, sizeof(out)));
	cr_assert_str_eq(out, "4:5");
	cr_assert_not(words__next(&at, "arg0", out, sizeof(out)));
}

Test(words, too_long_are_cut)
{
	char line[300] = "1 ok key=";

	memset(line + strlen(line), 'x', 200);
	cr_assert(words__get(line, "key", out, sizeof(out)));
	cr_assert_eq(strlen(out), sizeof(out) - 1);
}

Test(words, badly_encoded_stay)
{
	static const char *const bad[] = { "%", "%2", "a%g0", "%-1", "%+1x", "%%", "%2%20" };
	static const char *const decoded[] = { "%", "%2", "a%g0", "%-1", "%+1x", "%%", "%2 " };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		strcpy(out, bad[i]);
		words__decode(out);
		cr_assert_str_eq(out, decoded[i], "%s gives %s", bad[i], out);
	}
}

Test(words, may_be_numbers)
{
	cr_assert_eq(words__number("1 ok n=-14 m=0x10", "n", 7), -14);
	cr_assert_eq(words__number("1 ok n=-14 m=0x10", "m", 7), 16);
	cr_assert_eq(words__number("1 ok n=-14 m=0x10", "k", 7), 7);
}
