// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/hooks/ring.h"

#define PROBED 256

static struct {
	int fd;
	struct io_uring_params params;
	char *rings; /* of submissions and of completions: one mapping since 5.4 */
	struct io_uring_sqe *requests;
} ring = { .fd = -1 };

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(ring.rings + offset);
}

void ring_open(void)
{
	const struct io_uring_params *p = &ring.params;
	size_t requests, results;

	ring.fd = syscall(SYS_io_uring_setup, 1, &ring.params);
	if (ring.fd < 0)
		return;
	requests = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	results = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	ring.rings = mmap(NULL, requests > results ? requests : results, PROT_READ | PROT_WRITE,
			  MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
	ring.requests = mmap(NULL, sizeof(*ring.requests), PROT_READ | PROT_WRITE, MAP_SHARED,
			     ring.fd, IORING_OFF_SQES);
	if (ring.rings != MAP_FAILED && ring.requests != MAP_FAILED)
		return;
	close(ring.fd);
	ring.fd = -1;
}

int ring_run(const struct io_uring_sqe *request)
{
	const struct io_uring_params *p = &ring.params;
	const struct io_uring_cqe *results;
	uint32_t *head;

	if (ring.fd < 0)
		return -ENOSYS;
	ring.requests[0] = *request;
	*word(p->sq_off.array) = 0;
	atomic_fetch_add((_Atomic uint32_t *)word(p->sq_off.tail), 1);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -errno;
	head = word(p->cq_off.head);
	if (*head == atomic_load((_Atomic uint32_t *)word(p->cq_off.tail)))
		return -ENODATA;
	results = (const struct io_uring_cqe *)(ring.rings + p->cq_off.cqes);
	return results[(*head)++ & *word(p->cq_off.ring_mask)].res;
}

bool ring_can(unsigned int opcode)
{
	struct {
		struct io_uring_probe head;
		struct io_uring_probe_op op[PROBED];
	} probe = {};
	struct io_uring_params params = {};
	int fd = syscall(SYS_io_uring_setup, 1, &params);
	bool can;

	if (fd < 0)
		return false;
	can = !syscall(SYS_io_uring_register, fd, IORING_REGISTER_PROBE, &probe, PROBED) &&
	      opcode <= probe.head.last_op && probe.op[opcode].flags & IO_URING_OP_SUPPORTED;
	close(fd);
	return can;
}
