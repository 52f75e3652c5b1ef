// SPDX-License-Identifier: GPL-2.0-only
/* The maps of the hook benchmarks, whose programs are written by the benchmark itself. */
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* Calls of the hook. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u64);
} calls SEC(".maps");
