// SPDX-License-Identifier: GPL-2.0-only
/* The table of requirements: its form, so that ids stay permanent and sentences testable. */
#include "conformance/spec/spec.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_DIGITS 3

static const char *const prefixes[] = { "HOOK", "ATT", "LOAD", "ORD", "RET", "SLP", "AUD", "HLP",
					"PRV",	"LIF", "NEU",  "CGR", "ENV", "REF", "SCN" };

#define N_PREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

/* Other rooms name these, so they must neither vanish nor change their level. */
static const struct {
	const char *prefix;
	int last;
} fixed[] = {
	{ "HOOK", 8 }, { "ATT", 8 }, { "LOAD", 3 }, { "ORD", 5 }, { "RET", 1 },
	{ "SLP", 3 },  { "AUD", 5 }, { "LIF", 1 },  { "PRV", 1 },
};

static int prefix_index(const char *id)
{
	for (size_t i = 0; i < N_PREFIXES; i++) {
		size_t n = strlen(prefixes[i]);

		if (!strncmp(id, prefixes[i], n) && id[n] == '-')
			return (int)i;
	}
	return -1;
}

/* The number of an id, or -1 if the id is not PREFIX-NNN. */
static int id_number(const char *id)
{
	int prefix = prefix_index(id);
	const char *digits;

	if (prefix < 0)
		return -1;
	digits = id + strlen(prefixes[prefix]) + 1;
	if (strspn(digits, "0123456789") != ID_DIGITS || digits[ID_DIGITS])
		return -1;
	return atoi(digits);
}

static int count_word(const char *text, const char *word)
{
	size_t n = strlen(word);
	int count = 0;

	for (const char *p = text; (p = strstr(p, word)); p += n)
		if ((p == text || !isalnum((unsigned char)p[-1])) && !isalnum((unsigned char)p[n]))
			count++;
	return count;
}

/* Strings are joined from pieces in the source: a piece that ends badly shows as a wrong gap. */
static bool is_plain(const char *s)
{
	size_t n = strlen(s);

	if (!n || s[0] == ' ' || s[n - 1] == ' ' || strstr(s, "  "))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isprint((unsigned char)s[i]) || (unsigned char)s[i] > 126)
			return false;
	return true;
}

Test(spec, ids_are_well_formed)
{
	for (size_t i = 0; i < krsi_spec_len; i++)
		cr_expect(id_number(krsi_spec[i].id) > 0,
			  "'%s' is not a known prefix, '-' and "
			  "three digits above 000",
			  krsi_spec[i].id);
}

Test(spec, ids_are_unique)
{
	for (size_t i = 0; i < krsi_spec_len; i++)
		for (size_t j = i + 1; j < krsi_spec_len; j++)
			cr_expect_str_neq(krsi_spec[i].id, krsi_spec[j].id);
}

Test(spec, entries_are_grouped_and_ascend)
{
	bool seen[N_PREFIXES] = { false };
	int group = -1, number = 0;

	for (size_t i = 0; i < krsi_spec_len; i++) {
		int prefix = prefix_index(krsi_spec[i].id);

		cr_assert(prefix >= 0, "%s: unknown prefix", krsi_spec[i].id);
		if (prefix != group) {
			cr_expect_not(seen[prefix], "%s: apart from its group", krsi_spec[i].id);
			seen[prefix] = true;
			group = prefix;
			number = 0;
		}
		cr_expect(id_number(krsi_spec[i].id) > number, "%s: out of order", krsi_spec[i].id);
		number = id_number(krsi_spec[i].id);
	}
	for (size_t i = 0; i < N_PREFIXES; i++)
		cr_expect(seen[i], "no requirement %s-NNN", prefixes[i]);
}

Test(spec, text_has_one_keyword_and_it_is_the_level)
{
	for (size_t i = 0; i < krsi_spec_len; i++) {
		const struct krsi_requirement *r = &krsi_spec[i];

		cr_expect_eq(count_word(r->text, "MUST"), r->level == MUST, "%s: MUST", r->id);
		cr_expect_eq(count_word(r->text, "SHOULD"), r->level == SHOULD, "%s: SHOULD",
			     r->id);
		cr_expect_eq(count_word(r->text, "MAY"), 0, "%s: MAY", r->id);
	}
}

Test(spec, text_is_one_plain_sentence)
{
	for (size_t i = 0; i < krsi_spec_len; i++) {
		const char *text = krsi_spec[i].text;
		size_t n = strlen(text);

		cr_expect(is_plain(text), "%s: spaces or characters", krsi_spec[i].id);
		cr_expect(n && (isupper((unsigned char)text[0]) || strchr(text, '_')),
			  "%s: neither a capital nor a function name begins it", krsi_spec[i].id);
		cr_expect(n && text[n - 1] == '.', "%s: no full stop", krsi_spec[i].id);
		cr_expect_null(strstr(text, ". "), "%s: two sentences", krsi_spec[i].id);
		cr_expect(n <= 200, "%s: %zu characters", krsi_spec[i].id, n);
	}
}

Test(spec, no_text_is_given_twice)
{
	for (size_t i = 0; i < krsi_spec_len; i++)
		for (size_t j = i + 1; j < krsi_spec_len; j++)
			cr_expect_str_neq(krsi_spec[i].text, krsi_spec[j].text, "%s and %s",
					  krsi_spec[i].id, krsi_spec[j].id);
}

Test(spec, provenance_and_reasons_are_given)
{
	for (size_t i = 0; i < krsi_spec_len; i++) {
		const struct krsi_requirement *r = &krsi_spec[i];

		cr_expect(r->source && is_plain(r->source), "%s: source", r->id);
		cr_expect(!r->since || is_plain(r->since), "%s: since", r->id);
		cr_expect(!r->until || is_plain(r->until), "%s: until", r->id);
		cr_expect(!r->untested || is_plain(r->untested), "%s: untested", r->id);
	}
}

Test(spec, releases_are_named_where_there_is_one)
{
	for (size_t i = 0; i < krsi_spec_len; i++) {
		const char *since = krsi_spec[i].since;

		cr_expect(!since || strpbrk(since, "0123456789"), "%s: '%s' names no release",
			  krsi_spec[i].id, since);
		if (!strncmp(krsi_spec[i].id, "ENV-", 4) || !strncmp(krsi_spec[i].id, "REF-", 4))
			cr_expect_null(since, "%s: no release has it", krsi_spec[i].id);
	}
}

Test(spec, is_large_enough)
{
	cr_expect_geq(krsi_spec_len, 60);
}

Test(spec, fixed_ids_exist)
{
	char id[16];

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		for (int n = 1; n <= fixed[i].last; n++) {
			const struct krsi_requirement *r;

			snprintf(id, sizeof(id), "%s-%03d", fixed[i].prefix, n);
			r = spec__find(id);
			cr_assert_not_null(r, "%s is gone", id);
			cr_expect_eq(r->level, MUST, "%s is no longer a MUST", id);
		}
}

Test(spec, find_gives_the_entry_of_each_id)
{
	for (size_t i = 0; i < krsi_spec_len; i++)
		cr_expect_eq(spec__find(krsi_spec[i].id), &krsi_spec[i], "%s", krsi_spec[i].id);
}

Test(spec, find_knows_exact_ids_only)
{
	static const char *const bad[] = { "",		"HOOK",	     "HOOK-",
					   "HOOK-1",	"HOOK-0001", "hook-001",
					   "HOOK-001 ", " HOOK-001", "HOOK-000" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_null(spec__find(bad[i]), "'%s'", bad[i]);
	cr_expect_null(spec__find(NULL));
}

Test(spec, levels_have_names)
{
	cr_expect_str_eq(spec__level_name(MUST), "MUST");
	cr_expect_str_eq(spec__level_name(SHOULD), "SHOULD");
}
