/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 32-bit system call interface, which a 64-bit process can use too, as one more way to a
 * behaviour. Pointers must fit: only static objects do, as the binary is linked at a low address.
 */
#ifndef KRSI_HOOKS_COMPAT_H
#define KRSI_HOOKS_COMPAT_H

#include <stdint.h>
#include <unistd.h>

/* Numbers of the 32-bit x86 table. */
enum {
	COMPAT_READ = 3,
	COMPAT_OPEN = 5,
	COMPAT_UNLINK = 10,
	COMPAT_EXECVE = 11,
	COMPAT_CHMOD = 15,
	COMPAT_GETPID = 20,
	COMPAT_KILL = 37,
	COMPAT_RENAME = 38,
	COMPAT_MKDIR = 39,
	COMPAT_IOCTL = 54,
	COMPAT_FCNTL = 55,
	COMPAT_SOCKETCALL = 102,
	COMPAT_IPC = 117,
	COMPAT_MMAP2 = 192,
	COMPAT_TRUNCATE64 = 193,
};

/* A static object's address as an argument. */
#define COMPAT_POINTER(p) (uint32_t)(uintptr_t)(p)

/* The call's result: >= 0 or -errno. -ENOSYS where this architecture has no such interface. */
int compat_call(int nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f);
/* For krsi_needs.probe: NULL if the kernel takes such calls. */
const char *no_compat(void);

#endif
