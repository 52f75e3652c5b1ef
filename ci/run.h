/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run: one kernel held against one implementation. Filled from the event streams of one or more
 * boots (fold.h), written to and read from results.json (results.h), shown by the reports. All
 * strings are owned by the run, are clean (text.h), and may be NULL for "not known" unless said
 * otherwise. Rows are kept sorted by id, so that equal runs give equal files.
 */
#ifndef CI_RUN_H
#define CI_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "ci/array.h"
#include "ci/cost.h"
#include "ci/result.h"

/** One test of the plan. */
struct run_test {
	char *id;		  /**< permanent id; never NULL */
	char *summary;		  /**< one sentence: what the test holds the kernel to */
	struct strs requirements; /**< ids of the requirements that it tests */
	enum result result;	  /**< valid once done */
	bool done;		  /**< a result is known */
	double seconds;		  /**< how long it took, by the guest's clock */
	char *reason;		  /**< why it failed or was skipped */
	char *expected;		  /**< on fail: what had to happen */
	char *got;		  /**< on fail: what happened instead */
	struct strs differs;	  /**< on fail: outcomes that are not as recorded; see lane.h */
	int boot;		  /**< index of the boot it ran in; -1: in none */
	struct strs waivers;	  /**< on xfail: names of the waivers that excuse it */
	bool retried;		  /**< it was red, and was run again in a fresh guest */
	enum result second;	  /**< what came of it then; @result stays the first */
	char *second_reason;	  /**< and why */
};

/** One LSM hook of the kernel under test. */
struct run_hook {
	char *name;	  /**< as in bpf_lsm_<name>; never NULL */
	char *ret;	  /**< "int", "void" or "bool" */
	bool attachable;  /**< a program loads and attaches */
	bool sleepable;	  /**< a sleepable program loads too */
	bool covered;	  /**< the catalogue has an entry for it */
	bool unreachable; /**< in every guest the entry proves that nothing in it can call it */
	bool untriggered; /**< the entry has no way to make it happen yet */
	struct cost cost; /**< of the program that the tests had on it */
	int boot;	  /**< index of the last boot that reported it */
};

/** A requirement that a test of this run names, so that a report needs nothing but the results. */
struct run_requirement {
	char *id;     /**< for example ORDER-3; never NULL */
	char *level;  /**< MUST, SHOULD, MAY */
	char *text;   /**< the sentence */
	char *source; /**< where the promise was made */
};

/** A complaint of the kernel on its console. */
struct run_splat {
	char *kind;	  /**< panic, oops, sanitizer, lockdep, warn, ... (splat.h); never NULL */
	char *title;	  /**< its first line; never NULL */
	char *test;	  /**< the test that was running when it came, NULL if none */
	char *text;	  /**< console lines, at most RUN_SPLAT_MAX bytes; never NULL */
	int boot;	  /**< index of the boot */
	bool before_init; /**< it came while the kernel booted: no test can be behind it */
};

/** One start of the guest. */
struct run_boot {
	char *outcome;	     /**< done, crash, hang, no-boot or stopped; never NULL */
	char *reason;	     /**< one line: how it ended, the cause where it is known */
	char *test;	     /**< the test that took the guest down, NULL if none did */
	char *tail;	     /**< last console lines of a boot that did not end well */
	double seconds;	     /**< from QEMU's start to its end, by the host's clock */
	bool warm;	     /**< it went on from the state of an equal boot */
	double init_seconds; /**< from QEMU's start until init was reached; < 0: never */
	char *first_failure; /**< why a first try died before its init; NULL: there was none */
	size_t tests;	     /**< tests that got their result in this boot */
	char *lane;	     /**< which kind of boot (lane.h), NULL: as the user described it */
	char *lsm;	     /**< lsm= that a lane started it with */
	size_t recorded;     /**< outcomes that it recorded */
	int against;	     /**< number, from 1, of the boot whose recording it got; 0: none */
};

/** Why a run could not judge the kernel at all; the worst of these first. */
enum run_stop {
	RUN_GOES_ON,	  /**< it could */
	RUN_NO_BOOT,	  /**< the kernel did not come up, also not on the second try */
	RUN_KERNEL_LACKS, /**< it came up without what the suite needs (no BTF, no BPF LSM, order)
			   */
	RUN_FATAL,	  /**< the suite or the adapter gave up in the guest */
};

/** Most bytes of console kept with one splat. */
#define RUN_SPLAT_MAX 16384

/** See the top of this file. All zero is an empty run. */
struct run {
	/* who tested */
	char *suite_version; /**< version of the suite */
	char *suite_commit;  /**< its commit */
	char *suite_payload; /**< SHA-256 of the program that ran in the guest, hex */
	bool suite_dirty;    /**< it was built from a changed tree */

	/* what was tested */
	char *kernel_name;    /**< as the user gave it: a name or a path */
	char *kernel_release; /**< uname -r of the guest */
	char *kernel_version; /**< uname -v of the guest */
	char *kernel_machine; /**< uname -m of the guest */
	char *kernel_cmdline; /**< the guest's command line */
	char *kernel_package; /**< archive package and version, NULL if it is the user's own */
	char *kernel_sha256;  /**< of the kernel image, hex */
	char *lsm;	      /**< active LSMs in order */
	char *implementation; /**< the adapter as asked for */
	char *impl_version; /**< what it says of itself: version, after its name if that differs */
	struct strs capabilities; /**< what it can do */

	/* how */
	char *accel;	    /**< "kvm" or "tcg" */
	char *accel_why;    /**< why that one, one line */
	char *command;	    /**< the shell command of this run, without its --tests */
	char *selection;    /**< the globs that chose the tests */
	char *started;	    /**< when, UTC, ISO 8601 */
	long long seed;	    /**< of the suite's random numbers */
	double seconds;	    /**< from the first QEMU start to the verdict, host clock */
	unsigned int part;  /**< it is this part, from 1, ... */
	unsigned int parts; /**< ... of so many; 0: it is the whole */
	size_t of_tests;    /**< of a part: tests of all parts together */
	bool strict;	    /**< an uncovered attachable hook is a failure */
	bool cut;	    /**< not everything planned was run */
	enum run_stop stop; /**< see there */
	char *stop_cause;   /**< machine-readable: no-btf, no-bpf-lsm, lsm-order, ... */
	char *stop_text;    /**< one line: the cause and what to do about it */

	/* against what it was measured; see gate.h */
	char *baseline;	     /**< the results file to be no worse than, or NULL */
	struct strs worse;   /**< one line for each test that became worse */
	struct strs better;  /**< one line for each test that became better */
	size_t known;	     /**< red tests that were as red in the baseline */
	struct strs changes; /**< hooks that came, went, or take other programs than there */
	struct strs costs;   /**< hooks whose programs cost more or less than there */
	size_t dearer;	     /**< how many cost more than is allowed; 0 where no limit was set */

	/* by which waivers it was judged; see waivers.h */
	struct strs waiver_files; /**< the layers */
	struct strs stale;	  /**< a line for each waiver that makes the run red by itself */

	struct run_test *tests;		      /**< sorted by id */
	size_t n_tests;			      /**< how many */
	size_t cap_tests;		      /**< room, see ARRAY_PUSH() */
	struct run_hook *hooks;		      /**< sorted by name */
	size_t n_hooks;			      /**< how many */
	size_t cap_hooks;		      /**< room */
	struct run_requirement *requirements; /**< sorted by id */
	size_t n_requirements;		      /**< how many */
	size_t cap_requirements;	      /**< room */
	struct run_splat *splats;	      /**< in the order in which they came */
	size_t n_splats;		      /**< how many */
	size_t cap_splats;		      /**< room */
	struct run_boot *boots;		      /**< in order */
	size_t n_boots;			      /**< how many */
	size_t cap_boots;		      /**< room */
	struct strs notes;  /**< what the guest wanted to say, with the id in front */
	struct strs faults; /**< what was wrong with the run itself; one makes it red */
};

/** Adds a test without a result. Call run_sort() before any lookup. */
struct run_test *run_add_test(struct run *run, const char *id);

/** Sorts tests, hooks and requirements. */
void run_sort(struct run *run);

/** The test with that id, or NULL. */
struct run_test *run_test_find(const struct run *run, const char *id);

/** The hook with that name, or NULL. */
struct run_hook *run_hook_find(const struct run *run, const char *name);

/** The hook with that name, added in its place if it is new. */
struct run_hook *run_hook_add(struct run *run, const char *name);

/**
 * What a guest says of a hook's reach: one in which a hook can be called stands against all that
 * lack the module for it.
 */
void run_hook_reach(struct run_hook *h, bool unreachable, bool untriggered);

/** The requirement with that id, or NULL. */
const struct run_requirement *run_requirement_find(const struct run *run, const char *id);

/** Records that the run itself went wrong. Bounded: a flood ends in "and more". */
void run_fault(struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Records a note. Bounded as run_fault(). */
void run_note(struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Gives every test that has none yet the result broken with @reason. Returns how many. */
size_t run_close(struct run *run, const char *reason);

/** Counts the tests by result into @totals (RESULT_COUNT numbers). */
void run_totals(const struct run *run, size_t *totals);

/**
 * Moves all rows of @from into @into and empties @from; call run_sort() afterwards. What is said
 * once in a run (kernel, LSMs, ...) is kept where @into has it already.
 */
void run_merge(struct run *into, struct run *from);

/** What a run says of the kernel's hooks, in numbers. */
struct run_hook_counts {
	size_t attachable;  /**< they take a program */
	size_t sleepable;   /**< they take a sleepable one */
	size_t fire;	    /**< their test `fires` passed */
	size_t unreachable; /**< attachable, and proven that nothing calls them */
	size_t untriggered; /**< attachable, and made to happen by no test yet */
	size_t uncovered;   /**< attachable, and without an entry in the catalogue */
};

/** Counts. */
struct run_hook_counts run_count_hooks(const struct run *run);

/**
 * The semantics that the tests of a hook name, over all hooks: "fires" for hook/file_open/fires.
 * A deeper id counts for its first part. In the order in which a reader wants them.
 */
void run_semantics(const struct run *run, struct strs *out);

/** The worst result of hook/@hook/@semantic and all below it. Returns 0, or -1 if none ran. */
int run_hook_result(const struct run *run, const char *hook, const char *semantic,
		    enum result *result);

/** The shell command that runs @id again; NULL: the whole selection. Free with free(). */
char *run_command(const struct run *run, const char *id);

/** What came of a test's second try, "pass" or "fail: why"; NULL: there was none. free() it. */
char *run_second(const struct run_test *t);

/** Frees all that the run owns and empties it. */
void run_free(struct run *run);

#endif
