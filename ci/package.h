/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A submission: what a run leaves behind, in one file that others can check. A gzipped tar of
 *
 *	manifest        "krsi-submission 1", then a line "SHA256 SIZE NAME" for each other file
 *	statement.txt   who says this of what, in the words of whoever submits it
 *	results.json    the results
 *	console*.log    what each guest said on its console, ...
 *	events*.jsonl   ... and to the suite: the results again, from the source
 *
 * Hashes show damage and not who made it; so the results are held against the events too, these
 * against themselves (replay.h), and what of results.json follows from the rest of it is derived
 * again. Whoever wants to know the author signs the file.
 */
#ifndef CI_PACKAGE_H
#define CI_PACKAGE_H

#include <stddef.h>

#include "ci/array.h"
#include "ci/run.h"
#include "vm-images/err.h"

/** A file of the package. */
struct package_file {
	char *name; /**< without directory; first member: sorted by it */
	char *data; /**< with a NUL that is not counted */
	size_t len; /**< bytes */
};

/** A package in memory. All zero is empty. */
struct package {
	struct package_file *file;
	size_t n_file;
	size_t cap_file;
};

/** Takes the files of a results directory and the statement at @statement. Returns 0, or -1 with
 * @err (code 2). */
int package_collect(struct package *p, const char *dir, const char *statement,
		    struct krsi_err *err);

/** Adds the manifest and writes the archive to @path. Returns 0, or -1 with @err (code 5). */
int package_write(struct package *p, const char *path, struct krsi_err *err);

/** Reads an archive. Returns 0, or -1 with @err (code 2): no archive, or with entries that a
 * package does not have. */
int package_read(struct package *p, const char *path, struct krsi_err *err);

/** What is wrong with the package, a line each, in @wrong; @run (empty before) gets its results.
 * @partial: it need not be a run of all tests. */
void package_check(const struct package *p, bool partial, struct run *run, struct strs *wrong);

/** The file called @name, or NULL. */
const struct package_file *package_file(const struct package *p, const char *name);

/** The text of the manifest that belongs to the other files; free(). */
char *package_manifest(const struct package *p, size_t *len);

/** A statement to fill in. */
extern const char package_template[];

/** Frees what it owns and empties it. */
void package_free(struct package *p);

#endif
