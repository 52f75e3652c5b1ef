/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page that is served late: a process, the sleeper, has a page that is not there, and opens files
 * while a program that answers it copies from that page. Whoever touches the page waits until
 * late__serve. Every function ends the test where it does not succeed.
 */
#ifndef KRSI_SEMANTICS_LATE_H
#define KRSI_SEMANTICS_LATE_H

#include "conformance/bpf/io.h"
#include "conformance/semantics/scene.h"

#define LATE_TASKS 32

/* Written by the sleeper. */
struct late_shared {
	int uffd;		/* its number in the sleeper */
	int result[LATE_TASKS]; /* of each task's open */
	int signals;		/* that its handler took */
};

struct late {
	pid_t pid; /* leader of the session that the program is to answer */
	int pidfd;
	int tasks;
	int uffd; /* by which the page is served */
	int go[2], ready[2];
	void *page;
	struct late_shared *shared;
	struct io *io; /* of the program */
	struct krsi_prog *prog;
	struct krsi_link *link;
};

/* Content of the page once it is served. */
#define LATE_TEXT "read from a page that came late"

/* Makes `tasks` files late.0 ... and the sleeper, which waits to be told; then loads the program,
 * attaches it, and sets it up to copy from the page and to return `verdict` to the sleeper. (In
 * this order, so that the sleeper holds no descriptor of the program.) */
void late__begin(struct krsi_run *t, struct late *l, int tasks, const char *named, int verdict);
/* Lets each task of the sleeper open its file for writing with O_TRUNC. */
void late__go(struct krsi_run *t, struct late *l);
/* Waits until `tasks` different tasks wait for the page; each is then asleep in the program. */
void late__await(struct krsi_run *t, struct late *l, int tasks);
void late__serve(struct krsi_run *t, struct late *l);
/* Does anyone wait for the page right now? */
bool late__wanted(const struct late *l);
/* Waits for the end of the sleeper; returns its status as of waitpid. */
int late__end(struct krsi_run *t, struct late *l);

/* Is the file of the i-th task as it was? */
bool late__intact(int i);

#endif
