/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes of the buffers of buffer.bpf.c; shared with the tests. */
#ifndef KRSI_BPF_BUFFER_H
#define KRSI_BPF_BUFFER_H

#define BUFFER_RING    32768
#define BUFFER_PAYLOAD 65536

struct payload {
	unsigned char byte[BUFFER_PAYLOAD];
};

#endif
