/* SPDX-License-Identifier: GPL-2.0-only */
/* What the lines of a console say about a boot: marks of the guest's init, accidents, causes. */
#ifndef KRSI_VERDICT_H
#define KRSI_VERDICT_H

#include <stdbool.h>
#include "vm-images/watch.h"

/**
 * struct verdict - what was learned so far. Zeroed but for @cmdline: the start of a console.
 * @cmdline: the kernel command line, or NULL.
 * @out: gets splats, tail, LSMs, cause, exit code and counts.
 * @reached_init: the first mark was seen.
 * @end_seen: the end mark was seen, and the kernel did not die after it.
 * @panicked: the kernel panicked (an oops does not end a machine by itself).
 * @no_btf: init found no BTF.
 * @tail_at: where the next line of the tail goes.
 * @cause_line: the console line that told the cause.
 */
struct verdict {
	const char *cmdline;
	struct watch_outcome *out;
	bool reached_init;
	bool end_seen;
	bool panicked;
	bool no_btf;
	size_t tail_at;
	char cause_line[160];
};

/**
 * verdict_line - the next console line.
 * Return: whether the line shows that the guest makes progress; the kernel's complaints about a
 * machine that stands still do not.
 */
bool verdict_line(struct verdict *v, const char *line);

/**
 * verdict_end - put the tail in order, settle the cause and write @out->text. @out->ended,
 * seconds and QEMU's errors must be set.
 */
void verdict_end(struct verdict *v);

/** verdict_natural_end - how a boot ended if QEMU ended by itself after what was seen. */
enum watch_end verdict_natural_end(const struct verdict *v);

#endif
