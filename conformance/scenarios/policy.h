/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the scenarios have in common: a policy is a program with lists of its own, which userspace
 * changes while the program is attached.
 */
#ifndef KRSI_SCENARIOS_POLICY_H
#define KRSI_SCENARIOS_POLICY_H

#include "conformance/semantics/program.h"

/* An attached program, and one of its lists (a hash map whose keys are what is listed). */
struct policy {
	struct krsi_run *t;
	struct io *io; /* its memory; see the program for what it holds */
	struct krsi_prog *prog;
	int list;
};

/* Loads and attaches "object:function" of this folder; `list` may be NULL. Ends the test where that
 * does not succeed. */
struct policy policy__start(struct krsi_run *t, const char *name, const char *list);
/* Puts an entry on the list, or takes it off, from now on. */
void policy__add(const struct policy *p, const void *entry);
void policy__remove(const struct policy *p, const void *entry);

/* Executes the file in a child, with one variable (NULL: none). >= 0: what it exited with; below 0:
 * -errno of the exec. SIGNALLED + n: a signal n killed it. */
#define SIGNALLED 1000
int policy__exec(const char *path, char *variable);

#endif
