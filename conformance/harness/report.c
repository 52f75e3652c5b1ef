// SPDX-License-Identifier: GPL-2.0-only
/*
 * An executable that reports the environment that it got: the address of the first string as 64
 * bits, then all strings with their NULs, to the descriptor REPORT_FD. As `report exec FILE ...` it
 * executes FILE with the remaining arguments and its own environment. It needs no libc, so that it
 * builds for the compat ABI too.
 */
#include <asm/unistd.h>

#define REPORT_FD 9
#define RAN	  42
#define NOT_RUN	  43

#if defined(__x86_64__)
#define CALL(ret, nr, a, b, c)                                                                     \
	asm volatile("syscall"                                                                     \
		     : "=a"(ret)                                                                   \
		     : "a"(nr), "D"(a), "S"(b), "d"(c)                                             \
		     : "rcx", "r11", "memory")
asm(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall report\n");
#elif defined(__i386__)
#define CALL(ret, nr, a, b, c)                                                                     \
	asm volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory")
asm(".globl _start\n_start: mov %esp, %eax\nand $-16, %esp\nsub $12, %esp\npush %eax\ncall report\n");
#else
#error "the reporting executable needs a system call and an entry for this architecture"
#endif

void report(long *stack) __attribute__((used, noreturn));

static long length(const char *s)
{
	long n = 0;

	while (s[n])
		n++;
	return n;
}

static void put(const char *from, long n)
{
	long ret;

	while (n > 0) {
		CALL(ret, __NR_write, REPORT_FD, from, n);
		if (ret <= 0)
			return;
		from += ret;
		n -= ret;
	}
}

void report(long *stack)
{
	long argc = stack[0], last = 0, ret, status = RAN;
	char **argv = (char **)(stack + 1), **envp = argv + argc + 1;
	unsigned long long addr = (unsigned long)envp[0];

	if (argc > 2 && length(argv[1]) == 4 && argv[1][0] == 'e' && argv[1][3] == 'c') {
		CALL(ret, __NR_execve, argv[2], argv + 2, envp);
		status = NOT_RUN;
	}
	put((const char *)&addr, sizeof(addr));
	while (envp[0] && envp[last + 1])
		last++;
	if (envp[0])
		put(envp[0], envp[last] + length(envp[last]) + 1 - envp[0]);
	CALL(ret, __NR_exit, status, 0, 0);
	__builtin_unreachable();
}
