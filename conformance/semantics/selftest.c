// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the harness and of what watches it: each ends in the way its name says. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "conformance/harness/test.h"

KRSI_TEST(self_pass, .id = "selftest/pass", .summary = "passes", .selftest = true)
{
	test__equal(t, 1, 1, "one");
}

KRSI_TEST(self_fail, .id = "selftest/fail", .summary = "fails", .selftest = true)
{
	test__errno(t, -EPERM, 0, "a denied call");
}

KRSI_TEST(self_skip, .id = "selftest/skip", .summary = "is skipped for an unmet need",
	  .selftest = true, .needs = { .path = { "/nonexistent" } })
{
	test__fail(t, "not run", "run", "a test with an unmet need runs");
}

KRSI_TEST(self_broken, .id = "selftest/broken", .summary = "its process dies", .selftest = true)
{
	raise(SIGSEGV);
}

KRSI_TEST(self_timeout, .id = "selftest/timeout", .summary = "does not end", .selftest = true)
{
	for (;;)
		pause();
}

static void sysrq(const char *key)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, key, 1) != 1)
		abort();
}

KRSI_TEST(self_crash, .id = "selftest/crash", .summary = "crashes the kernel", .selftest = true)
{
	sysrq("c");
}

KRSI_TEST(self_silent, .id = "selftest/silent", .summary = "the machine goes off at once",
	  .selftest = true)
{
	/* b: reboot without sync, which with -no-reboot ends the guest in the middle of a run */
	sysrq("b");
}

KRSI_TEST(self_hang, .id = "selftest/hang", .summary = "the machine stops running processes",
	  .selftest = true)
{
	kill(-1, SIGSTOP);
	kill(1, SIGSTOP);
}
