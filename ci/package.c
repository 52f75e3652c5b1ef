// SPDX-License-Identifier: GPL-2.0-only
#include "ci/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ci/text.h"
#include "vm-images/fs.h"
#include "vm-images/sha256.h"

#define MANIFEST  "manifest"
#define STATEMENT "statement.txt"
#define RESULTS	  "results.json"
/* Of one file, and of all. */
#define FILE_MAX      (256u << 20)
#define TOTAL_MAX     (1u << 30)
#define STATEMENT_MAX 65536

const char package_template[] =
	"Submitter: your name or organisation\n"
	"Contact: an address that answers\n"
	"Implementation: what was tested, its version, and where it can be had\n"
	"Statement: the results in this package are those of an unmodified krsi on the kernel and the\n"
	" implementation that they name.\n";

static const char *const logs[] = { "console*.log", "events*.jsonl" };

static bool is_log(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++)
		if (!fnmatch(logs[i], name, FNM_PERIOD) && !strchr(name, '/'))
			return true;
	return false;
}

static bool may_hold(const char *name)
{
	return !strcmp(name, MANIFEST) || !strcmp(name, STATEMENT) || !strcmp(name, RESULTS) ||
	       is_log(name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct package_file *)a)->name,
		      ((const struct package_file *)b)->name);
}

static void sort(struct package *p)
{
	if (p->n_file)
		qsort(p->file, p->n_file, sizeof(*p->file), by_name);
}

const struct package_file *package_file(const struct package *p, const char *name)
{
	for (size_t i = 0; i < p->n_file; i++)
		if (!strcmp(p->file[i].name, name))
			return &p->file[i];
	return NULL;
}

static void add(struct package *p, const char *name, char *data, size_t len)
{
	struct package_file *f = ARRAY_PUSH(p, file);

	*f = (struct package_file){ .name = xstrdup(name), .data = data, .len = len };
}

static int take(struct package *p, const char *path, const char *name, size_t max,
		struct krsi_err *err)
{
	size_t len;
	char *data = fs_read(path, max, &len, err);

	if (!data)
		return -1;
	add(p, name, data, len);
	return 0;
}

static int take_logs(struct package *p, const char *dir, struct krsi_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(logs) && !rc; i++) {
		char *pattern = xasprintf("%s/%s", dir, logs[i]);
		glob_t g = { 0 };

		glob(pattern, 0, NULL, &g);
		for (size_t j = 0; j < g.gl_pathc && !rc; j++)
			rc = take(p, g.gl_pathv[j], strrchr(g.gl_pathv[j], '/') + 1, FILE_MAX, err);
		globfree(&g);
		free(pattern);
	}
	return rc;
}

int package_collect(struct package *p, const char *dir, const char *statement, struct krsi_err *err)
{
	char *results = xasprintf("%s/" RESULTS, dir);
	int rc = take(p, statement, STATEMENT, STATEMENT_MAX, err) ||
		 take(p, results, RESULTS, FILE_MAX, err) || take_logs(p, dir, err);

	free(results);
	sort(p);
	return rc ? -1 : 0;
}

char *package_manifest(const struct package *p, size_t *len)
{
	char hex[SHA256_HEX_LEN + 1], *text = NULL;
	FILE *f = open_memstream(&text, len);
	struct krsi_err err;

	fputs("krsi-submission 1\n", f);
	for (size_t i = 0; i < p->n_file; i++) {
		if (!strcmp(p->file[i].name, MANIFEST))
			continue;
		if (sha256_mem(p->file[i].data, p->file[i].len, hex, &err))
			abort();
		fprintf(f, "%s %zu %s\n", hex, p->file[i].len, p->file[i].name);
	}
	fclose(f);
	return text;
}

static int write_file(struct archive *a, const struct package_file *f)
{
	struct archive_entry *e = archive_entry_new();
	bool ok;

	archive_entry_set_pathname(e, f->name);
	archive_entry_set_size(e, (la_int64_t)f->len);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_mtime(e, 0, 0);
	ok = archive_write_header(a, e) == ARCHIVE_OK &&
	     archive_write_data(a, f->data, f->len) == (la_ssize_t)f->len;
	archive_entry_free(e);
	return ok ? 0 : -1;
}

/* It is written beside its place and moved there whole. */
int package_write(struct package *p, const char *path, struct krsi_err *err)
{
	char *part = xasprintf("%s.part", path), *text;
	struct archive *a = archive_write_new();
	size_t len;
	int rc;

	text = package_manifest(p, &len);
	add(p, MANIFEST, text, len);
	sort(p);
	archive_write_set_format_ustar(a);
	archive_write_add_filter_gzip(a);
	/* the same files make the same package */
	archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
	rc = archive_write_open_filename(a, part) == ARCHIVE_OK ? 0 : -1;
	for (size_t i = 0; i < p->n_file && !rc; i++)
		rc = write_file(a, &p->file[i]);
	if (archive_write_close(a) != ARCHIVE_OK)
		rc = -1;
	if (rc)
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s: %s", path, archive_error_string(a));
	else if (rename(part, path))
		rc = krsi_err_sys(err, "%s", path);
	if (rc)
		unlink(part);
	archive_write_free(a);
	free(part);
	return rc;
}

static int read_entry(struct package *p, struct archive *a, struct archive_entry *e, size_t *total,
		      const char *path, struct krsi_err *err)
{
	const char *name = archive_entry_pathname(e);
	la_int64_t size = archive_entry_size(e);
	char *data;

	if (!name || !may_hold(name) || archive_entry_filetype(e) != AE_IFREG)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: a submission holds no '%s'", path,
				    name ? name : "");
	if (package_file(p, name))
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: holds %s twice", path, name);
	if (size < 0 || (size_t)size > FILE_MAX || (*total += (size_t)size) > TOTAL_MAX)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: %s is too large", path, name);
	data = xcalloc((size_t)size + 1, 1);
	add(p, name, data, (size_t)size);
	if (archive_read_data(a, data, (size_t)size) != size)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: %s is cut short", path, name);
	return 0;
}

/* What follows the archive would be read by nobody, and is of nobody's manifest. */
static int check_tail(struct archive *a, const char *path, struct krsi_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return krsi_err_sys(err, "%s", path);
	if (archive_filter_bytes(a, -1) != st.st_size)
		return krsi_err_set(err, KRSI_EXIT_FAIL, "%s: something follows the package", path);
	return 0;
}

int package_read(struct package *p, const char *path, struct krsi_err *err)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	size_t total = 0;
	int rc = 0, got = ARCHIVE_OK;

	archive_read_support_format_tar(a);
	archive_read_support_filter_gzip(a);
	archive_read_set_options(a, "tar:read_concatenated_archives");
	if (access(path, R_OK) || fs_is_dir(path))
		rc = krsi_err_set(err, KRSI_EXIT_USAGE,
				  "%s: %s; give the file that krsi submit made", path,
				  fs_is_dir(path) ? "is a directory" : strerror(errno));
	else if (archive_read_open_filename(a, path, 65536) != ARCHIVE_OK)
		rc = krsi_err_set(err, KRSI_EXIT_USAGE,
				  "%s: %s; is it a file that krsi submit made?", path,
				  archive_error_string(a));
	while (!rc && (got = archive_read_next_header(a, &e)) == ARCHIVE_OK)
		rc = read_entry(p, a, e, &total, path, err);
	if (!rc && got != ARCHIVE_EOF)
		rc = krsi_err_set(err, KRSI_EXIT_USAGE,
				  "%s: %s; is it a file that krsi submit made?", path,
				  archive_error_string(a));
	if (!rc && !p->n_file)
		rc = krsi_err_set(err, KRSI_EXIT_USAGE, "%s: no submission of krsi", path);
	rc = rc ?: check_tail(a, path, err);
	archive_read_free(a);
	sort(p);
	return rc;
}

void package_free(struct package *p)
{
	for (size_t i = 0; i < p->n_file; i++) {
		free(p->file[i].name);
		free(p->file[i].data);
	}
	free(p->file);
	*p = (struct package){ 0 };
}
