// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/uring.h"

/* The ring of this process: one entry. */
static struct {
	int fd;
	struct io_uring_params params;
	char *sq, *cq; /* mapped ring heads, tails and completions */
	struct io_uring_sqe *sqe;
} ring = { .fd = -1 };

static int setup(struct io_uring_params *params)
{
	return syscall(SYS_io_uring_setup, 1, params);
}

static void *map(size_t size, off_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, offset);
}

static unsigned int *word(char *base, unsigned int offset)
{
	return (unsigned int *)(base + offset);
}

int uring__open(void)
{
	const struct io_uring_params *p = &ring.params;

	ring.fd = setup(&ring.params);
	if (ring.fd < 0)
		return errno == ENOSYS || errno == EPERM ? 0 : -errno;
	ring.sq = map(p->sq_off.array + p->sq_entries * sizeof(unsigned int), IORING_OFF_SQ_RING);
	ring.cq = map(p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
		      IORING_OFF_CQ_RING);
	ring.sqe = map(p->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	if (ring.sq == MAP_FAILED || ring.cq == MAP_FAILED || ring.sqe == MAP_FAILED)
		return -errno;
	return 0;
}

int uring__run(const struct io_uring_sqe *sqe)
{
	const struct io_uring_cqe *cqe;
	unsigned int *tail, *head;
	int res;

	if (ring.fd < 0)
		return -ENOSYS;
	*ring.sqe = *sqe;
	*word(ring.sq, ring.params.sq_off.array) = 0;
	tail = word(ring.sq, ring.params.sq_off.tail);
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	head = word(ring.cq, ring.params.cq_off.head);
	if (__atomic_load_n(word(ring.cq, ring.params.cq_off.tail), __ATOMIC_ACQUIRE) == *head)
		return -EIO;
	cqe = (const struct io_uring_cqe *)(ring.cq + ring.params.cq_off.cqes) +
	      (*head & *word(ring.cq, ring.params.cq_off.ring_mask));
	res = cqe->res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return res;
}

const char *uring__lacks(unsigned int op)
{
	struct {
		struct io_uring_probe head;
		struct io_uring_probe_op op[64];
	} probe = {};
	struct io_uring_params params = {};
	int fd = setup(&params), err;

	if (fd < 0)
		return "no io_uring, or not for us";
	err = syscall(SYS_io_uring_register, fd, IORING_REGISTER_PROBE, &probe, 64);
	close(fd);
	if (!(params.features & IORING_FEAT_NATIVE_WORKERS))
		return "io_uring works in kernel threads here, which belong to no process";
	if (err < 0 || op >= probe.head.ops_len || !(probe.op[op].flags & IO_URING_OP_SUPPORTED))
		return "io_uring has no such operation here";
	return NULL;
}
