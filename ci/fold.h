/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Folds the events of one boot into a run, and holds them against what must be: nothing lost,
 * nothing twice, every start has its end, everything planned is there, and an end at the end.
 * Whatever is not so becomes a fault of the run, which can then not come out green.
 */
#ifndef CI_FOLD_H
#define CI_FOLD_H

#include <stdbool.h>

#include "ci/events.h"
#include "ci/recording.h"
#include "ci/run.h"

/** Watches a run grow, for a progress line. Any member may be NULL. */
struct fold_watch {
	/** The suite started: @ev is its suite-start. */
	void (*suite)(void *arg, const struct event *ev);
	/** Test @id begins. */
	void (*start)(void *arg, const char *id);
	/** Test @t has its result. */
	void (*end)(void *arg, const struct run_test *t);
	void *arg; /**< passed on */
};

/** How a boot ended, as the host saw it. */
enum fold_end {
	FOLD_ORDERLY, /**< the guest's init said so, and powered off */
	FOLD_CRASH,   /**< the guest died: panic, oops, QEMU gone */
	FOLD_HANG,    /**< the host's deadline ran out, the guest was killed */
	FOLD_STOPPED, /**< the host stopped it on purpose (flood, interrupt) */
};

/** Most bytes in one stream; a guest that sends more floods. */
#define FOLD_STREAM_MAX (16UL << 20)

/** The state of one boot's stream; opaque. */
struct fold;

/**
 * Starts boot number @boot (index in run->boots, which must exist). @expect is how many tests the
 * guest was asked for. @run must outlive it; @watch may be NULL. Free with fold_free().
 */
struct fold *fold_new(struct run *run, int boot, size_t expect, const struct fold_watch *watch);

/** The boot is one that records: @r takes its outcomes. In others an outcome is a fault. */
void fold_record(struct fold *f, struct recording *r);

/** Takes the next line of the event port, with what the splitter found (enum line_flaw). */
void fold_line(struct fold *f, const char *line, size_t len, unsigned int flaws);

/**
 * The boot is over. A test that was running gets the result crash or timeout if the guest died or
 * hung, else broken. Returns the id of that test (valid as long as the run), or NULL.
 */
const char *fold_finish(struct fold *f, enum fold_end how, const char *reason);

/** The test that is running now, or NULL. */
const char *fold_current(const struct fold *f);

/** Whether the suite announced itself: then the kernel did boot. */
bool fold_started(const struct fold *f);

/** Whether suite-end or fatal was seen: nothing more is to come. */
bool fold_ended(const struct fold *f);

/** Whether the guest floods the port and should be stopped. */
bool fold_flooded(const struct fold *f);

/** How many tests got their result in this boot. */
size_t fold_count(const struct fold *f);

/** Frees the state, not the run. */
void fold_free(struct fold *f);

#endif
