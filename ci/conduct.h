/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conducts a run: boots the guest, folds what it says, boots it again after a test has taken it
 * down, until every test of the plan has its result or it is clear that no more will come.
 */
#ifndef CI_CONDUCT_H
#define CI_CONDUCT_H

#include "ci/catalogue.h"
#include "ci/meter.h"
#include "ci/outdir.h"
#include "ci/run.h"
#include "ci/select.h"
#include "vm-images/guest.h"

/** What a run is made of. All is borrowed. */
struct conduct_opts {
	const struct guest_opts *guest; /**< kernel, payload, size, cmdline, accel, deadlines; with
					 * silence_seconds 0 it follows from the timeout; modules
					 * are chosen here */
	const struct catalogue *catalogue; /**< what the tests are */
	const struct selection *selection; /**< which of them */
	const struct strs *others;	   /**< tests that its patterns match too, and that are not
					    * to run here; NULL: none */
	const char *impl;		   /**< adapter, for krsi-test --impl */
	unsigned int timeout;		   /**< seconds for one test */
	long long seed;			   /**< for krsi-test --seed; < 0: krsi-test's own */
	unsigned int effort;		   /**< for krsi-test --effort; 0: krsi-test's own */
	bool self;			   /**< the hidden self-tests are in the plan */
	unsigned int reboots;		   /**< how often a guest that went down is started again */
	unsigned int jobs; /**< guests at the same time, each with its share; 0: one a CPU */
	bool warm;	   /**< guests go on from where equal ones stood (vm-images/warm.h) */
	const struct outdir *out; /**< takes console and event logs */
	const char *tag;	  /**< in their names: "retry"; NULL: none */
	struct meter *meter;	  /**< shows progress */
};

/**
 * Runs. @run is filled: tests, hooks, boots, splats, seconds, stop; the caller has set what it
 * knows already (kernel_*, command, ...). Returns 0 however the guest fared; -1 with @err if the
 * host could not do its part (code 5; 2 for a kernel that turns out to be bad input), or if
 * conduct_interrupt() was called (code 5, and conduct_interrupted() says so).
 */
int conduct(struct run *run, const struct conduct_opts *o, struct krsi_err *err);

/** Asks all guests to stop; safe in a signal handler. @sig is the signal, kept for later. */
void conduct_interrupt(int sig);

/** The signal with which conduct_interrupt() was called, 0 if it was not. */
int conduct_interrupted(void);

#endif
