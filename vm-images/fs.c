// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"

char *fs_cache_dir(struct krsi_err *err)
{
	const char *own = getenv("KRSI_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char *dir;

	if (own && *own)
		dir = xstrdup(own);
	else if (xdg && *xdg == '/')
		dir = xasprintf("%s/krsi", xdg);
	else if (home && *home)
		dir = xasprintf("%s/.cache/krsi", home);
	else {
		krsi_err_set(err, KRSI_EXIT_INFRA,
			     "no place for the cache: set HOME, XDG_CACHE_HOME or KRSI_CACHE");
		return NULL;
	}
	if (fs_mkdirs(dir, err)) {
		free(dir);
		return NULL;
	}
	/* Paths in the index of the cache must not depend on the working directory. */
	if (*dir != '/') {
		char *abs = realpath(dir, NULL);

		free(dir);
		if (!abs)
			krsi_err_sys(err, "cannot use the cache directory %s", own);
		return abs;
	}
	return dir;
}

int fs_mkdirs(const char *path, struct krsi_err *err)
{
	char *p = xstrdup(path);
	int rc = 0;

	for (char *slash = p; slash && !rc;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (*p && mkdir(p, 0755) && errno != EEXIST)
			rc = krsi_err_sys(err, "cannot make the directory %s", p);
		if (slash)
			*slash = '/';
	}
	if (!rc && !fs_is_dir(path)) {
		errno = ENOTDIR;
		rc = krsi_err_sys(err, "cannot use %s", path);
	}
	free(p);
	return rc;
}

static char *read_all(int fd, const char *path, size_t max, size_t *len, struct krsi_err *err)
{
	size_t room = 1 << 14, used = 0;
	char *buf = xcalloc(room + 1, 1);
	ssize_t got;

	while ((got = read(fd, buf + used, room - used)) > 0) {
		used += (size_t)got;
		if (used > max) {
			krsi_err_set(err, KRSI_EXIT_USAGE, "%s: larger than %zu bytes", path, max);
			free(buf);
			return NULL;
		}
		if (used == room)
			buf = xreallocarray(buf, (room *= 2) + 1, 1);
	}
	if (got < 0) {
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path, strerror(errno));
		free(buf);
		return NULL;
	}
	buf[used] = '\0';
	if (len)
		*len = used;
	return buf;
}

char *fs_read(const char *path, size_t max, size_t *len, struct krsi_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *buf;

	if (fd < 0) {
		krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path, strerror(errno));
		return NULL;
	}
	buf = read_all(fd, path, max, len, err);
	close(fd);
	return buf;
}

int fs_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A device or pipe cannot be put into place by a rename, only written to. */
static int write_special(const char *path, const void *data, size_t len, struct krsi_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fs_write_all(fd, data, len))
		rc = krsi_err_sys(err, "cannot write %s", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int write_beside(const char *path, const void *data, size_t len, struct krsi_err *err)
{
	char *tmp = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(tmp, O_CLOEXEC), rc = 0;

	if (fd < 0) {
		rc = krsi_err_sys(err, "cannot write %s", path);
		free(tmp);
		return rc;
	}
	/* close() too reports a full disk on some file systems */
	if (fs_write_all(fd, data, len) || fchmod(fd, 0644)) {
		rc = krsi_err_sys(err, "cannot write %s", path);
		close(fd);
	} else if (close(fd) || rename(tmp, path)) {
		rc = krsi_err_sys(err, "cannot write %s", path);
	}
	if (rc)
		unlink(tmp);
	free(tmp);
	return rc;
}

int fs_write_atomic(const char *path, const void *data, size_t len, struct krsi_err *err)
{
	/* a symlink stays one: what it leads to is replaced */
	char *real = realpath(path, NULL);
	const char *to = real ? real : path;
	struct stat st;
	int rc;

	if (!stat(to, &st) && !S_ISREG(st.st_mode))
		rc = write_special(to, data, len, err);
	else
		rc = write_beside(to, data, len, err);
	free(real);
	return rc;
}

int fs_make_empty(const char *path, struct krsi_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return krsi_err_sys(err, "cannot write %s", path);
	close(fd);
	return 0;
}

char *fs_temp_dir(const char *parent, struct krsi_err *err)
{
	char *path;

	if (fs_mkdirs(parent, err))
		return NULL;
	path = xasprintf("%s/tmp.XXXXXX", parent);
	if (mkdtemp(path))
		return path;
	krsi_err_sys(err, "cannot make a directory in %s", parent);
	free(path);
	return NULL;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	remove(path);
	return 0;
}

void fs_remove_tree(const char *path)
{
	nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

bool fs_exists(const char *path)
{
	return !access(path, F_OK);
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int fs_lock(const char *path, void (*waiting)(void *ctx), void *ctx, struct krsi_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return krsi_err_sys(err, "cannot open the lock file %s", path);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	if (errno == EWOULDBLOCK && waiting)
		waiting(ctx);
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		krsi_err_sys(err, "cannot lock %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

char *fs_find_program(const char *name)
{
	const char *env = getenv("PATH");
	char *dirs, *save = NULL, *found = NULL;

	if (strchr(name, '/'))
		return access(name, X_OK) || fs_is_dir(name) ? NULL : xstrdup(name);
	dirs = xasprintf("%s:/usr/local/sbin:/usr/sbin:/sbin", env ? env : "/usr/bin:/bin");
	for (char *d = strtok_r(dirs, ":", &save); d && !found; d = strtok_r(NULL, ":", &save)) {
		char *path = xasprintf("%s/%s", d, name);

		if (!access(path, X_OK) && !fs_is_dir(path))
			found = path;
		else
			free(path);
	}
	free(dirs);
	return found;
}

char *fs_beside_self(const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return xstrdup(name);
	return xasprintf("%.*s/%s", (int)(slash - self), self, name);
}
