// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/initramfs.h"
#include "vm-images/mem.h"

#define FILE_BYTES_MAX (512u << 20)

/**
 * struct initramfs - an archive being written.
 * @path: where it will be, or a word for messages.
 * @tmp: where it is now; NULL: in memory.
 * @fd: of @tmp.
 * @names: entries so far; the kernel's unpacker would let a second one overwrite the first.
 */
struct initramfs {
	struct archive *a;
	char *path;
	char *tmp;
	int fd;
	struct strs names;
};

static int fail(struct initramfs *fs, struct krsi_err *err)
{
	errno = archive_errno(fs->a) > 0 ? archive_errno(fs->a) : EIO;
	return krsi_err_sys(err, "cannot write %s", fs->path);
}

struct initramfs *initramfs_open(const char *path, bool gzip, struct krsi_err *err)
{
	struct initramfs *fs = xcalloc(1, sizeof(*fs));
	int rc;

	fs->path = xstrdup(path ? path : "the initramfs");
	if (path) {
		fs->tmp = xasprintf("%s.XXXXXX", path);
		fs->fd = mkostemp(fs->tmp, O_CLOEXEC);
	} else {
		fs->fd = memfd_create("krsi-initramfs", 0);
	}
	fs->a = archive_write_new();
	if (fs->fd < 0 || !fs->a) {
		krsi_err_sys(err, "cannot write %s", fs->path);
		initramfs_abort(fs);
		return NULL;
	}
	rc = archive_write_set_format_cpio_newc(fs->a);
	if (rc == ARCHIVE_OK)
		rc = gzip ? archive_write_add_filter_gzip(fs->a)
			  : archive_write_add_filter_none(fs->a);
	if (rc == ARCHIVE_OK)
		rc = archive_write_open_fd(fs->a, fs->fd);
	if (rc == ARCHIVE_OK)
		return fs;
	fail(fs, err);
	initramfs_abort(fs);
	return NULL;
}

void initramfs_abort(struct initramfs *fs)
{
	if (!fs)
		return;
	if (fs->a) {
		/* else libarchive would try to finish the file first */
		archive_write_fail(fs->a);
		archive_write_free(fs->a);
	}
	if (fs->fd >= 0) {
		close(fs->fd);
		if (fs->tmp)
			unlink(fs->tmp);
	}
	strs_free(&fs->names);
	free(fs->path);
	free(fs->tmp);
	free(fs);
}

int initramfs_close(struct initramfs *fs, struct krsi_err *err)
{
	int rc = 0;

	if (archive_write_close(fs->a) != ARCHIVE_OK)
		rc = fail(fs, err);
	else if (fchmod(fs->fd, 0644) || rename(fs->tmp, fs->path))
		rc = krsi_err_sys(err, "cannot write %s", fs->path);
	if (rc) {
		initramfs_abort(fs);
		return rc;
	}
	close(fs->fd);
	fs->fd = -1;
	initramfs_abort(fs);
	return 0;
}

int initramfs_close_fd(struct initramfs *fs, struct krsi_err *err)
{
	int fd = fs->fd;

	if (archive_write_close(fs->a) != ARCHIVE_OK) {
		fail(fs, err);
		fd = -1;
	} else {
		fs->fd = -1;
	}
	initramfs_abort(fs);
	return fd;
}

static int check_path(struct initramfs *fs, const char *path, struct krsi_err *err)
{
	const char *p = path;

	if (!*p || strlen(p) > 1000)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "bad path in the initramfs: \"%.64s\"",
				    path);
	while (*p) {
		size_t n = strcspn(p, "/");

		if (!n || (n == 1 && *p == '.') || (n == 2 && !memcmp(p, "..", 2)) ||
		    (p[n] && !p[n + 1]))
			return krsi_err_set(err, KRSI_EXIT_USAGE,
					    "bad path in the initramfs: \"%.200s\"", path);
		p += n + !!p[n];
	}
	if (strs_has(&fs->names, path))
		return krsi_err_set(err, KRSI_EXIT_USAGE, "twice in the initramfs: \"%.200s\"",
				    path);
	return 0;
}

static int put(struct initramfs *fs, const char *path, mode_t mode, dev_t dev, const char *target,
	       const void *data, size_t len, struct krsi_err *err)
{
	struct archive_entry *e = archive_entry_new();
	int rc = 0;

	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, mode);
	archive_entry_set_nlink(e, 1);
	archive_entry_set_mtime(e, 0, 0);
	archive_entry_set_size(e, (la_int64_t)len);
	if (dev)
		archive_entry_set_rdev(e, dev);
	if (target)
		archive_entry_set_symlink(e, target);
	if (archive_write_header(fs->a, e) != ARCHIVE_OK ||
	    (len && archive_write_data(fs->a, data, len) != (la_ssize_t)len))
		rc = fail(fs, err);
	archive_entry_free(e);
	strs_add(&fs->names, path);
	return rc;
}

static int add(struct initramfs *fs, const char *path, mode_t mode, dev_t dev, const char *target,
	       const void *data, size_t len, struct krsi_err *err)
{
	if (check_path(fs, path, err))
		return -1;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *parent = xstrndup(path, (size_t)(slash - path));
		int rc = strs_has(&fs->names, parent)
				 ? 0
				 : put(fs, parent, S_IFDIR | 0755, 0, NULL, NULL, 0, err);

		free(parent);
		if (rc)
			return rc;
	}
	return put(fs, path, mode, dev, target, data, len, err);
}

int initramfs_dir(struct initramfs *fs, const char *path, mode_t mode, struct krsi_err *err)
{
	return add(fs, path, S_IFDIR | (mode & 07777), 0, NULL, NULL, 0, err);
}

int initramfs_file(struct initramfs *fs, const char *path, mode_t mode, const void *data,
		   size_t len, struct krsi_err *err)
{
	return add(fs, path, S_IFREG | (mode & 07777), 0, NULL, data, len, err);
}

int initramfs_path(struct initramfs *fs, const char *path, mode_t mode, const char *host,
		   struct krsi_err *err)
{
	size_t len;
	char *data = fs_read(host, FILE_BYTES_MAX, &len, err);
	int rc;

	if (!data)
		return -1;
	rc = initramfs_file(fs, path, mode, data, len, err);
	free(data);
	return rc;
}

int initramfs_symlink(struct initramfs *fs, const char *path, const char *target,
		      struct krsi_err *err)
{
	return add(fs, path, S_IFLNK | 0777, 0, target, NULL, 0, err);
}

int initramfs_chardev(struct initramfs *fs, const char *path, mode_t mode, unsigned int major_nr,
		      unsigned int minor_nr, struct krsi_err *err)
{
	return add(fs, path, S_IFCHR | (mode & 07777), makedev(major_nr, minor_nr), NULL, NULL, 0,
		   err);
}
