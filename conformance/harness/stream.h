/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run tells the outside: the event stream (one JSON object a line, version 1), or KTAP for
 * a person. Silence is failure: every record is written whole at once, carries a sequence number,
 * and a write that fails ends the program.
 */
#ifndef KRSI_HARNESS_STREAM_H
#define KRSI_HARNESS_STREAM_H

#include "conformance/harness/cost.h"
#include "conformance/harness/test.h"

struct stream;

/* Opens `path` for events; NULL: KTAP on standard output. NULL with errno set on error. */
struct stream *stream__open(const char *path);
void stream__close(struct stream *stream);
/*
 * Ends the program with 5 and a line on standard error: what it had to tell did not all arrive in
 * the file `path` (NULL: on standard output), for the reason in errno.
 */
_Noreturn void stream__lost(const char *path);

/*
 * All that comes before the first test is done, or all of a recording. The console's word for it
 * (vm-images/warm.h) lets the host keep the guest as it is now.
 */
void stream__ready(struct stream *stream);

void stream__suite_start(struct stream *stream, const struct krsi_description *desc, size_t planned,
			 unsigned long seed);
/* entry: the catalogue's, or NULL; needs_met: are its needs? */
void stream__hook(struct stream *stream, const struct krsi_hook *hook,
		  const struct krsi_hook_entry *entry, bool needs_met);
/* What the steered program on a hook costs. */
void stream__program(struct stream *stream, const char *hook, const struct cost *cost);
/* Returns when it has left the machine: what the test does to that is laid to the test. */
void stream__test_start(struct stream *stream, const struct krsi_test *test);
void stream__test_end(struct stream *stream, const struct krsi_test *test,
		      const struct krsi_report *report, double seconds);
void stream__note(struct stream *stream, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* One outcome of the recorded workload. */
void stream__outcome(struct stream *stream, const char *name, const char *value);
/* The suite cannot run; nothing may follow. Causes: no-btf no-bpf-lsm lsm-order adapter usage
 * workload. */
void stream__fatal(struct stream *stream, const char *cause, const char *text);
/* totals: RESULTS numbers. */
void stream__suite_end(struct stream *stream, const unsigned int *totals, double seconds);

/* "pass", "fail", ... */
const char *result__name(enum krsi_result result);

#endif
