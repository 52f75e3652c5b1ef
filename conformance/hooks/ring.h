/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring as one more way to a behaviour: a request a time, by raw system calls. */
#ifndef KRSI_HOOKS_RING_H
#define KRSI_HOOKS_RING_H

#include <linux/io_uring.h>
#include <stdbool.h>

/* Opens the subject's ring, in set-up. Does nothing where the kernel has none or lends it not. */
void ring_open(void);
/* Submits a request and waits for its result, which is that of the system call. */
int ring_run(const struct io_uring_sqe *request);
/* Can the kernel's rings do this operation? For the probe of a route. */
bool ring_can(unsigned int opcode);

/* The probe of an operation: `lacks_ring_OP`. */
#define RING_PROBE(op)                                                                             \
	static const char *lacks_ring_##op(void)                                                   \
	{                                                                                          \
		return ring_can(IORING_OP_##op) ? NULL : "no io_uring here does " #op;             \
	}

/* Operations that headers older than Linux 6.11 do not name. */
enum { RING_OP_BIND = 56, RING_OP_LISTEN = 57 };
#define IORING_OP_BIND	 RING_OP_BIND
#define IORING_OP_LISTEN RING_OP_LISTEN

#endif
