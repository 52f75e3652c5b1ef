// SPDX-License-Identifier: GPL-2.0-only
#include "conformance/adapters/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void words__put(FILE *f, const char *key, const char *value)
{
	fprintf(f, " %s=", key);
	for (; *value; value++) {
		if (*value > ' ' && *value <= '~' && !strchr("%=:,", *value))
			fputc(*value, f);
		else
			fprintf(f, "%%%02X", (unsigned char)*value);
	}
}

void words__decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		char hex[3] = { s[0] == '%' ? s[1] : '\0' };

		if (isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)s[2])) {
			hex[1] = s[2];
			*to++ = (char)strtoul(hex, NULL, 16);
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

bool words__next(const char **from, const char *key, char *out, size_t size)
{
	size_t len = strlen(key);

	for (const char *p = *from; (p = strchr(p, ' '));) {
		size_t n;

		p += strspn(p, " ");
		if (strncmp(p, key, len) || p[len] != '=')
			continue;
		p += len + 1;
		n = strcspn(p, " ");
		*from = p + n;
		snprintf(out, size, "%.*s", (int)n, p);
		return true;
	}
	return false;
}

bool words__get(const char *line, const char *key, char *out, size_t size)
{
	if (!words__next(&line, key, out, size))
		return false;
	words__decode(out);
	return true;
}

long long words__number(const char *line, const char *key, long long otherwise)
{
	char text[32];

	return words__get(line, key, text, sizeof(text)) ? strtoll(text, NULL, 0) : otherwise;
}
