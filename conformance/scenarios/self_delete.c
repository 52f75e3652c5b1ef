// SPDX-License-Identifier: GPL-2.0-only
/*
 * An executable that gets rid of its own file: it unlinks argv[0], or renames argv[1] over it. Its
 * exit status is the errno of that.
 */
#include <asm/unistd.h>

#if defined(__x86_64__)
#define CALL(ret, nr, a, b)                                                                        \
	asm volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b) : "rcx", "r11", "memory")
asm(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall delete_self\n");
#else
#error "this executable needs a system call and an entry for this architecture"
#endif

void delete_self(long *stack) __attribute__((used, noreturn));

void delete_self(long *stack)
{
	char **argv = (char **)(stack + 1);
	long ret, ignored;

	if (argv[1])
		CALL(ret, __NR_rename, argv[1], argv[0]);
	else
		CALL(ret, __NR_unlink, argv[0], 0);
	CALL(ignored, __NR_exit, -ret, 0);
	__builtin_unreachable();
}
