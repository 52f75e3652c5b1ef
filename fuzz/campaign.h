/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A campaign: instances of afl-fuzz on one target, which share what they find through one
 * directory.
 *
 *	DIR/TARGET/seeds/         what they begin with
 *	DIR/TARGET/main/          one directory an instance, as AFL++ lays it out: queue/, crashes/,
 *	DIR/TARGET/san/ ...       hangs/, fuzzer_stats, plot_data
 *	DIR/TARGET/NAME.log       what an instance said
 *
 * On several machines each has a directory of its own, and the directories of the instances are
 * copied to and fro (rsync), under names that differ; or main is told a queue to read besides.
 */
#ifndef FUZZ_CAMPAIGN_H
#define FUZZ_CAMPAIGN_H

#include <stdbool.h>
#include <stdio.h>

#include "vm-images/err.h"
#include "vm-images/mem.h"

/** Most instances of a campaign. */
#define CAMPAIGN_INSTANCES 4

/**
 * struct campaign - what to run.
 * @target: its name.
 * @build: where the targets were built (build/fuzz).
 * @sources: fuzz/ of the sources, for the dictionaries; NULL: do without.
 * @dir: for all that comes of it.
 * @seconds: for how long; 0: until a signal.
 * @instances: 1 to CAMPAIGN_INSTANCES.
 * @resume: go on where the last campaign in @dir ended.
 * @until_crash: end at the first finding.
 * @sync: queues of other machines that main reads.
 * @progress: told every few seconds; NULL: nobody.
 */
struct campaign {
	const char *target;
	const char *build;
	const char *sources;
	const char *dir;
	unsigned int seconds;
	unsigned int instances;
	bool resume;
	bool until_crash;
	struct strs sync;
	FILE *progress;
};

/**
 * struct campaign_stats - all instances together.
 * @execs, @execs_per_sec: sums; an instance has no rate in its first second, in which AFL++ divides
 * by next to nothing. @corpus, @edges, @stability: the best of them.
 * @crashes, @hangs: files of findings, of this campaign and those that it resumed.
 */
struct campaign_stats {
	unsigned long long execs;
	double execs_per_sec;
	unsigned long corpus, edges, total_edges;
	double stability;
	unsigned long crashes, hangs;
};

/**
 * campaign_run - run it to its end.
 * Return: 0 with @stats; -1 with @err if an instance could not run (code 5) or the target is not
 * known (code 2).
 */
int campaign_run(const struct campaign *c, struct campaign_stats *stats, struct krsi_err *err);

/** campaign_stats - of what lies in @dir for @target. */
void campaign_stats(const char *dir, const char *target, struct campaign_stats *stats);

/**
 * campaign_targets - names of the targets built in @build: those that run on the host, or those
 * that run in a guest, which need a kernel. Returns 0, or -1 with @err.
 */
int campaign_targets(const char *build, bool guest, struct strs *names, struct krsi_err *err);

/**
 * campaign_names - names of all targets, sorted, also of those that are not built: what lies in
 * @build, what lies in @sources, if that is there, and those that run in a guest.
 */
void campaign_names(const char *build, const char *sources, struct strs *names);

/** campaign_begun - whether there ever was a campaign of @target in @dir. */
bool campaign_begun(const char *dir, const char *target);

/** campaign_in_guest - whether @target runs in a guest. */
bool campaign_in_guest(const char *target);

/** campaign_program - the program of @target in a flavour: replay, plain, san, cmplog or cover. A
 * target in a guest has one for all, and differs by its kernel. free() it. */
char *campaign_program(const char *build, const char *target, const char *flavour);

/** campaign_timeout - for an input of @target, as AFL++'s -t has it. */
const char *campaign_timeout(const char *target);

/** campaign_environment - what that program wants in its environment besides, "NAME=value". A guest
 * lies in @dir/@target/guest-@who: only one at a time has that. */
void campaign_environment(const char *target, const char *flavour, const char *dir, const char *who,
			  struct strs *env);

/**
 * campaign_files - the inputs of all instances in subdirectory @which ("queue", "crashes",
 * "hangs"), in the order of their names.
 */
void campaign_files(const char *dir, const char *target, const char *which, struct strs *files);

#endif
