// SPDX-License-Identifier: GPL-2.0-only
#include "reference/krsi-log/pattern.h"

#include <string.h>

/* A byte of a set, which a backslash may stand before. Moves *@at past it; 0: the set ends. */
static unsigned char set_byte(const char **at)
{
	if (**at == '\\')
		++*at;
	return **at ? *(*at)++ : 0;
}

/* What stands between brackets. Returns the byte after it, or NULL. */
static const char *compile_set(bool in[256], const char *at)
{
	bool negated = *at == '!' || *at == '^', first = true;
	unsigned int low, high;

	at += negated;
	memset(in, 0, 256);
	for (; first || *at != ']'; first = false) {
		if (at[0] == '[' && at[1] && strchr(":.=", at[1]))
			return NULL;
		low = high = set_byte(&at);
		if (at[0] == '-' && at[1] && at[1] != ']') {
			at++;
			high = set_byte(&at);
		}
		if (!low || !high || low > high)
			return NULL;
		memset(in + low, true, high - low + 1);
	}
	for (int i = 0; i < 256 && negated; i++)
		in[i] = !in[i];
	return at + 1;
}

/* One element. Returns what follows it, or NULL. */
static const char *compile_element(bool in[256], const char *at)
{
	memset(in, *at == '?', 256);
	if (*at == '?')
		return at + 1;
	if (*at == '[')
		return compile_set(in, at + 1);
	if (*at == '\\')
		at++;
	in[(unsigned char)*at] = true;
	return *at ? at + 1 : NULL;
}

int pattern_compile(struct log_pattern *p, const char *text, const char **why)
{
	unsigned int n = 0;
	bool in[256];

	memset(p, 0, sizeof(*p));
	while (*text) {
		if (*text == '*') {
			p->stay |= 1ULL << n;
			text++;
			continue;
		}
		*why = "is too long: at most 63 characters, not counting each `*`";
		if (n == LOG_PATTERN_MAX)
			return -1;
		*why = "is no shell pattern: a backslash or a `[` without its end, or a range "
		       "from high to low";
		text = compile_element(in, text);
		if (!text)
			return -1;
		for (int i = 1; i < 256; i++)
			p->match[i] |= (__u64)in[i] << n;
		n++;
	}
	p->accept = 1ULL << n;
	return 0;
}

bool pattern_matches(const struct log_pattern *p, const char *value)
{
	__u64 states = 1, hit = 0;

	do
		log_pattern_step(p, &states, &hit, (unsigned char)*value);
	while (*value++);
	return hit;
}
