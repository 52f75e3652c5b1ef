// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/tests/util.h"

static char *dir;

static void remove_dir(void)
{
	fs_remove_tree(dir);
}

const char *test_dir(void)
{
	struct krsi_err err;

	if (!dir) {
		dir = fs_temp_dir(getenv("TMPDIR") ?: "/tmp", &err);
		cr_assert(dir, "%s", err.text);
		atexit(remove_dir);
	}
	return dir;
}

const char *test_path(const char *name)
{
	static char paths[8][512];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", test_dir(), name);
	return path;
}

const char *test_write(const char *name, const void *data, size_t len)
{
	const char *path = test_path(name);
	struct krsi_err err;

	cr_assert_eq(fs_write_atomic(path, data, len, &err), 0, "%s", err.text);
	return path;
}
