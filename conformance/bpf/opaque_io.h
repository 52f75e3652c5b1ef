/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of struct io that the programs opaque:plain and opaque:sleepable use. */
#ifndef KRSI_BPF_OPAQUE_IO_H
#define KRSI_BPF_OPAQUE_IO_H

/* in[]: what to call. */
enum opaque_call {
	OPAQUE_FILE_ID, /* in[1]: size; the identity comes in out_data */
	OPAQUE_PERF,	/* in[1]: flags, in[2]: bytes of in_data to send */
	OPAQUE_RING,	/* in[2]: bytes of in_data to send */
	OPAQUE_RESERVE, /* in[1]: submit or discard, in[2]: what is sent; out[0]: was there room */
	OPAQUE_TASK,	/* out[1]: uid and gid, out[2]: pid and tgid, out_data: comm */
	OPAQUE_MAP,	/* out[1]: 0, or at which step updating and deleting failed */
	OPAQUE_ENV,	/* in[1]: bytes of out_data to use, in[2]: all variables */
	/* reads all variables until in[1] is set, or so often; out[1]: has begun, out[2]: was told
	 */
	OPAQUE_BUSY,
	OPAQUE_CALLS,
};

/* out[0] is what the call returned. */
#define OPAQUE_MOST  256 /* of the sizes in in[] */
#define OPAQUE_READS 300 /* of OPAQUE_BUSY */

#endif
