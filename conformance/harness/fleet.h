/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One steered program on every hook that the tests need.
 *
 * Attaching and detaching cost tens to hundreds of milliseconds a hook, nearly all of it spent
 * waiting for grace periods under one lock. So it is done once a hook, verdicts change through
 * steer(), and a process of its own, the holder, attaches and detaches while tests run. The holder
 * alone has the links: a test that ends cannot be held up by closing its copy of one.
 */
#ifndef KRSI_HARNESS_FLEET_H
#define KRSI_HARNESS_FLEET_H

#include "conformance/harness/holder.h"
#include "conformance/harness/test.h"

enum fleet_state { FLEET_LOADED, FLEET_ATTACHED, FLEET_DETACHED };

/* Of one hook; shared with the holder, which writes it before it reports. */
struct fleet_hook {
	enum fleet_state state;
	int error;	   /* of load, attach or detach: -errno */
	double seconds[2]; /* spent in attach and in detach */
};

struct fleet {
	const struct krsi_adapter *adapter;
	size_t n; /* as many as the implementation has hooks; the i-th belongs to the i-th hook */
	struct krsi_prog **prog; /* NULL: not wanted, or the load failed */
	struct fleet_hook *hook;
	struct holder holder;
	size_t asked, answered; /* commands sent, reports read */
};

/* Loads a program for every hook with wanted[i] and starts the holder; attaches nothing yet.
 * 0 or -errno; a hook whose load fails has its error set, which its tests report. */
int fleet__start(struct fleet *fleet, const struct krsi_adapter *adapter,
		 struct krsi_instance *inst, const struct krsi_hook *hooks, const bool *wanted,
		 size_t n);
/* Asks the holder to attach or detach the i-th hook; returns at once. */
void fleet__ask(struct fleet *fleet, size_t i, enum fleet_state state);
/* Reads reports that are there; with `wait` at least one, if any is to come. False: the holder
 * has died, or all has been answered. */
bool fleet__listen(struct fleet *fleet, bool wait);
/* Waits until the i-th hook is in the state, or failed to get there. */
void fleet__await(struct fleet *fleet, size_t i, enum fleet_state state);
/* Ends the holder, which detaches what is still attached, and frees. */
void fleet__stop(struct fleet *fleet);

#endif
