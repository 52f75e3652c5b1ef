/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that allow everything, on every hook at once. A process of their own holds them; to
 * detach them all takes many seconds, so nothing waits for its end.
 */
#ifndef KRSI_NEUTRAL_CROWD_H
#define KRSI_NEUTRAL_CROWD_H

#include "conformance/harness/holder.h"
#include "conformance/harness/test.h"

enum crowd_stage { CROWD_STARTED, CROWD_LOADED, CROWD_ATTACHED };

struct crowd {
	struct holder holder;	 /* it tells how far it is */
	bool sleepable;		 /* programs that may sleep, on the hooks that take one */
	enum crowd_stage stage;	 /* what is done for all hooks */
	size_t loaded, attached; /* hooks for which that is done */
	int error;		 /* -errno of the load or attach that failed */
	char hook[64];		 /* for that hook */
};

/* Begins to load a program for every attachable hook, or with `sleepable` one that may sleep for
 * every hook that takes such a one. */
void crowd__start(struct crowd *crowd, const struct krsi_run *run, bool sleepable);
/* They are loaded: begins to attach them. */
void crowd__attach(struct crowd *crowd);
/* Waits for the next report; false: the stage is reached, or something failed. */
bool crowd__wait(struct crowd *crowd, enum crowd_stage stage);
/* Ends the holder; its programs go away some time later. */
void crowd__stop(struct crowd *crowd);

#endif
