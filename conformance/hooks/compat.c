// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "conformance/hooks/compat.h"

#ifdef __x86_64__
int compat_call(int nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f)
{
	register uint64_t sixth asm("r8") = f;
	long ret;

	/* the sixth argument's register is not among those that a constraint can name */
	asm volatile("push %%rbp\n\t"
		     "mov %%r8, %%rbp\n\t"
		     "int $0x80\n\t"
		     "pop %%rbp"
		     : "=a"(ret), "+r"(sixth)
		     : "a"(nr), "b"((uint64_t)a), "c"((uint64_t)b), "d"((uint64_t)c),
		       "S"((uint64_t)d), "D"((uint64_t)e)
		     : "memory", "r9", "r10", "r11");
	return ret;
}
#else
int compat_call(int nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f)
{
	return -ENOSYS;
}
#endif

/* A kernel without the 32-bit interface kills who tries. */
const char *no_compat(void)
{
	int status = 0;
	pid_t pid;

	/* an address that a position-independent or relocated binary does not have */
	if ((uintptr_t)&no_compat >> 31)
		return "this binary is loaded at addresses beyond the reach of 32-bit calls";
	pid = fork();
	if (!pid) {
		prctl(PR_SET_DUMPABLE, 0);
		_exit(compat_call(COMPAT_GETPID, 0, 0, 0, 0, 0, 0) < 0);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status))
		return NULL;
	return "the kernel takes no 32-bit system calls from a 64-bit process";
}
