/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run of a catalogue entry: a subject makes the behaviour happen while the program on the hook
 * is armed, and everything that could be seen of it comes back.
 */
#ifndef KRSI_HARNESS_CASE_H
#define KRSI_HARNESS_CASE_H

#include "conformance/harness/hook.h"
#include "conformance/harness/test.h"

/* More events than any entry counts; further ones are counted but not kept. */
#define CASE_EVENTS 64

/* A want with its value looked up; KRSI_S compares text. */
struct case_value {
	int arg;    /* index in krsi_event.arg */
	bool has_b; /* device too, with files */
	uint64_t a, b, mask;
};

/* What was seen. */
struct case_seen {
	int ret;	/* of act */
	bool effect;	/* the behaviour took place (false too where the entry has no `effect`) */
	uint64_t calls; /* matching calls that the implementation counted */
	uint64_t lost;
	unsigned int nr_events; /* all that arrived */
	struct krsi_event event[CASE_EVENTS];
	bool stray; /* an event that is truncated or of another program */
	struct case_value want[KRSI_MAX_WANTS];
};

struct case_options {
	int route;	    /* index in entry->route */
	int32_t verdict;    /* returned for matching calls */
	bool expect_calls;  /* wait, with async entries, until the expected calls have come */
	unsigned int calls; /* how many those are */
	bool bystander;	    /* arm for a session that is not the subject's */
	struct krsi_prog *detached; /* armed as well: it must not run */
	int32_t detached_verdict;   /* what it returns if it does */
};

/* Runs the entry once with prog armed. Ends the test as broken where set-up fails. */
void case__run(struct krsi_run *t, const struct krsi_hook_entry *entry, struct krsi_prog *prog,
	       const struct case_options *options, struct case_seen *seen);

/* Finds a parameter by one of the names "a|b"; NULL if the hook has none of them. */
const struct krsi_param *case__param(const struct krsi_hook *hook, const char *names);

/* Which word of an argument a want compares (not SOURCE_TEXT). */
enum krsi_field case__field(const struct krsi_want *want);

#endif
