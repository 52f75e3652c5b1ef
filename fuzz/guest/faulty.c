// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the tests of the proxy and of campaigns: an input says with its first letter what becomes of
 * it. What is not named here is well.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz/guest/agent.h"

static void set_up(void)
{
}

static void panic(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "c", 1) != 1)
		agent_die("/proc/sysrq-trigger");
}

static void run(void)
{
	switch (agent_shared->size ? agent_shared->input[0] : 0) {
	case 'f':
		agent_say("what was asked for");
		break;
	case 'p':
		panic();
		break;
	case 'd':
		agent_die("what was asked for");
	case 's': /* long enough to be ended from outside */
		sleep(3);
		break;
	default:
		agent_edge(1, agent_shared->input[0]);
	}
}

const struct agent_target target_faulty = { "faulty", set_up, run };
