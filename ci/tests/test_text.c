// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/text.h"

static void cleans(const char *in, size_t len, size_t max, const char *want)
{
	char *out = text_clean(in, len, max);

	cr_expect_str_eq(out, want, "'%s', not '%s'", out, want);
	free(out);
}

#define CLEANS(in, want) cleans(in, sizeof(in) - 1, 100, want)

Test(text, clean_keeps_what_can_be_shown)
{
	CLEANS("plain", "plain");
	CLEANS("", "");
	CLEANS("two\nlines\tand a tab", "two\nlines\tand a tab");
	CLEANS("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	CLEANS("console\r\nline", "console\nline");
}

Test(text, clean_replaces_what_cannot)
{
	CLEANS("a\0b", "a?b");
	CLEANS("\x1b[2Jgone", "?[2Jgone");
	CLEANS("\x07\x7f\r", "???");
	CLEANS("C1 \xc2\x9b[m", "C1 ?[m");
	CLEANS("lone \x80 cut \xe2\x82", "lone ? cut ??");
	CLEANS("overlong \xc0\xaf\xe0\x80\x80", "overlong ?????");
	CLEANS("surrogate \xed\xa0\x80", "surrogate ???");
	CLEANS("beyond \xf4\x90\x80\x80", "beyond ????");
	CLEANS("override \xe2\x80\xae text", "override ? text");
	CLEANS("no XML \xef\xbf\xbe", "no XML ?");
}

Test(text, clean_bounds_without_cutting_a_character)
{
	cleans("0123456789", 10, 10, "0123456789");
	cleans("0123456789a", 11, 10, "0123456...");
	cleans("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 12, 10,
	       "\xe2\x82\xac\xe2\x82\xac...");
	cleans("long", 4, 0, "long");
	cleans("longer", 6, 0, "l...");
}

Test(text, line_is_one_line)
{
	char *out = text_line("a\nb\tc", 100);

	cr_expect_str_eq(out, "a b c");
	free(out);
}

Test(text, without_colours)
{
	static const char *const cases[][2] = {
		{ "plain [0m", "plain [0m" },
		{ "\033[0;36mafl-tmin\033[0m by", "afl-tmin by" },
		{ "\017\033)B\033[?25h\033[0m\033[1;91m\n[-] x", "\n[-] x" },
		{ "cut \033[", "cut " },
		{ "cut \033[1;", "cut " },
		{ "cut \033)", "cut \033)" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *s = xstrdup(cases[i][0]);

		text_uncolour(s);
		cr_expect_str_eq(s, cases[i][1]);
		free(s);
	}
}

Test(text, ids)
{
	static const char *const good[] = { "a",   "hook/file_open/deny", "a.b/c:d+e-f", "..a",
					    "a..", "selftest/pass" };
	static const char *const bad[] = { "",	  "/",	    "/a",	"a/",	    "a//b",  ".",
					   "..",  "a/../b", "../etc/x", "a/.",	    "a b",   "a\nb",
					   "a;b", "a\\b",   "<x>",	"\xc3\xa4", "a/./b", "%n" };
	char longest[TEXT_ID_MAX + 2];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		cr_expect(text_id_ok(good[i]), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_not(text_id_ok(bad[i]), "%s", bad[i]);
	memset(longest, 'a', sizeof(longest));
	longest[TEXT_ID_MAX] = '\0';
	cr_expect(text_id_ok(longest));
	longest[TEXT_ID_MAX] = 'a';
	longest[TEXT_ID_MAX + 1] = '\0';
	cr_expect_not(text_id_ok(longest));
}

Test(text, errno_names)
{
	char *out;

	cr_expect_str_eq(text_errno_name(EPERM), "EPERM");
	cr_expect_str_eq(text_errno_name(EUCLEAN), "EUCLEAN");
	cr_expect_null(text_errno_name(0));
	cr_expect_null(text_errno_name(-1));
	cr_expect_null(text_errno_name(4095));
	cr_expect_null(text_errno_name(1L << 40));
	out = text_ret(-EPERM);
	cr_expect_str_eq(out, "-EPERM");
	free(out);
	out = text_ret(17);
	cr_expect_str_eq(out, "17");
	free(out);
	out = text_ret(-100000);
	cr_expect_str_eq(out, "-100000");
	free(out);
}

Test(text, file_names_stay_in_their_directory)
{
	static const char *const cases[][2] = {
		{ "debian-6.1", "debian-6.1" },
		{ "faulty:deny", "faulty-deny" },
		{ "../../etc", "..-..-etc" },
		{ "..", "unnamed" },
		{ "", "unnamed" },
		{ "a b\n", "a-b-" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *out = text_file_name(cases[i][0]);

		cr_expect_str_eq(out, cases[i][1]);
		free(out);
	}
}

Test(text, shell_quotes_only_what_needs_it)
{
	static const char *const cases[][2] = {
		{ "debian-6.1", "debian-6.1" }, { "hook/*/deny", "'hook/*/deny'" }, { "", "''" },
		{ "it's", "'it'\\''s'" },	{ "$(rm -rf x)", "'$(rm -rf x)'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *out = text_shell(cases[i][0]);

		cr_expect_str_eq(out, cases[i][1]);
		free(out);
	}
}
