// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program on file_alloc_security that returns 1 panics the kernel: the caller takes what is no
 * errno for a pointer to a file.
 */
#include <fcntl.h>
#include <unistd.h>

#include "defect.h"

int main(void)
{
	const int self = getpid();
	const struct bpf_insn one[] = {
		CALL(BPF_FUNC_get_current_pid_tgid),
		INSN(BPF_ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 32),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, self),
		RETURN(0),
		RETURN(1),
	};

	if (ATTACH("file_alloc_security", one) < 0)
		return defect__says(ABSENT, "the program is refused: %s", strerror(errno));
	return defect__says(ABSENT, "open returns %d", open("/dev/null", O_RDONLY));
}
