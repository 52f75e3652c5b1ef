// SPDX-License-Identifier: GPL-2.0-only
/* Lines of krsi-log: whatever the bytes, a line is one line of printable text, and JSON is JSON. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/krsi-log/print.h"

static char *printed(const char *text, bool json)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	print_text(f, text, json);
	fclose(f);
	return out;
}

Test(print, text)
{
	static const struct {
		const char *in, *text, *json;
	} cases[] = {
		{ "", "", "" },
		{ "/lib/a.so", "/lib/a.so", "/lib/a.so" },
		{ "\"", "\"", "\\\"" },
		{ "\\", "\\x5c", "\\\\x5c" },
		{ "a\nb\t\x1b\x7f", "a\\x0ab\\x09\\x1b\\x7f", "a\\\\x0ab\\\\x09\\\\x1b\\\\x7f" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		/* cut, overlong, a surrogate, beyond the last, a C1 control */
		{ "\xc3", "\\xc3", "\\\\xc3" },
		{ "\xc0\xaf", "\\xc0\\xaf", "\\\\xc0\\\\xaf" },
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\\\xe0\\\\x80\\\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\\\xed\\\\xa0\\\\x80" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80" },
		{ "\xc2\x9b", "\\xc2\\x9b", "\\\\xc2\\\\x9b" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = printed(cases[i].in, false), *json = printed(cases[i].in, true);

		cr_expect_str_eq(text, cases[i].text);
		cr_expect_str_eq(json, cases[i].json);
		free(text);
		free(json);
	}
}

/* An error may be any number, and two in one frame contradict nothing. */
Test(print, errors)
{
	static const struct {
		s32 low;
		const char *says;
	} cases[] = {
		{ -E2BIG, "(cut; set 3 times)" },
		{ -ENOMEM, "(X: ENOMEM)" },
		{ -4000, "(X: unknown error)" },
		{ (s32)0x80000000, "(X: unknown error)" },
	};
	const struct printer p = { "X", false, "denied" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct krsi_frame f;
		char *out = NULL;
		size_t n;
		FILE *to = open_memstream(&out, &n);

		krsi_frame_init(&f, 0);
		f.result = 3ULL << 32 | (u32)cases[i].low;
		f.verdict = -1;
		print_event(&p, to, &f, "", 0, "/x");
		fclose(to);
		cr_expect(strstr(out, cases[i].says), "%s lacks %s", out, cases[i].says);
		cr_expect(strstr(out, " denied\n"), "%s", out);
		free(out);
	}
}
