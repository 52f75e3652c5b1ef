/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process of its own that holds what tests find attached, with a pipe to it and one from it. It
 * dies with the process that started it.
 */
#ifndef KRSI_HARNESS_HOLDER_H
#define KRSI_HARNESS_HOLDER_H

#include <sys/types.h>

/* Loading or attaching all takes many seconds, and a silent machine would count as dead: after so
 * many hooks it is told how far that is. */
#define HOLDER_TOLD_EACH 32

struct holder {
	pid_t pid;	     /* 0: none yet */
	int command, report; /* our ends of the pipes */
};

/* Starts one that runs fn with its own ends of the pipes, and ends when fn returns. 0 or -errno. */
int holder__start(struct holder *holder, void (*fn)(void *arg, int command, int report), void *arg);

#endif
