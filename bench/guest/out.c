// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/guest/bench.h"

#define LINE 512

static struct {
	int fd;
	char *text;
	size_t len, room;
	unsigned int failures;
} out = { .fd = STDOUT_FILENO };

void out__open(void)
{
	const char *path = getenv("KRSI_EVENTS");
	int fd = path ? open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC) : -1;

	if (fd >= 0)
		out.fd = fd;
}

static void vline(const char *format, va_list args)
{
	if (out.room - out.len < LINE) {
		out.room = out.room ? 2 * out.room : 64 * LINE;
		out.text = realloc(out.text, out.room);
		if (!out.text)
			_exit(70);
	}
	out.len += (size_t)vsnprintf(out.text + out.len, LINE - 1, format, args);
	if (out.text[out.len - 1] != '\n')
		out.text[out.len++] = '\n';
}

void out__line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vline(format, args);
	va_end(args);
}

void out__flush(void)
{
	for (size_t at = 0; at < out.len;) {
		ssize_t n = write(out.fd, out.text + at, out.len - at);

		if (n <= 0)
			_exit(71);
		at += (size_t)n;
	}
	out.len = 0;
}

/* "KEY NAME " and the text, in which a newline would be the end of the line. */
static void said(const char *key, const char *name, const char *format, va_list args)
{
	char text[LINE - 128];

	vsnprintf(text, sizeof(text), format, args);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	out__line("%s %s %s\n", key, name, text);
}

#define SAY(key)                                                                                   \
	do {                                                                                       \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, format);                                                            \
		said(key, name, format, args);                                                     \
		va_end(args);                                                                      \
	} while (0)

void out__proof(const char *name, const char *format, ...)
{
	SAY("proof");
}

void out__absent(const char *name, const char *format, ...)
{
	SAY("absent");
}

void out__failed(const char *name, const char *format, ...)
{
	out.failures++;
	SAY("failed");
}

unsigned int out__failures(void)
{
	return out.failures;
}

void out__unit(const char *name, unsigned long operations, const char *statistic)
{
	out__line("unit %s %lu %s\n", name, operations, statistic);
}

void out__sample(const char *name, uint64_t value)
{
	out__line("sample %s %llu\n", name, (unsigned long long)value);
}

void out__count(const char *name, uint64_t value)
{
	out__line("count %s %llu\n", name, (unsigned long long)value);
}
