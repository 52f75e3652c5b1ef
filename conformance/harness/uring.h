/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring as a way to a behaviour: one request at a time. The kernel works on it in a thread of
 * the calling process, so the programs that select the subject see it.
 */
#ifndef KRSI_HARNESS_URING_H
#define KRSI_HARNESS_URING_H

#include <linux/io_uring.h>
#include <stdint.h>

/* Prepares the process's ring, in a set-up. 0, or -errno; 0 too where io_uring is not there, so
 * that the other routes of an entry go on. */
int uring__open(void);

/* Gives one request to the kernel and waits for its result, as >= 0 or -errno. -ENOSYS without a
 * ring. */
int uring__run(const struct io_uring_sqe *sqe);

/* For probes of routes: NULL if the kernel does this operation (enum io_uring_op) in a thread of
 * the calling process, else why not. */
const char *uring__lacks(unsigned int op);

/* An address in a request. */
#define URING_ADDR(p) (uintptr_t)(p)

/* The act uring_<name>, which asks for IORING_OP_<op> with these fields, and its probe
 * no_uring_<name>. */
#define URING_ROUTE(name, op, ...)                                                                 \
	static int uring_##name(struct subject *s)                                                 \
	{                                                                                          \
		const struct io_uring_sqe sqe = { .opcode = IORING_OP_##op, __VA_ARGS__ };         \
                                                                                                   \
		return uring__run(&sqe);                                                           \
	}                                                                                          \
	static const char *no_uring_##name(void)                                                   \
	{                                                                                          \
		return uring__lacks(IORING_OP_##op);                                               \
	}

#endif
