// SPDX-License-Identifier: GPL-2.0-only
/* Patterns of krsi-log match what fnmatch(3) matches, and nothing else. */
#include <criterion/criterion.h>
#include <fnmatch.h>
#include <string.h>

#include "reference/krsi-log/pattern.h"

static const char *const patterns[] = {
	"",	 "*",	     "?",	"a",	"*a",	 "a*",	  "*a*",    "a*b",
	"a**b",	 "*a*b*",    "[ab]",	"[!a]", "[a-c]", "[]a]",  "[!]a]",  "[a-]",
	"[-a]",	 "[a-cx-z]", "\\*",	"a\\",	"[a",	 "[c-a]", "\\[a]",  "[\\]a]",
	"*.so",	 "/tmp/*",   "?*?",	"*aab", "a?b*",	 "[^a]b", "*\xc3*", "/*/[a-e]vil?",
	"a[b]c", "[[:a:]]",  "[a\\-c]", "**",	"*?",	 "[*?]",  "x*y*z*", "[[]",
};

static const char *const values[] = {
	"",	  "a",		 "b",	    "c",       "x",	 "]",	     "-",
	"ab",	  "ba",		 "aab",	    "aaab",    "abab",	 "a*b",	     "*",
	"\\",	  "[a",		 "[a]",	    "abc",     "l.so",	 "/tmp/",    "tmp",
	"/tmp/x", "/lib:/evil1", "/x/evil", "xyz",     "xaybzc", "\xc3\xa9", "a\nb",
	"]b",	  "a]",		 "x/tmp/a", "aXbYaab", "b]",	 "/a/fvil1",
};

#define FOR_EACH(i, array) for (size_t i = 0; i < sizeof(array) / sizeof(array[0]); i++)

Test(pattern, as_fnmatch)
{
	size_t compiled = 0;

	FOR_EACH(i, patterns)
	{
		struct log_pattern p;
		const char *why;

		if (pattern_compile(&p, patterns[i], &why))
			continue;
		compiled++;
		FOR_EACH(j, values)
		cr_expect_eq(pattern_matches(&p, values[j]), !fnmatch(patterns[i], values[j], 0),
			     "'%s' and '%s'", patterns[i], values[j]);
	}
	cr_expect_eq(compiled, sizeof(patterns) / sizeof(patterns[0]) - 4);
}

Test(pattern, refused)
{
	static const char *const bad[] = {
		"a\\", "[a", "[c-a]", "[[:a:]]", "[", "[!", "[]", "[\\"
	};
	struct log_pattern p;
	const char *why;

	FOR_EACH(i, bad)
	cr_expect(pattern_compile(&p, bad[i], &why) && strstr(why, "no shell pattern"), "'%s'",
		  bad[i]);
}

Test(pattern, longest)
{
	char text[3 * LOG_PATTERN_MAX + 2] = "";
	struct log_pattern p;
	const char *why;

	for (int i = 0; i < LOG_PATTERN_MAX; i++)
		strcat(text, "*x");
	cr_assert_eq(pattern_compile(&p, text, &why), 0);
	memset(text, 'x', LOG_PATTERN_MAX);
	text[LOG_PATTERN_MAX] = '\0';
	cr_expect(pattern_matches(&p, text));
	cr_expect(!pattern_matches(&p, text + 1));
	text[LOG_PATTERN_MAX] = 'x';
	text[LOG_PATTERN_MAX + 1] = '\0';
	cr_expect(pattern_compile(&p, text, &why) && strstr(why, "too long"));
}
