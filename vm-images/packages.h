/* SPDX-License-Identifier: GPL-2.0-only */
/* An archive's list of packages (the Packages file that apt has verified). */
#ifndef KRSI_PACKAGES_H
#define KRSI_PACKAGES_H

#include <stddef.h>
#include <stdint.h>
#include "vm-images/err.h"
#include "vm-images/mem.h"
#include "vm-images/sha256.h"

/** struct package - one stanza. Strings are owned by the list. */
struct package {
	char *name;
	char *version;
	char *depends; /* "" if there are none */
	uint64_t size; /* of the .deb, in bytes */
	char sha256[SHA256_HEX_LEN + 1];
};

/** struct packages - those stanzas whose name matches what was asked for. */
struct packages {
	struct package *v;
	size_t n;
};

/**
 * packages_parse - add the packages of a Packages file's text whose name begins with @prefix.
 * A stanza that lacks Package, Version, Size or SHA256, or whose values hold characters that do
 * not belong there, is left out: it cannot be downloaded.
 */
void packages_parse(struct packages *ps, const char *text, size_t len, const char *prefix);

/**
 * packages_newest - the newest package whose name and version match the shell patterns.
 * Return: an element of @ps, or NULL.
 */
const struct package *packages_newest(const struct packages *ps, const char *name,
				      const char *version);

/**
 * packages_follow - the kernel packages that a package is split into: what it and its
 * dependencies name as linux-{base,binary,image,modules}-<digit>..., itself first.
 * @missing: dependencies that the archive no longer has, as "name version".
 * Return: number of elements put into @out, at most @max.
 */
size_t packages_follow(const struct packages *ps, const struct package *p,
		       const struct package **out, size_t max, struct strs *missing);

/**
 * packages_versions - the versions of packages whose name matches, newest first, at most @max of
 * them, as "a, b, c" (free() it; "" if there is none).
 */
char *packages_versions(const struct packages *ps, const char *name, size_t max);

/** packages_free - free the content and zero it. */
void packages_free(struct packages *ps);

#endif
