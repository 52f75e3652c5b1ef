/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KRSI_SPEC_H
#define KRSI_SPEC_H

#include <stddef.h>

/**
 * enum krsi_level - how binding a requirement is
 * @MUST: a kernel that breaks it does not conform; the test that shows it fails.
 * @SHOULD: good behaviour that a kernel may have a reason to leave out.
 */
enum krsi_level { MUST, SHOULD };

/**
 * struct krsi_requirement - one numbered promise of a KRSI implementation
 *
 * All strings are constant ASCII and live as long as the program. A test names the ids that it
 * checks; a report prints the text of the id that failed.
 */
struct krsi_requirement {
	/**
	 * @id: "PREFIX-NNN", three digits. Permanent: an id is never used again for another
	 * promise, and a promise that is withdrawn leaves a gap.
	 *
	 *   HOOK what a hook call means to a program   ATT  attaching and detaching
	 *   LOAD what the kernel takes at load         ORD  several programs on one hook
	 *   RET  return values and defaults            SLP  sleepable programs
	 *   AUD  events to userspace                   HLP  helpers and kfuncs
	 *   PRV  privilege                             LIF  life of programs and links
	 *   NEU  no effect unless asked for            CGR  programs bound to a cgroup
	 *   ENV  reading the environment of an exec    REF  interface of the reference
	 *   SCN  whole policies
	 */
	const char *id;
	/** @level: agrees with the one MUST or SHOULD in @text. */
	enum krsi_level level;
	/** @text: one plain sentence that a single test can show to be false. */
	const char *text;
	/** @source: where the promise comes from: kernel function, document, or interface rule. */
	const char *source;
	/**
	 * @since: release in which the promise began, NULL if it is as old as the interface
	 * it is about. It only documents: a test asks the kernel and never compares versions.
	 */
	const char *since;
	/** @until: release that ended the promise, NULL if it holds. It only documents, too. */
	const char *until;
	/** @untested: why no test checks it yet, in plain words; NULL if at least one does. */
	const char *untested;
};

/** All requirements, grouped by prefix and ascending by number within a prefix. */
extern const struct krsi_requirement krsi_spec[];

/** Number of entries in krsi_spec. */
extern const size_t krsi_spec_len;

/**
 * spec__find - look a requirement up by its id
 * @id: exact id such as "HOOK-001"; NULL is allowed
 *
 * Return: the entry of krsi_spec, or NULL if there is none with that id.
 */
const struct krsi_requirement *spec__find(const char *id);

/**
 * spec__level_name - the word for a level
 * @level: level of a requirement
 *
 * Return: "MUST" or "SHOULD".
 */
const char *spec__level_name(enum krsi_level level);

#endif
