/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that allow everything, on every hook at once. A process of their own holds them; to
 * detach them all takes many seconds, so nothing waits for its end.
 */
#ifndef KRSI_NEUTRAL_CROWD_H
#define KRSI_NEUTRAL_CROWD_H

#include "conformance/harness/test.h"

struct crowd {
	pid_t holder;	 /* 0: none yet */
	int report;	 /* pipe from the holder, which tells how far it is */
	bool done;	 /* no more is to come */
	size_t attached; /* hooks that have one */
	int error;	 /* -errno of the load or attach that failed */
	char hook[64];	 /* for that hook */
};

/* Begins to attach to every attachable hook, or with `sleepable` a sleepable program to every hook
 * that takes one. */
void crowd__start(struct crowd *crowd, const struct krsi_run *run, bool sleepable);
/* Waits until some more are attached; false: all are, or one failed. */
bool crowd__wait(struct crowd *crowd);
/* Ends the holder; its programs go away some time later. */
void crowd__stop(struct crowd *crowd);

#endif
