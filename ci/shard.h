/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One guest's share of a run, from its first boot to its last; conduct.h has the whole. The share
 * of a lane (lane.h) that records has no tests: it is one boot, whose outcomes others compare with.
 */
#ifndef CI_SHARD_H
#define CI_SHARD_H

#include "ci/conduct.h"
#include "ci/lane.h"
#include "ci/recording.h"

/** A share. */
struct shard {
	const struct conduct_opts *opts; /**< of the whole run */
	unsigned int index;		 /**< which share, from 0 */
	const struct lane *lane;	 /**< what kind of boot, NULL: as the user described it */
	const struct shard *against;	 /**< whose recording this one's guest gets; NULL: none */
	struct strs modules;		 /**< what its guest loads (conduct.c) */
	struct recording recording;	 /**< what this one's guest recorded */
	int first_boot;			 /**< index that its first boot has in the whole run */
	struct run run;			 /**< this share's tests, and what came of them */
	double started;			 /**< when its first QEMU started (monotonic); < 0: never */
	bool failed;			 /**< the host could not do its part */
	struct krsi_err err;		 /**< why */
};

/** Runs the share to its end; that of @against has ended. */
void shard_run(struct shard *s);

#endif
