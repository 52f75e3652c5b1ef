/* SPDX-License-Identifier: GPL-2.0-only */
/* What steered programs share: the maps of wire.h, and constants that the loader replaces. */
#ifndef KRSI_BPF_STEERED_H
#define KRSI_BPF_STEERED_H

#include "wire.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WIRE_SLOTS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct wire_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_RING);
} events SEC(".maps");

/* A constant that the compiler must keep whole and the verifier knows exactly. */
#define IMM(sentinel)                                                                              \
	({                                                                                         \
		__u64 imm_;                                                                        \
		asm volatile("%0 = %1 ll" : "=r"(imm_) : "i"(sentinel));                           \
		imm_;                                                                              \
	})

#endif
