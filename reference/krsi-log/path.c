// SPDX-License-Identifier: GPL-2.0-only
#include "reference/krsi-log/path.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STANDARD_DIRS "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* What was found before, at a place that the number decides. It is looked at anew each time. */
#define REMEMBERED 64
static char *remembered[REMEMBERED];

static char found[PATH_MAX];

static bool is_file(const char *path, uint64_t dev, uint64_t ino)
{
	struct stat st;

	return !stat(path, &st) && st.st_dev == dev && st.st_ino == ino;
}

static const char *link_target(const char *link)
{
	ssize_t n = readlink(link, found, sizeof(found) - 1);

	if (n < 0)
		return NULL;
	found[n] = '\0';
	return found;
}

static const char *find_running(pid_t pid, uint64_t dev, uint64_t ino)
{
	char exe[64];

	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)pid);
	return is_file(exe, dev, ino) ? link_target(exe) : NULL;
}

/* An entry may be the file by its number; a symbolic link has a number of its own. */
static bool may_be(const struct dirent *entry, uint64_t ino, bool links)
{
	bool link = entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;

	return links ? link : entry->d_ino == ino;
}

static const char *find_entry(DIR *d, const char *dir, uint64_t dev, uint64_t ino, bool links)
{
	const struct dirent *entry;

	rewinddir(d);
	while ((entry = readdir(d))) {
		if (!may_be(entry, ino, links))
			continue;
		if (snprintf(found, sizeof(found), "%s/%s", dir, entry->d_name) <
			    (int)sizeof(found) &&
		    is_file(found, dev, ino))
			return found;
	}
	return NULL;
}

/* A link to the file is a worse name than its own. */
static const char *find_in(const char *dir, uint64_t dev, uint64_t ino)
{
	const char *path = NULL;
	DIR *d = opendir(dir);

	if (!d)
		return NULL;
	path = find_entry(d, dir, dev, ino, false);
	if (!path)
		path = find_entry(d, dir, dev, ino, true);
	closedir(d);
	return path;
}

static const char *find_in_list(const char *dirs, uint64_t dev, uint64_t ino)
{
	char *copy = strdup(dirs), *save = NULL;
	const char *path = NULL;

	for (char *d = copy ? strtok_r(copy, ":", &save) : NULL; d && !path;
	     d = strtok_r(NULL, ":", &save))
		path = find_in(d, dev, ino);
	free(copy);
	return path;
}

static const char *find_in_cwd(pid_t pid, uint64_t dev, uint64_t ino)
{
	char link[64], dir[PATH_MAX];
	const char *target;

	snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	target = link_target(link);
	if (!target)
		return NULL;
	memcpy(dir, target, strlen(target) + 1);
	return find_in(dir, dev, ino);
}

static const char *remember(uint64_t ino, const char *path)
{
	char **place = &remembered[ino % REMEMBERED];

	if (path) {
		free(*place);
		*place = strdup(path);
	}
	return path;
}

static const char *recall(uint64_t dev, uint64_t ino)
{
	const char *path = remembered[ino % REMEMBERED];

	return path && is_file(path, dev, ino) ? path : NULL;
}

const char *path_find(pid_t pid, uint64_t dev, uint64_t ino, const char *said)
{
	const char *path, *dirs = getenv("PATH");

	/* the name of an open file says nothing */
	if (said && said[0] == '/' && strncmp(said, "/dev/fd/", 8) &&
	    strncmp(said, "/proc/self/", 11))
		return said;
	path = find_running(pid, dev, ino);
	if (!path)
		path = recall(dev, ino);
	if (path)
		return path;
	path = find_in_list(dirs && *dirs ? dirs : STANDARD_DIRS, dev, ino);
	return remember(ino, path ?: find_in_cwd(pid, dev, ino));
}
