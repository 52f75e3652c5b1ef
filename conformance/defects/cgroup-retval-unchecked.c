// SPDX-License-Identifier: GPL-2.0-only
/* A program that is bound to a cgroup may give bpf_set_retval a positive value. */
#include "defect.h"

int main(void)
{
	const struct bpf_insn positive[] = { MOV(1, 1), CALL(BPF_FUNC_set_retval), RETURN(1) };
	const struct bpf_insn negative[] = { MOV(1, -1), CALL(BPF_FUNC_set_retval), RETURN(1) };

	if (LOAD("inode_mkdir", BPF_LSM_CGROUP, 0, negative) < 0)
		return defect__says(ABSENT, "no program can be bound to a cgroup: %s",
				    strerror(errno));
	return LOAD("inode_mkdir", BPF_LSM_CGROUP, 0, positive) < 0
		       ? defect__says(ABSENT, "the program is refused: %s", strerror(errno))
		       : defect__says(PRESENT, "the program loads");
}
