// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program may write to the arguments of its hook, and the program that runs after it sees what it
 * wrote. The newer program sets the mode of mkdir(2) to 0; the older one denies unless it is 0700.
 */
#include <sys/stat.h>

#include "defect.h"

#define MODE 16 /* bytes: the third argument of inode_mkdir(dir, dentry, mode) */

int main(void)
{
	const struct bpf_insn expect[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 2, 1, MODE, 0),
		INSN(BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0777),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 2, 0700),
		RETURN(-EUCLEAN),
		RETURN(0),
	};
	const struct bpf_insn tamper[] = {
		MOV(2, 0),
		INSN(BPF_STX | BPF_MEM | BPF_DW, 1, 2, MODE, 0),
		RETURN(0),
	};

	if (ATTACH("inode_mkdir", expect) < 0)
		return defect__unclear("load and attach");
	if (mkdir("before", 0700))
		return defect__unclear("mkdir with the mode that is expected");
	if (ATTACH("inode_mkdir", tamper) < 0)
		return errno == EACCES || errno == EINVAL
			       ? defect__says(ABSENT, "the program that writes is refused")
			       : defect__unclear("load and attach");
	return mkdir("after", 0700) && errno == EUCLEAN
		       ? defect__says(PRESENT, "the older program sees another mode")
		       : defect__says(ABSENT, "the older program sees the mode of the call");
}
