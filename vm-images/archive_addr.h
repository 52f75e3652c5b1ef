/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the Debian archive is: the machine's own apt configuration knows. */
#ifndef KRSI_ARCHIVE_ADDR_H
#define KRSI_ARCHIVE_ADDR_H

#include "vm-images/err.h"

/**
 * struct archive_addr - addresses of the archive, or NULL where none is known.
 * @main: of the main archive (KRSI_ARCHIVE goes before apt's configuration).
 * @security: of the security archive, for suites that end in "-security"
 *            (KRSI_ARCHIVE_SECURITY goes before apt's configuration).
 */
struct archive_addr {
	char *main;
	char *security;
};

/** ARCHIVE_ADDR_FORMAT - how `apt-get indextargets --format` is asked. */
#define ARCHIVE_ADDR_FORMAT "$(ORIGIN)|$(LABEL)|$(RELEASE)|$(REPO_URI)"

/**
 * archive_addr_parse - pick the addresses from apt's answer. A field that apt does not know (no
 * lists were downloaded yet) comes as its own name, "$(ORIGIN)". Lines that do not fit are skipped.
 * @codename: of the running Debian, or "".
 */
void archive_addr_parse(struct archive_addr *a, const char *text, const char *codename);

/** archive_addr_find - ask the environment, then apt. Return: 0, or -1 with @err (code 5). */
int archive_addr_find(struct archive_addr *a, struct krsi_err *err);

/**
 * archive_addr_for - the address for a suite.
 * Return: a string of @a, or NULL with @err (code 5), which names the variable to set.
 */
const char *archive_addr_for(const struct archive_addr *a, const char *suite, struct krsi_err *err);

/** archive_addr_free - free the content. */
void archive_addr_free(struct archive_addr *a);

#endif
