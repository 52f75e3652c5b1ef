/* SPDX-License-Identifier: GPL-2.0-only */
/* What the buffer benchmarks and their programs share. */
#ifndef KRSI_BENCH_BUFFER_H
#define KRSI_BENCH_BUFFER_H

/* Largest record: a page. */
#define BUFFER_PAGE 4096
/* Most records of one call of a program. */
#define BUFFER_BURST 64
#define BUFFER_CPUS  128

struct buffer_state {
	__u32 size;  /* of a record */
	__u32 count; /* records of a call */
	__u64 flags; /* of the output */
	__u64 sent;  /* records so far: a record begins with its number */
	__u64 lost;  /* those that found no room */
	__u64 got;   /* records that came the other way */
};

#endif
