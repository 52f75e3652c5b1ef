/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A part of a run for one machine of several. Which tests it is follows from nothing but the
 * catalogue, the selection, the two numbers and whether --lsm was given, so that machines need not
 * talk; krsi merge makes one run of the parts again.
 */
#ifndef CI_SHARE_H
#define CI_SHARE_H

#include <stdbool.h>

#include "ci/catalogue.h"
#include "ci/select.h"

/** Tests of a hook stay together: besides running, they cost as much as so many tests. */
#define SHARE_GROUP_COST 4

/** What belongs together, as the length of what such ids share: a guest that runs one test of a
 * hook has put a program on it, so it runs all of them. */
size_t share_group_length(const char *id);

/** Reads "2/5". Returns 0, or -1: not from 1/1 to 1000/1000. */
int share_parse(const char *text, unsigned int *index, unsigned int *of);

/** Leaves in @s the part @index (from 1) of @of, and puts the other tests' ids into @others.
 * @lanes: tests that want a boot of their own get it, and stay with those of the same. */
void share_take(struct selection *s, struct strs *others, const struct catalogue *c,
		unsigned int index, unsigned int of, bool lanes);

#endif
