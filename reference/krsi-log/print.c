// SPDX-License-Identifier: GPL-2.0-only
#include "reference/krsi-log/print.h"

#include <string.h>

/* Bytes of the UTF-8 character at @s, 0 if there is none or it is a control character. */
static int utf8_len(const unsigned char *s)
{
	int n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] > 0xf4 || s[0] < ' ' || s[0] == 0x7f)
		return 0;
	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogates, beyond the last character, and C1 controls */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ||
	    (s[0] == 0xc2 && s[1] < 0xa0))
		return 0;
	return n;
}

void print_text(FILE *out, const char *text, bool json)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		int n = utf8_len(s);

		if (!n || *s == '\\') {
			fprintf(out, json ? "\\\\x%02x" : "\\x%02x", *s);
			s++;
			continue;
		}
		if (json && *s == '"')
			fputc('\\', out);
		fwrite(s, 1, n, out);
		s += n;
	}
}

/* Of a negative errno, which may be any number. */
static const char *error_name(s32 err)
{
	return (err > -4096 ? strerrorname_np(-err) : NULL) ?: "unknown error";
}

static void print_member(FILE *out, const char *key, const char *value)
{
	fprintf(out, ",\"%s\":", key);
	if (!value) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	print_text(out, value, true);
	fputc('"', out);
}

static void print_values_json(FILE *out, const char *data, u32 size)
{
	const char *value, *sep = "";
	u32 at = 0;

	fputs(",\"values\":[", out);
	while ((value = krsi_frame_value(data, size, &at))) {
		fprintf(out, "%s\"", sep);
		print_text(out, value, true);
		fputc('"', out);
		sep = ",";
	}
	fputc(']', out);
}

static void print_json(const struct printer *p, FILE *out, const struct krsi_frame *f,
		       const char *data, u32 size, const char *path)
{
	s32 bytes = krsi_env_bytes(f->result);

	fprintf(out, "{\"event\":\"exec\",\"seconds\":%llu.%09llu,\"pid\":%u,\"tid\":%u",
		f->nsec / 1000000000, f->nsec % 1000000000, (u32)(f->pid_tgid >> 32),
		(u32)f->pid_tgid);
	fprintf(out, ",\"uid\":%u,\"gid\":%u", (u32)f->uid_gid, (u32)(f->uid_gid >> 32));
	print_member(out, "comm", f->comm);
	print_member(out, "path", path);
	fprintf(out, ",\"dev\":%llu,\"ino\":%llu", f->dev, f->ino);
	print_member(out, "name", p->name);
	fprintf(out, ",\"count\":%u", krsi_env_count(f->result));
	print_values_json(out, data, size);
	fprintf(out, ",\"complete\":%s", bytes < 0 ? "false" : "true");
	if (bytes < 0)
		print_member(out, "why", bytes == -E2BIG ? "cut" : error_name(bytes));
	print_member(out, "verdict", f->verdict ? p->denied : "allowed");
	fputs("}\n", out);
}

static void print_plain(const struct printer *p, FILE *out, const struct krsi_frame *f,
			const char *data, u32 size, const char *path)
{
	s32 bytes = krsi_env_bytes(f->result);
	const char *value;
	u32 at = 0;

	fprintf(out, "[%5llu.%06llu] pid %u uid %u ", f->nsec / 1000000000,
		f->nsec % 1000000000 / 1000, (u32)(f->pid_tgid >> 32), (u32)f->uid_gid);
	print_text(out, f->comm, false);
	fputs(": ", out);
	if (path)
		print_text(out, path, false);
	else
		fprintf(out, "(dev %llu ino %llu)", f->dev, f->ino);
	while ((value = krsi_frame_value(data, size, &at))) {
		fprintf(out, " %s=", p->name);
		print_text(out, value, false);
	}
	if (bytes == -E2BIG)
		fprintf(out, "... (cut; set %u times)", krsi_env_count(f->result));
	else if (bytes < 0)
		fprintf(out, " (%s: %s)", p->name, error_name(bytes));
	if (f->verdict)
		fprintf(out, " %s", p->denied);
	fputc('\n', out);
}

void print_event(const struct printer *p, FILE *out, const struct krsi_frame *frame,
		 const char *data, u32 size, const char *path)
{
	if (p->json)
		print_json(p, out, frame, data, size, path);
	else
		print_plain(p, out, frame, data, size, path);
}

void print_lost(const struct printer *p, FILE *out, uint64_t n)
{
	fprintf(out, p->json ? "{\"event\":\"lost\",\"count\":%llu}\n" : "lost %llu events\n",
		(unsigned long long)n);
}
