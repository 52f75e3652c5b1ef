/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Outcomes that one boot tells and that are handed to another one, which compares its own with
 * them. They come from a guest and are hostile until they are in here.
 */
#ifndef CI_RECORDING_H
#define CI_RECORDING_H

#include <stddef.h>

/** Most outcomes of a recording; longest name and value, in bytes. */
#define RECORDING_MAX	    5000
#define RECORDING_NAME_MAX  79
#define RECORDING_VALUE_MAX 399

/** One of them. */
struct recorded {
	char *name;  /**< a well-formed name (text.h) */
	char *value; /**< printable ASCII, not empty */
};

/** All of a boot. All zero is none. */
struct recording {
	struct recorded *item; /**< sorted by name */
	size_t n_item;	       /**< how many */
	size_t cap_item;       /**< room */
};

/** Adds an outcome. Returns NULL, or what is wrong with it; it is then not added. */
const char *recording_add(struct recording *r, const char *name, const char *value);
/** As the file that krsi-test --recording reads; @len gets its length. Free with free(). */
char *recording_text(const struct recording *r, size_t *len);
/** Frees what it owns and empties it. */
void recording_free(struct recording *r);

#endif
