// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the last program of a hook has just left its cgroup, the next one takes over what calls
 * programs there while that is about to be freed, and is never called: it is attached, and does not
 * deny. If it is detached again before the freeing, the kernel's list of work is broken.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "defect.h"

static int bound(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0),
	    ret = bind(fd, (struct sockaddr *)&any, sizeof(any));

	close(fd);
	return !ret;
}

/* Nothing else runs on this CPU, the freeing neither, until this process waits for something. */
static int stay(void)
{
	const struct sched_param first = { .sched_priority = 1 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	return sched_setaffinity(0, sizeof(one), &one) ?: sched_setscheduler(0, SCHED_FIFO, &first);
}

/*
 * This file is read only after each CPU has taken up the work that was waiting there. The freeing
 * itself may pause, but not for long.
 */
static int let_work_be_done(void)
{
	char text[8];
	int fd = open("/proc/sys/vm/stat_refresh", O_RDONLY), n = (int)read(fd, text, sizeof(text));

	close(fd);
	return n;
}

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(0) };
	int prog = LOAD("socket_bind", BPF_LSM_CGROUP, 0, deny), home;
	bool seen = true;

	if (prog < 0)
		return defect__says(ABSENT, "no program can be bound to a cgroup: %s",
				    strerror(errno));
	home = defect__group("defect-reattach");
	if (home < 0)
		return defect__unclear("cgroup");
	if (stay() || bpf_prog_attach(prog, home, BPF_LSM_CGROUP, 0))
		return defect__unclear("attach to the cgroup");
	if (bound())
		return defect__says(UNCLEAR, "the program does not deny");
	if (bpf_prog_detach2(prog, home, BPF_LSM_CGROUP) ||
	    bpf_prog_attach(prog, home, BPF_LSM_CGROUP, 0))
		return defect__unclear("detach, and attach again");
	for (int i = 0; i < 100 && seen; i++) {
		if (let_work_be_done() < 0)
			return defect__unclear("/proc/sys/vm/stat_refresh");
		seen = !bound();
	}
	return seen ? defect__says(ABSENT, "attached again at once, the program denies")
		    : defect__says(PRESENT, "attached again at once, the program does not deny");
}
