// SPDX-License-Identifier: GPL-2.0-only
/* io_uring, by raw system calls. */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/descriptor.h"

#define ENTRIES 4
/* The user whose credentials are registered, and the number of the command. */
#define OTHER_USER 1234
#define COMMAND	   0x6b

/* The one ring of a test. */
static struct {
	int fd;
	char *rings; /* submission and completion ring, one mapping since 5.4 */
	struct io_uring_sqe *sqes;
	struct io_uring_params params;
} ring;

static int set_up(unsigned int flags)
{
	memset(&ring.params, 0, sizeof(ring.params));
	ring.params.flags = flags;
	ring.params.sq_thread_idle = 1;
	return SYS(syscall(SYS_io_uring_setup, ENTRIES, &ring.params));
}

static int map_ring(void)
{
	const struct io_uring_params *p = &ring.params;
	size_t sq, cq;

	ring.fd = set_up(0);
	if (ring.fd < 0)
		return ring.fd;
	sq = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	cq = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	ring.rings = mmap(NULL, sq > cq ? sq : cq, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
			  IORING_OFF_SQ_RING);
	ring.sqes = mmap(NULL, p->sq_entries * sizeof(*ring.sqes), PROT_READ | PROT_WRITE,
			 MAP_SHARED, ring.fd, IORING_OFF_SQES);
	return ring.rings == MAP_FAILED || (void *)ring.sqes == MAP_FAILED ? -errno : 0;
}

/* Submits the first n entries, waits until all are complete, returns the result of the first. */
static int submit(unsigned int n)
{
	const struct io_uring_params *p = &ring.params;
	_Atomic uint32_t *tail = (void *)(ring.rings + p->sq_off.tail);
	uint32_t *array = (void *)(ring.rings + p->sq_off.array);
	const struct io_uring_cqe *cqes = (void *)(ring.rings + p->cq_off.cqes);
	_Atomic uint32_t *done = (void *)(ring.rings + p->cq_off.tail);

	for (unsigned int i = 0; i < n; i++) {
		ring.sqes[i].user_data = i;
		array[i] = i;
	}
	atomic_store(tail, n);
	if (syscall(SYS_io_uring_enter, ring.fd, n, n, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	for (uint32_t i = 0; i < atomic_load(done); i++)
		if (cqes[i].user_data == 0)
			return cqes[i].res;
	return -ENODATA;
}

static int plain_ring(struct subject *s)
{
	return set_up(0);
}

static int polled_ring(struct subject *s)
{
	return set_up(IORING_SETUP_SQPOLL);
}

/* Neither hook has parameters. */
HOOK(uring_allowed, FAMILY_KERNEL, .setup = expect_fd,
     .route = { { "io_uring_setup", plain_ring } }, .effect = fd_came);

HOOK(uring_sqpoll, FAMILY_KERNEL, .setup = expect_fd,
     .route = { { "ioring_setup_sqpoll", polled_ring } }, .effect = fd_came);

/* A ring at which another user's credentials are registered; that user may write here. */
static int ring_of_two(struct subject *s)
{
	int err = map_ring();

	if (err)
		return err;
	TRY(chmod(".", 0777));
	TRY(seteuid(OTHER_USER));
	s->val[0] = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0);
	err = s->val[0] < 0 ? -errno : 0;
	TRY(seteuid(0));
	ring.sqes[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t) "new",
		.len = 0600,
		.open_flags = O_CREAT | O_WRONLY,
		.personality = s->val[0],
	};
	return err;
}

static int submit_one(struct subject *s)
{
	return submit(1);
}

static bool made_by_other(struct subject *s)
{
	struct stat st;

	return !stat("new", &st) && st.st_uid == OTHER_USER;
}

HOOK(uring_override_creds, FAMILY_KERNEL, .setup = ring_of_two,
     .route = { { "personality", submit_one } }, .effect = made_by_other,
     .args = { WANT_WORD("new", KRSI_B, OTHER_USER) });

/* A command for /dev/null, which does nothing, with a write that runs only if the command does. */
static int ring_with_command(struct subject *s)
{
	struct stat st;
	int err = map_ring();

	if (!err)
		err = open_slot(s, 0, "/dev/null", O_RDWR, 0);
	if (!err)
		err = open_slot(s, 1, "written", O_CREAT | O_WRONLY, 0600);
	if (err)
		return err;
	TRY(fstat(s->fd[0], &st));
	s->val[0] = st.st_ino;
	ring.sqes[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_URING_CMD,
		.flags = IOSQE_IO_LINK,
		.fd = s->fd[0],
		.cmd_op = COMMAND,
	};
	ring.sqes[1] = (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.fd = s->fd[1],
		.addr = (uintptr_t) "krsi",
		.len = 4,
	};
	return 0;
}

static int submit_both(struct subject *s)
{
	return submit(2);
}

static bool went_on(struct subject *s)
{
	return file_is("written", "krsi");
}

HOOK(uring_cmd, FAMILY_KERNEL, .setup = ring_with_command, .route = { { "null", submit_both } },
     .effect = went_on,
     .args = { WANT_VAL("ioucmd", KRSI_A, 0), WANT_WORD("ioucmd", KRSI_B, COMMAND),
	       WANT_TEXT("ioucmd", "null") },
     .needs.path = { "/dev/null" });
