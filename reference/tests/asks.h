/* SPDX-License-Identifier: GPL-2.0-only */
/* The rulings as data: for the unit tests, and as seeds for the fuzzers. */
#ifndef KRSI_TEST_ASKS_H
#define KRSI_TEST_ASKS_H

#include <errno.h>

#include "reference/core/compat.h"

/* One call: what is in the block, what is asked, what has to come. */
struct ask {
	const char *what;
	const char *bytes; /* with inner NULs; the last NUL is that of the literal */
	unsigned long len;
	unsigned int argc;
	const char *name; /* NULL: the whole environment */
	u32 name_len;	  /* 0: with its NUL */
	u32 buf_len;
	u32 count;
	s32 low;
	const char *buf; /* buf_len bytes; NULL: zeroes */
};

#define BYTES(s) .bytes = (s), .len = sizeof(s)

static const struct ask asks[] = {
	/* 1: the exact name */
	{ "longer names", BYTES("L_X=1\0LL=2\0XL=3\0l=4"), .name = "L", .buf_len = 4 },
	{ "found", BYTES("A=b\0L=yes\0Z="), .name = "L", .buf_len = 8, .count = 1, .low = 4,
	  .buf = "yes\0\0\0\0" },
	{ "equals sign in the value", BYTES("L=a=b"), .name = "L", .buf_len = 4, .count = 1,
	  .low = 4, .buf = "a=b" },
	{ "as a value", BYTES("A=L=1\0=L=2"), .name = "L", .buf_len = 4 },
	/* 2: absent, empty */
	{ "absent", BYTES("A=b"), .name = "L", .buf_len = 4 },
	{ "set to nothing", BYTES("L="), .name = "L", .buf_len = 4, .count = 1, .low = 1 },
	/* 3: several times */
	{ "three times", BYTES("L=a\0L=\0M=x\0L=bc"), .name = "L", .buf_len = 8, .count = 3,
	  .low = 6, .buf = "a\0\0bc\0\0" },
	/* 4: overflow */
	{ "exact fit", BYTES("L=abc"), .name = "L", .buf_len = 4, .count = 1, .low = 4,
	  .buf = "abc" },
	{ "no room for the NUL", BYTES("L=abcd"), .name = "L", .buf_len = 4, .count = 1,
	  .low = -E2BIG, .buf = "abc" },
	{ "one byte of room", BYTES("L=abcd"), .name = "L", .buf_len = 1, .count = 1,
	  .low = -E2BIG },
	{ "second value cut", BYTES("L=ab\0L=cdef"), .name = "L", .buf_len = 6, .count = 2,
	  .low = -E2BIG, .buf = "ab\0cd" },
	{ "second value cut to nothing", BYTES("L=ab\0L=cdef"), .name = "L", .buf_len = 4,
	  .count = 2, .low = -E2BIG, .buf = "ab\0" },
	{ "exact fit, then an empty one", BYTES("L=abc\0L="), .name = "L", .buf_len = 4, .count = 2,
	  .low = -E2BIG, .buf = "abc" },
	{ "counting goes on", BYTES("L=abcdef\0L=\0L=x\0M=\0L="), .name = "L", .buf_len = 4,
	  .count = 4, .low = -E2BIG, .buf = "abc" },
	/* 5: errors; the high half is 0 */
	{ "no NUL in the name", BYTES("L=1"), .name = "L", .name_len = 1, .buf_len = 4,
	  .low = -EINVAL },
	{ "empty name", BYTES("=1"), .name = "", .buf_len = 4, .low = -EINVAL },
	{ "equals sign in the name", BYTES("L=1"), .name = "L=", .buf_len = 4, .low = -EINVAL },
	{ "bytes after the name's NUL", BYTES("L=1"), .name = "L\0=", .name_len = 4, .buf_len = 2,
	  .count = 1, .low = 2, .buf = "1" },
	/* 6: no buffer */
	{ "count of none", BYTES("A=b"), .name = "L" },
	{ "count of two", BYTES("L=\0L=abc"), .name = "L", .count = 2, .low = -E2BIG },
	/* 7: what is no variable; argv */
	{ "no equals sign", BYTES("L\0\0L\0L=1\0L"), .name = "L", .buf_len = 4, .count = 1,
	  .low = 2, .buf = "1\0\0" },
	{ "argv looks like it", BYTES("L=a\0L=b\0L=c"), .argc = 2, .name = "L", .buf_len = 4,
	  .count = 1, .low = 2, .buf = "c\0\0" },
	{ "empty arguments", BYTES("\0\0\0L=c"), .argc = 3, .name = "L", .buf_len = 4, .count = 1,
	  .low = 2, .buf = "c\0\0" },
	{ "no environment", BYTES("L=a\0L=b"), .argc = 2, .name = "L", .buf_len = 4 },
	{ "more arguments than strings", BYTES("L=a"), .argc = 7, .name = "L", .buf_len = 4 },
	{ "nothing at all", .bytes = "", .name = "L", .buf_len = 4 },
	{ "last string without NUL", .bytes = "L=abc", .len = 5, .name = "L", .buf_len = 8,
	  .count = 1, .low = 4, .buf = "abc\0\0\0\0" },
	{ "last value cut off", .bytes = "L=abc", .len = 2, .name = "L", .buf_len = 2, .count = 1,
	  .low = 1 },
	{ "last name cut off", .bytes = "LD=abc", .len = 2, .name = "LD", .buf_len = 2 },
	/* the whole environment */
	{ "all", BYTES("x\0A=1\0B\0\0C="), .argc = 1, .buf_len = 16, .count = 4, .low = 10,
	  .buf = "A=1\0B\0\0C=\0\0\0\0\0\0" },
	{ "all, exact fit", BYTES("A=1\0B="), .buf_len = 7, .count = 2, .low = 7,
	  .buf = "A=1\0B=" },
	{ "all, whole strings only", BYTES("A=1\0B=22"), .buf_len = 8, .count = 2, .low = -E2BIG,
	  .buf = "A=1\0\0\0\0" },
	{ "all, one too long hides none", BYTES("A=1\0LONG=22222\0B=2"), .buf_len = 10, .count = 3,
	  .low = -E2BIG, .buf = "A=1\0B=2\0\0" },
	{ "all, no buffer", BYTES("A=1\0B=2"), .count = 2, .low = -E2BIG },
	{ "all of nothing, no buffer", .bytes = "" },
	{ "all, an empty string needs its NUL", BYTES("A=1\0"), .buf_len = 4, .count = 2,
	  .low = -E2BIG, .buf = "A=1" },
};

#undef BYTES

#endif
