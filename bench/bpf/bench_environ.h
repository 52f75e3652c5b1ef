/* SPDX-License-Identifier: GPL-2.0-only */
/* What the environment benchmarks and their programs share. */
#ifndef KRSI_BENCH_ENVIRON_H
#define KRSI_BENCH_ENVIRON_H

/* More than the largest environment that exec accepts. */
#define ENVIRON_MAX (4u << 20)

struct environ_state {
	__u32 ask;    /* call the helper at all */
	__u32 len;    /* bytes of the buffer to fill */
	__u64 calls;  /* of the program */
	__u64 result; /* of the helper's last call */
};

#endif
