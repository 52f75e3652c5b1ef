// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program on a socket hook, bound to a cgroup, runs for the cgroup of the task and not for that
 * in which the socket was made: a socket taken along to another cgroup gets away.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "defect.h"

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(0) };
	struct sockaddr_in any = { .sin_family = AF_INET };
	int prog = LOAD("socket_bind", BPF_LSM_CGROUP, 0, deny), home, fd, ret;

	if (prog < 0)
		return defect__says(ABSENT, "no program can be bound to a cgroup: %s",
				    strerror(errno));
	home = defect__group("defect-home");
	if (home < 0)
		return defect__unclear("cgroup");
	if (bpf_link_create(prog, home, BPF_LSM_CGROUP, NULL) < 0)
		return defect__unclear("attach to the cgroup");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (!bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return defect__says(UNCLEAR, "the program does not deny at home");
	if (defect__join(CGROUPS "/cgroup.procs"))
		return defect__unclear("leave the cgroup");
	ret = bind(fd, (struct sockaddr *)&any, sizeof(any));
	return ret ? defect__says(ABSENT, "bind is denied away from home too")
		   : defect__says(PRESENT, "bind is denied at home only");
}
