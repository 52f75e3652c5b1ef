// SPDX-License-Identifier: GPL-2.0-only
/*
 * With bpf before SELinux in lsm=, a program that denies inode_alloc_security panics the kernel:
 * SELinux was not asked, and is told all the same to free what it never set up.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "defect.h"

int main(void)
{
	const int self = getpid();
	const struct bpf_insn deny[] = {
		CALL(BPF_FUNC_get_current_pid_tgid),
		INSN(BPF_ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 32),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, self),
		RETURN(0),
		RETURN(-ENOMEM),
	};

	if (ATTACH("inode_alloc_security", deny) < 0)
		return defect__says(ABSENT, "the program is refused: %s", strerror(errno));
	if (socket(AF_INET, SOCK_DGRAM, 0) >= 0)
		return defect__says(ABSENT, "the denial has no effect");
	return defect__says(ABSENT, "socket fails: %s", strerror(errno));
}
