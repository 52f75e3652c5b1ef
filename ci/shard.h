/* SPDX-License-Identifier: GPL-2.0-only */
/* One guest's share of a run, from its first boot to its last; conduct.h has the whole. */
#ifndef CI_SHARD_H
#define CI_SHARD_H

#include "ci/conduct.h"

/** A share. */
struct shard {
	const struct conduct_opts *opts; /**< of the whole run */
	unsigned int index;		 /**< which share, from 0 */
	const char *lsm;		 /**< LSM that its tests need, NULL: none */
	struct run run;			 /**< this share's tests, and what came of them */
	double started;			 /**< when its first QEMU started (monotonic); < 0: never */
	bool failed;			 /**< the host could not do its part */
	struct krsi_err err;		 /**< why */
};

/** Runs the share to its end. */
void shard_run(struct shard *s);

#endif
