// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/hooks/running.h"

/* The whole text of a file of /sys, "" if there is none; free() it. */
static char *read_all(const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0, n;

	*len = 0;
	do {
		char *more = realloc(text, (room += 1 << 20) + 1);

		if (!more)
			abort();
		text = more;
		n = file ? fread(text + *len, 1, room - *len, file) : 0;
		*len += n;
	} while (*len == room);
	text[*len] = '\0';
	if (file)
		fclose(file);
	return text;
}

bool btf_has_name(const char *name)
{
	char pattern[128];
	size_t len;
	char *btf = read_all("/sys/kernel/btf/vmlinux", &len);
	int n = snprintf(pattern, sizeof(pattern), "%c%s", '\0', name);
	/* strings stand one after the other, each between the NUL of the last and its own */
	bool found = memmem(btf, len, pattern, n + 1);

	free(btf);
	return found;
}

const char *kernel_is_locked_down(void)
{
	size_t len;
	char *levels = read_all("/sys/kernel/security/lockdown", &len);
	bool down = len && !strstr(levels, "[none]");

	free(levels);
	return down ? "the kernel is locked down, which denies before any program" : NULL;
}
