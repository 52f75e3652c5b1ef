/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run for KCIDB, the database of kernel test results, in its I/O schema 5.3. Known defects become
 * issues, and each waived failure an incident of them; docs/schemas/kcidb-5.schema.json says what
 * of the schema is used.
 */
#ifndef CI_KCIDB_H
#define CI_KCIDB_H

#include <stddef.h>

#include "ci/run.h"

/** What the database needs besides the run. */
struct kcidb_opts {
	const char *origin;   /**< the submitting system as the database knows it: [a-z0-9_]+ */
	const char *build_id; /**< the build that is tested, where it is in the database already;
			       * NULL: the report has a checkout and a build of its own */
};

/** Whether the database takes that as an origin. */
bool kcidb_origin_ok(const char *origin);

/** The report. Free with free(). */
char *kcidb_text(const struct run *run, const struct kcidb_opts *o, size_t *len);

#endif
