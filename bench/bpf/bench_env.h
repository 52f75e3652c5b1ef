/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs that log a variable hand over. */
#ifndef KRSI_BENCH_ENV_H
#define KRSI_BENCH_ENV_H

/* The variable that is logged. */
#define ENV_NAME     "LD_PRELOAD="
#define ENV_NAME_LEN 11
/* Bytes of a string that are looked at, and how many strings. */
#define ENV_TEXT    128
#define ENV_STRINGS 64

/* One record: a process was executed with the variable set. */
struct env_record {
	__u32 pid;
	__u32 len;	     /* of text, with its NUL */
	char text[ENV_TEXT]; /* begins at a multiple of 8 */
};

#endif
