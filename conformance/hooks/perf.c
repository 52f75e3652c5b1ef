// SPDX-License-Identifier: GPL-2.0-only
/* Performance events. Software events only: they exist everywhere. */
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/descriptor.h"

/* PERF_SECURITY_OPEN of the kernel's <linux/perf_event.h>: the right to call perf_event_open. */
#define SECURITY_OPEN 0

/* What the events of these tests count: a process makes it happen when it touches a page. */
#define COUNTED PERF_COUNT_SW_PAGE_FAULTS

/* What the route that ran should have left behind. */
static bool (*left)(struct subject *s);

static bool as_left(struct subject *s)
{
	return left(s);
}

static int open_event(bool kernel, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = COUNTED,
		.disabled = 1,
		.exclude_kernel = !kernel,
		.exclude_hv = 1,
	};

	return SYS(syscall(SYS_perf_event_open, &attr, cpu < 0 ? 0 : -1, cpu, -1,
			   PERF_FLAG_FD_CLOEXEC));
}

static int open_own(struct subject *s)
{
	return open_event(false, -1);
}

static int open_kernel(struct subject *s)
{
	return open_event(true, -1);
}

static int open_cpu(struct subject *s)
{
	return open_event(false, 0);
}

/* Events of the kernel and of a CPU need further rights, asked for by further calls. */
HOOK(perf_event_open, FAMILY_KERNEL, .setup = expect_fd,
     .route = { { "own", open_own }, { "kernel", open_kernel }, { "cpu", open_cpu } },
     .effect = fd_came, .only = WANT_NUM("type", SECURITY_OPEN));

HOOK(perf_event_alloc, FAMILY_KERNEL, .setup = expect_fd,
     .route = { { "own", open_own }, { "kernel", open_kernel }, { "cpu", open_cpu } },
     .effect = fd_came,
     .args = { WANT_WORD("event", KRSI_A, PERF_TYPE_SOFTWARE),
	       WANT_WORD("event", KRSI_B, COUNTED) });

/* s->fd[0] is an event. */
static int event(struct subject *s)
{
	s->fd[0] = open_event(false, -1);
	return s->fd[0] < 0 ? s->fd[0] : 0;
}

/* ... and s->mem an address at which nothing is mapped. */
static int event_and_hole(struct subject *s)
{
	s->len = 2 * sysconf(_SC_PAGESIZE);
	s->mem = mmap(NULL, s->len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRY((long)s->mem);
	TRY(munmap(s->mem, s->len));
	s->val[0] = -1;
	return event(s);
}

static int do_close(struct subject *s)
{
	return SYS(close(s->fd[0]));
}

VOID_HOOK(perf_event_free, FAMILY_KERNEL, .setup = event, .route = { { "close", do_close } },
	  .args = { WANT_WORD("event", KRSI_A, PERF_TYPE_SOFTWARE),
		    WANT_WORD("event", KRSI_B, COUNTED) });

static bool wrote_count(struct subject *s)
{
	/* an event that does not count has counted 0 */
	return s->val[0] == 0;
}

static int do_read(struct subject *s)
{
	left = wrote_count;
	return SYS(read(s->fd[0], s->val, sizeof(s->val[0])));
}

static bool mapped(struct subject *s)
{
	unsigned char in_core[2];

	return !mincore(s->mem, s->len, in_core);
}

static int map(struct subject *s)
{
	void *at;

	left = mapped;
	at = mmap(s->mem, s->len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE,
		  s->fd[0], 0);
	return at == MAP_FAILED ? -errno : 0;
}

HOOK(perf_event_read, FAMILY_KERNEL, .setup = event_and_hole,
     .route = { { "read", do_read }, { "mmap", map } }, .effect = as_left,
     .args = { WANT_WORD("event", KRSI_A, PERF_TYPE_SOFTWARE),
	       WANT_WORD("event", KRSI_B, COUNTED) });

/*
 * It counts what happens from now on. (The time for which it was enabled says less: with a clock
 * that is not stable the kernel's own stands still when a tick is late.)
 */
static bool enabled(struct subject *s)
{
	uint64_t count = 0;
	volatile char *page =
		mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool counted;

	if (page == MAP_FAILED)
		return false;
	*page = 1;
	counted = read(s->fd[0], &count, sizeof(count)) == sizeof(count) && count > 0;
	munmap((void *)page, 1);
	return counted;
}

static int enable(struct subject *s)
{
	left = enabled;
	return SYS(ioctl(s->fd[0], PERF_EVENT_IOC_ENABLE, 0));
}

static bool wrote_id(struct subject *s)
{
	return s->val[0] != -1;
}

static int get_id(struct subject *s)
{
	left = wrote_id;
	return SYS(ioctl(s->fd[0], PERF_EVENT_IOC_ID, &s->val[0]));
}

HOOK(perf_event_write, FAMILY_KERNEL, .setup = event_and_hole,
     .route = { { "perf_event_ioc_enable", enable }, { "perf_event_ioc_id", get_id } },
     .effect = as_left,
     .args = { WANT_WORD("event", KRSI_A, PERF_TYPE_SOFTWARE),
	       WANT_WORD("event", KRSI_B, COUNTED) });
