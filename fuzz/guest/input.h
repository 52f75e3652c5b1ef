/* SPDX-License-Identifier: GPL-2.0-only */
/* What the inputs of the guest's targets look like: the host writes the seeds, the guest reads. */
#ifndef FUZZ_GUEST_INPUT_H
#define FUZZ_GUEST_INPUT_H

#include <stdint.h>

/**
 * struct exec_head - the beginning of an input of exec and mainline; then @name_len bytes of a
 * name, then strings each with its NUL: the arguments, then the environment.
 * @way: how the target is executed: EXEC_*.
 * @argc: how many of the strings are arguments.
 * @buf_len: of the helper's buffer, reduced to 4096.
 * @pad: length of a string before the others of the environment, reduced to four pages; 0: there is
 *	 none. So where pages end, seen from the strings, is a matter of two bytes.
 * @all: bit 0: the whole environment, else one variable; bits 1 and 2: which programs are attached.
 */
enum { EXEC_BOTH, EXEC_PLAIN, EXEC_SLEEPABLE, EXEC_SLEEPABLE_FIRST, EXEC_ARRANGEMENTS };
enum { EXEC_PATH, EXEC_SCRIPT, EXEC_NESTED, EXEC_FD, EXEC_WAYS };
#define EXEC_PAD_MAX (4 * 4096)
struct exec_head {
	uint8_t way;
	uint8_t argc;
	uint16_t buf_len;
	uint16_t pad;
	uint8_t name_len;
	uint8_t all;
} __attribute__((packed));

/*
 * An input of sequence: SEQUENCE_NAMES names of programs, each ended by a NUL, then operations of
 * three bytes: which, on what, and with what.
 *
 * LOAD	 a: slot, and what the program is (SLEEPABLE, and which helper it calls); b: its name in the
 *	 low, its verdict in the high half. What was in the slot is closed.
 * CLOSE a: slot
 * ATTACH, REPLACE, DETACH  a: slot; b: hook
 * RUN	 a: hook; b: how many strings the environment gets, if it executes
 * QUERY a: hook; b: room for so many ids
 * READ	 a: hook
 */
#define SEQUENCE_NAMES 8
#define SEQUENCE_SLOTS 8
#define SEQUENCE_LOADS 12
#define SEQUENCE_OPS   48
enum {
	SEQ_LOAD,
	SEQ_ATTACH,
	SEQ_REPLACE,
	SEQ_DETACH,
	SEQ_CLOSE,
	SEQ_RUN,
	SEQ_QUERY,
	SEQ_READ,
	SEQ_KINDS
};
/* In @a of SEQ_LOAD, beside the slot. */
#define SEQ_SLEEPABLE	  0x08
#define SEQ_HELPER(a)	  ((a) >> 4 & 3)
#define SEQ_CALLS(helper) ((helper) << 4)
/* In @b of SEQ_LOAD, beside the name: one of so many verdicts. */
#define SEQ_VERDICTS	     8
#define SEQ_VERDICT(b)	     ((b) >> 4 & (SEQ_VERDICTS - 1))
#define SEQ_RETURNS(verdict) ((verdict) << 4)
enum { SEQ_NO_HELPER, SEQ_ENVIRONMENT, SEQ_SESSION, SEQ_FILE };
enum { SEQ_EXEC, SEQ_SYMLINK, SEQ_GETPGID, SEQ_HOOKS };

#endif
