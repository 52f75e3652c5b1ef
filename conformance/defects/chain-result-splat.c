// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier warns of itself on the console (reg_bounds_sanity_check) when it meets a program
 * that reads what lies behind the arguments of its hook, what the chain has returned so far, into a
 * register whose value was known: it narrows the old bounds instead of setting new ones.
 */
#include "defect.h"

#define RESULT 24 /* bytes: behind the three arguments of inode_mkdir */

int main(void)
{
	const struct bpf_insn read[] = {
		MOV(2, 1),
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 2, 1, RESULT, 0),
		RETURN(0),
	};
	int prog = LOAD("inode_mkdir", BPF_LSM_MAC, 0, read);

	return defect__says(ABSENT, "load: %s", prog < 0 ? strerror(errno) : "success");
}
