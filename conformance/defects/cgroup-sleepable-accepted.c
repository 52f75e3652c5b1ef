// SPDX-License-Identifier: GPL-2.0-only
/* A sleepable program can be bound to a cgroup, where it runs without leave to sleep. */
#include "defect.h"

int main(void)
{
	const struct bpf_insn allow[] = { RETURN(1) };

	if (LOAD("file_open", BPF_LSM_CGROUP, 0, allow) < 0)
		return defect__says(ABSENT, "no program can be bound to a cgroup: %s",
				    strerror(errno));
	return LOAD("file_open", BPF_LSM_CGROUP, BPF_F_SLEEPABLE, allow) < 0
		       ? defect__says(ABSENT, "the program is refused: %s", strerror(errno))
		       : defect__says(PRESENT, "the program loads");
}
