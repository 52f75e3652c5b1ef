/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors as evidence: was one installed, was one closed? */
#ifndef KRSI_HOOKS_DESCRIPTOR_H
#define KRSI_HOOKS_DESCRIPTOR_H

#include <fcntl.h>
#include <unistd.h>

#include "conformance/harness/subject.h"

/* The number that the next new descriptor gets; -errno if there is no room. */
static inline int next_fd(void)
{
	int fd = dup(STDIN_FILENO);

	/* the lowest free number is the next one too, once given back */
	return fd < 0 ? -errno : close(fd) ? -errno : fd;
}

/* Is the descriptor open? */
static inline bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* For set-ups and effects: where the number of the next descriptor is kept in s->val. */
#define NEXT_FD (SUBJECT_SLOTS - 1)

/* Keeps that number, as the last step of a set-up; 0 or -errno. */
static inline int expect_fd(struct subject *s)
{
	s->val[NEXT_FD] = next_fd();
	return s->val[NEXT_FD] < 0 ? s->val[NEXT_FD] : 0;
}

/* Was the descriptor installed that was expected? */
static inline bool fd_came(struct subject *s)
{
	return is_open(s->val[NEXT_FD]);
}

#endif
