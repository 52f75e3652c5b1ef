/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory that a test shares with the programs env:plain and env:sleepable. */
#ifndef KRSI_BPF_ENV_IO_H
#define KRSI_BPF_ENV_IO_H

#include <linux/types.h>

/* Room for a name, and for all strings that the largest exec brings. */
#define ENV_NAME 256
#define ENV_BUF	 (8 << 20)
/* Bytes behind the buffer that no call may touch. */
#define ENV_GUARD 64
/* Results that are kept: a chain of interpreters asks once for each file. */
#define ENV_CALLS 8

struct env_io {
	/* the test writes */
	__u32 session; /* leader of the session whose calls the program answers; 0: nobody's */
	__s32 verdict; /* what it returns where it finds something, else 0 */
	__u32 all;     /* 0: one variable; 1: the whole environment */
	__u32 name_len, buf_len; /* as the helper gets them */
	/* the program writes */
	__u32 calls; /* answered calls */
	__u64 result[ENV_CALLS];
	/* both */
	char name[ENV_NAME];
	char buf[ENV_BUF + ENV_GUARD];
};

#endif
