// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/unpack.h"

/* What of a package is a kernel, and where it goes. */
static const struct {
	const char *from;
	const char *to;
} wanted[] = {
	{ "boot/", "boot/" },
	{ "lib/modules/", "lib/modules/" },
	{ "usr/lib/modules/", "lib/modules/" },
};

static bool leads_out(const char *path)
{
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && !memcmp(p, "..", 2))
			return true;
		p += n + !!p[n];
	}
	return *path == '/';
}

/* Where an entry goes (free() it); NULL if it is not wanted. */
static char *place(const char *path, const char *dir)
{
	if (!strncmp(path, "./", 2))
		path += 2;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t n = strlen(wanted[i].from);

		if (!strncmp(path, wanted[i].from, n))
			return xasprintf("%s/%s%s", dir, wanted[i].to, path + n);
	}
	return NULL;
}

static int write_file(struct archive *tar, const char *path, const char *deb, struct krsi_err *err)
{
	char *slash = strrchr(path, '/'), *parent = xstrndup(path, (size_t)(slash - path));
	int fd = -1, rc = fs_mkdirs(parent, err);

	free(parent);
	if (!rc)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (rc)
		return rc;
	if (fd < 0)
		return krsi_err_sys(err, "cannot write %s", path);
	if (archive_read_data_into_fd(tar, fd) != ARCHIVE_OK) {
		/* libarchive's number is the write's errno, or its own for bad data */
		errno = archive_errno(tar);
		if (errno > 0)
			rc = krsi_err_sys(err, "cannot write %s", path);
		else
			rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s: cannot be unpacked: %s", deb,
					  archive_error_string(tar));
	}
	if (close(fd) && !rc)
		rc = krsi_err_sys(err, "cannot write %s", path);
	return rc;
}

static int unpack_tar(struct archive *tar, const char *deb, const char *dir, struct krsi_err *err)
{
	struct archive_entry *e;
	int r;

	while ((r = archive_read_next_header(tar, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		const char *path = archive_entry_pathname(e);
		char *to;
		int rc;

		if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) || !path)
			continue;
		if (leads_out(path))
			return krsi_err_set(err, KRSI_EXIT_INFRA,
					    "%s: holds a hostile path: %.200s", deb, path);
		to = place(path, dir);
		if (!to)
			continue;
		rc = write_file(tar, to, deb, err);
		free(to);
		if (rc)
			return rc;
	}
	if (r != ARCHIVE_EOF)
		return krsi_err_set(err, KRSI_EXIT_INFRA, "%s: cannot be unpacked: %s", deb,
				    archive_error_string(tar));
	return 0;
}

static la_ssize_t read_outer(struct archive *tar, void *outer, const void **buf)
{
	la_int64_t offset;
	size_t len;
	int r = archive_read_data_block(outer, buf, &len, &offset);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK) {
		archive_set_error(tar, -1, "%s", archive_error_string(outer));
		return -1;
	}
	return (la_ssize_t)len;
}

static int unpack_data(struct archive *outer, const char *deb, const char *dir,
		       struct krsi_err *err)
{
	struct archive *tar = archive_read_new();
	int rc;

	archive_read_support_filter_all(tar);
	archive_read_support_format_tar(tar);
	if (archive_read_open(tar, outer, NULL, read_outer, NULL) != ARCHIVE_OK)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s: cannot be unpacked: %s", deb,
				  archive_error_string(tar));
	else
		rc = unpack_tar(tar, deb, dir, err);
	archive_read_free(tar);
	return rc;
}

int unpack_deb(const char *deb, const char *dir, struct krsi_err *err)
{
	struct archive *outer = archive_read_new();
	struct archive_entry *e;
	bool found = false;
	int rc = 0, r;

	archive_read_support_format_ar(outer);
	r = archive_read_open_filename(outer, deb, 1 << 16);
	while (r == ARCHIVE_OK && !found &&
	       (r = archive_read_next_header(outer, &e)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(e);

		if (!name || strncmp(name, "data.tar", 8))
			continue;
		found = true;
		rc = unpack_data(outer, deb, dir, err);
	}
	if (!found)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s: not a Debian package: %s", deb,
				  archive_error_string(outer) ?: "it has no data.tar");
	archive_read_free(outer);
	return rc;
}
