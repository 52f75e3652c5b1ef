// SPDX-License-Identifier: GPL-2.0-only
#include "ci/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "vm-images/lines.h"

char *text_vprintf(const char *fmt, va_list ap)
{
	char *s;

	return vasprintf(&s, fmt, ap) < 0 ? xstrdup("") : s;
}

void text_set(char **slot, const char *s)
{
	char *copy = xstrdup(s);

	free(*slot);
	*slot = copy;
}

/* Length of the UTF-8 sequence at @s (of @len bytes) and its code point; 0 if it is not valid. */
static size_t utf8_next(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 },
		      { 0xe0, 0xc0, 0x80 },
		      { 0xf0, 0xe0, 0x800 },
		      { 0xf8, 0xf0, 0x10000 } };

	for (size_t n = 0; n < 4; n++) {
		if ((s[0] & forms[n].mask) != forms[n].lead)
			continue;
		if (len <= n)
			return 0;
		*cp = s[0] & (unsigned char)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			*cp = *cp << 6 | (s[i] & 0x3f);
		}
		if (*cp < forms[n].least || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
			return 0;
		return n + 1;
	}
	return 0;
}

/*
 * What may be shown. Besides C0 and C1 controls that is not: the bidirectional overrides, which
 * can make a line read as another one, and the two code points that XML 1.0 excludes.
 */
static bool printable(uint32_t cp)
{
	if (cp < 0x20)
		return cp == '\n' || cp == '\t';
	if (cp >= 0x7f && cp <= 0x9f)
		return false;
	if ((cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069))
		return false;
	return cp != 0xfffe && cp != 0xffff;
}

char *text_clean(const char *s, size_t len, size_t max)
{
	static const char dots[] = "...";
	size_t i = 0, o = 0, fits = 0, before_dots;
	char *out;

	if (max < sizeof(dots))
		max = sizeof(dots);
	before_dots = max - (sizeof(dots) - 1);
	out = xreallocarray(NULL, (len < max ? len : max) + 1, 1);
	while (i < len) {
		const unsigned char *p = (const unsigned char *)s + i;
		uint32_t cp = 0;
		size_t run = lines_plain(s + i, len - i < max - o ? len - i : max - o);
		size_t n = run ?: utf8_next(p, len - i, &cp);
		bool good = run || (n && printable(cp));
		size_t put = good ? n : 1;

		if (!n)
			n = 1;
		/* A console ends its lines in CR LF: the CR is no news. */
		if (*p == '\r' && i + 1 < len && p[1] == '\n') {
			i++;
			continue;
		}
		if (o + put > max) {
			memcpy(out + fits, dots, sizeof(dots));
			return out;
		}
		if (good)
			memcpy(out + o, p, n);
		else
			out[o] = '?';
		o += put;
		if (o <= before_dots)
			fits = o;
		else if (run && o - run <= before_dots)
			fits = before_dots;
		i += n;
	}
	out[o] = '\0';
	return out;
}

char *text_line(const char *s, size_t max)
{
	char *out = text_clean(s, strlen(s), max);

	for (char *p = out; *(p += strcspn(p, "\n\t"));)
		*p = ' ';
	return out;
}

void text_uncolour(char *s)
{
	char *out = s;

	while (*s) {
		if (*s == '\033' && s[1] == '[') {
			s += 2;
			s += strspn(s, "0123456789;?");
			s += *s != '\0';
		} else if (*s == '\033' && s[1] == ')' && s[2]) {
			s += 3;
		} else if (*s == '\017') {
			s++;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

bool text_id_ok(const char *id)
{
	size_t len = strlen(id), part = 0;

	if (!len || len > TEXT_ID_MAX)
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (id[i] == '/' || id[i] == '\0') {
			const char *p = id + i - part;

			if (!part || (part == 1 && *p == '.') ||
			    (part == 2 && !strncmp(p, "..", 2)))
				return false;
			part = 0;
			continue;
		}
		if (!isalnum((unsigned char)id[i]) && !strchr("_.:+-", id[i]))
			return false;
		part++;
	}
	return true;
}

const char *text_errno_name(long err)
{
	return err > 0 && err < 4096 ? strerrorname_np((int)err) : NULL;
}

char *text_ret(long long ret)
{
	const char *name = ret < 0 && ret > -4096 ? text_errno_name((long)-ret) : NULL;

	return name ? xasprintf("-%s", name) : xasprintf("%lld", ret);
}

char *text_file_name(const char *s)
{
	char *out = xstrdup(s);

	for (char *p = out; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._+-", *p))
			*p = '-';
	/* "", "." and ".." are no names for a file of ours. */
	if (!out[strspn(out, ".")]) {
		free(out);
		return xstrdup("unnamed");
	}
	return out;
}

char *text_shell(const char *s)
{
	size_t n = 0;
	char *out, *o;

	if (*s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			       "_./:,+=@%-")])
		return xstrdup(s);
	for (const char *p = s; *p; p++)
		n += *p == '\'' ? 4 : 1;
	o = out = xcalloc(n + 3, 1);
	*o++ = '\'';
	for (const char *p = s; *p; p++) {
		if (*p == '\'')
			o = stpcpy(o, "'\\''");
		else
			*o++ = *p;
	}
	*o = '\'';
	return out;
}
