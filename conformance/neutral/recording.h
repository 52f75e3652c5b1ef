/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The outcomes of another boot, which the host hands over as a file: a line for each, its name, a
 * space, its value.
 */
#ifndef KRSI_NEUTRAL_RECORDING_H
#define KRSI_NEUTRAL_RECORDING_H

#include "conformance/neutral/workload.h"

struct recording {
	size_t n;
	struct outcome *item; /* sorted by name */
};

/* How outcomes differ from a recording. */
struct differences {
	size_t n; /* that differ, are not recorded, or are recorded and did not come */
	/* their names, space-separated; the last word is "and-more" where there was no room */
	char names[8192];
	char expected[256], got[256]; /* the first of them, with their values */
};

/* Takes a recording from text. 0; or -EINVAL, -E2BIG or -ENOMEM with one line in `why`. */
int recording__parse(struct recording *recording, const char *text, size_t len, char *why,
		     size_t size);
/* ... from a file; also -errno of reading it. */
int recording__read(struct recording *recording, const char *path, char *why, size_t size);
void recording__free(struct recording *recording);
/* Holds the outcomes of one group against what was recorded of it. */
void recording__compare(const struct recording *recording, const struct workload *group,
			const struct outcomes *outcomes, struct differences *differences);

#endif
