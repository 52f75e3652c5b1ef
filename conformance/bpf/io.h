/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that a test shares with a program that it loads by name: what the program is to do,
 * and what it found. Every object that holds such programs has it as its map `io` (program.h).
 */
#ifndef KRSI_BPF_IO_H
#define KRSI_BPF_IO_H

#define IO_WORDS 32
#define IO_BYTES 1024

struct io {
	/* the test writes */
	__u32 session;	    /* leader of the session whose calls the program answers; 0: nobody's */
	__s32 verdict;	    /* what it returns to them */
	__u64 in[IO_WORDS]; /* by program */
	__u8 in_data[IO_BYTES]; /* by program */
	/* the program writes */
	__u64 calls;		 /* answered calls */
	__u64 out[IO_WORDS];	 /* by program */
	__u8 out_data[IO_BYTES]; /* by program */
};

#endif
