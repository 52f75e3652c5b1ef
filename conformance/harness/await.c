// SPDX-License-Identifier: GPL-2.0-only
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/await.h"

#define TICK_MS 100

bool await__end(pid_t pid, int seconds)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ended = { .fd = fd, .events = POLLIN };
	long ticks = seconds * (1000L / TICK_MS);
	int n = 0;

	if (fd < 0)
		return true;
	while (ticks-- > 0 && !(n = poll(&ended, 1, TICK_MS)))
		;
	close(fd);
	return n != 0;
}
