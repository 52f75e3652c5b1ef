// SPDX-License-Identifier: GPL-2.0-only
/*
 * The no-op executable of the exec tests: no libc, no environment, one system call. Its exit
 * status proves that it ran.
 */
#include <asm/unistd.h>

void _start(void);

void _start(void)
{
	long ret;

#ifdef __x86_64__
	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(__NR_exit_group), "D"(42)
		     : "rcx", "r11", "memory");
#else
#error "the no-op executable needs a line for this architecture"
#endif
	__builtin_unreachable();
}
