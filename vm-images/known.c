// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "vm-images/fs.h"
#include "vm-images/known.h"
#include "vm-images/mem.h"

#define FILE_MAX 4096

char *known_boot(void)
{
	struct krsi_err ignored;
	char *id = fs_read("/proc/sys/kernel/random/boot_id", 64, NULL, &ignored);

	if (id)
		id[strcspn(id, "\n")] = '\0';
	return id;
}

static char *path_of(const char *name)
{
	struct krsi_err ignored;
	char *dir = fs_cache_dir(&ignored), *path = dir ? xasprintf("%s/%s", dir, name) : NULL;

	free(dir);
	return path;
}

/* Two lines: the key and the value. */
char *known_get(const char *name, const char *key)
{
	struct krsi_err ignored;
	char *path = path_of(name), *text = NULL, *value = NULL;
	size_t n = key ? strlen(key) : 0;

	if (path && key)
		text = fs_read(path, FILE_MAX, NULL, &ignored);
	if (text && !strncmp(text, key, n) && text[n] == '\n')
		value = xstrndup(text + n + 1, strcspn(text + n + 1, "\n"));
	free(text);
	free(path);
	return value;
}

void known_put(const char *name, const char *key, const char *value)
{
	struct krsi_err ignored;
	char *path = path_of(name), *text;

	if (path && key) {
		text = xasprintf("%s\n%s\n", key, value);
		fs_write_atomic(path, text, strlen(text), &ignored);
		free(text);
	}
	free(path);
}
