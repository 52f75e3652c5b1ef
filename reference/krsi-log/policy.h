/* SPDX-License-Identifier: GPL-2.0-only */
/* What krsi-log and its programs share: what to look for, and what to do about it. */
#ifndef KRSI_LOG_POLICY_H
#define KRSI_LOG_POLICY_H

#include <linux/types.h>

#include "reference/core/frame.h"

/* Longest name of a variable, with its NUL. */
#define LOG_NAME_MAX 64
/* Bytes of values that are looked at, every NUL counted. A value cut here counts as denied. */
#define LOG_VALUES 4096
/* Most bytes of a path, with its NUL. */
#define LOG_PATH 256
/* Executions that may be under way at a time; one more is lost, and denied if anything may be. */
#define LOG_TASKS 256

/**
 * struct log_pattern - a shell pattern as a set of states, one bit each: state i has matched the
 * first i elements. At most LOG_PATTERN_MAX elements.
 * @match: for each byte, the states that it leads one further.
 * @stay: the states that any byte leaves where they are: a `*` follows.
 * @accept: the state in which all has been matched.
 */
#define LOG_PATTERN_MAX 63
struct log_pattern {
	__u64 match[256];
	__u64 stay;
	__u64 accept;
};

/** log_below - all ones if a < b, else 0, and no branch. Both are small. */
static inline __u64 log_below(__u64 a, __u64 b)
{
	__u64 x = a - b;

	/* a compiler that sees where this comes from makes it a branch */
	asm("" : "+r"(x));
	x >>= 63;
	asm("" : "+r"(x));
	return -x;
}

/**
 * log_pattern_step - takes one more byte; a NUL ends a value, and begins the next.
 * @states: 1 at the beginning.
 * @hit: not 0: a value that ended was as the pattern has it.
 *
 * Without a branch: else the verifier follows each way through thousands of bytes. Volatile, or a
 * compiler takes a program's constants, which are set after it has run, for the zeroes they were.
 */
static inline void log_pattern_step(const volatile struct log_pattern *p, __u64 *states, __u64 *hit,
				    unsigned char byte)
{
	__u64 end = log_below(byte, 1), before = *states;

	*hit |= before & p->accept & end;
	*states = (((before & p->match[byte]) << 1 | (before & p->stay)) & ~end) | (1 & end);
}

/**
 * struct log_policy - set before the program is loaded, constant from then on.
 * @name: of the variable, NUL-terminated.
 * @name_len: its length with the NUL.
 * @all: executions without the variable are logged too.
 * @deny: values that match @pattern are denied.
 */
struct log_policy {
	char name[LOG_NAME_MAX];
	__u32 name_len;
	__u32 all;
	__u32 deny;
	__u32 reserved;
	struct log_pattern pattern;
};

/**
 * struct log_scratch - an event in the making; it leaves as a frame of its true length.
 * @data: values, then the path. A program writes at an offset of at most LOG_VALUES, at most
 *	  LOG_VALUES + 1 bytes.
 */
struct log_scratch {
	struct krsi_frame frame;
	char data[2 * LOG_VALUES + 8];
};

#endif
