/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One steered program on every hook that the tests need. Attaching costs tens of milliseconds a
 * hook, most of it waiting; so it is done once, and verdicts change through steer().
 */
#ifndef KRSI_HARNESS_FLEET_H
#define KRSI_HARNESS_FLEET_H

#include "conformance/harness/test.h"

struct fleet {
	size_t n; /* as many as the implementation has hooks; the i-th belongs to the i-th hook */
	struct krsi_prog **prog; /* NULL: not wanted, or load or attach failed */
	struct krsi_link **link; /* NULL: not attached */
	int *error;		 /* why prog is NULL although wanted: -errno of load or attach */
	double attach_seconds, detach_seconds;
};

/* Loads for and attaches to every hook with wanted[i]. 0 or -ENOMEM; a hook that fails has its
 * error set, which its tests report. */
int fleet__attach(struct fleet *fleet, const struct krsi_adapter *adapter,
		  struct krsi_instance *inst, const struct krsi_hook *hooks, const bool *wanted,
		  size_t n);
/* Detaches all; the programs stay loaded. */
void fleet__detach(struct fleet *fleet, const struct krsi_adapter *adapter);
/* Detaches what is attached, unloads, frees. */
void fleet__free(struct fleet *fleet, const struct krsi_adapter *adapter);

#endif
