/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf(2) by raw system calls: the harness's own library must make none while a program is armed.
 * Attributes are spelled out where the build machine's <linux/bpf.h> may be too old to have them.
 */
#ifndef KRSI_HOOKS_BPF_H
#define KRSI_HOOKS_BPF_H

#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/bpf/wire.h"
#include "conformance/harness/hook.h"
#include "conformance/hooks/descriptor.h"

#define BPF_NAME	 "krsi_object"
#define BPF_CREATE_TOKEN 36	   /* BPF_TOKEN_CREATE, since 6.9 */
#define BPF_USE_TOKEN	 (1 << 16) /* BPF_F_TOKEN_FD */

/* The start of union bpf_attr for BPF_MAP_CREATE, with the fields of 6.9. */
struct bpf_map_attr {
	uint32_t type, key_size, value_size, max_entries, flags, inner_map_fd, numa_node;
	char name[BPF_OBJ_NAME_LEN];
	uint32_t ifindex, btf_fd, key_type_id, value_type_id, vmlinux_value_type_id;
	uint64_t extra;
	int32_t value_type_btf_obj_fd, token_fd;
};

/* ... and for BPF_BTF_LOAD. */
struct bpf_btf_attr {
	uint64_t btf, log;
	uint32_t btf_size, log_size, log_level, log_true_size, flags;
	int32_t token_fd;
};

static inline int bpf_call(int command, const void *attr, size_t size)
{
	return SYS(syscall(SYS_bpf, command, attr, size));
}

/* A map that can be told from others by its number of entries, for which it allocates no memory;
 * only the privileged may have one. Older kernels take the long attribute while the token is 0. A
 * descriptor or -errno. */
static inline int bpf_make_map(uint32_t entries, int token)
{
	const struct bpf_map_attr attr = {
		.type = BPF_MAP_TYPE_LPM_TRIE,
		.key_size = 8,
		.value_size = 8,
		.max_entries = entries,
		.flags = BPF_F_NO_PREALLOC | (token < 0 ? 0 : BPF_USE_TOKEN),
		.name = BPF_NAME,
		.token_fd = token < 0 ? 0 : token,
	};

	return bpf_call(BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* The BTF of one integer type; any kernel takes it. A descriptor or -errno. */
static inline int bpf_make_btf(int token)
{
	static const struct {
		struct btf_header head;
		struct btf_type type;
		uint32_t encoding;
		char names[5];
	} __attribute__((packed)) btf = {
		.head = {
			.magic = BTF_MAGIC,
			.version = BTF_VERSION,
			.hdr_len = sizeof(struct btf_header),
			.type_len = sizeof(struct btf_type) + sizeof(uint32_t),
			.str_off = sizeof(struct btf_type) + sizeof(uint32_t),
			.str_len = 5,
		},
		.type = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = 4 },
		.encoding = 32,
		.names = "\0int",
	};
	const struct bpf_btf_attr attr = {
		.btf = (uintptr_t)&btf,
		.btf_size = sizeof(btf),
		.flags = token < 0 ? 0 : BPF_USE_TOKEN,
		.token_fd = token < 0 ? 0 : token,
	};

	return bpf_call(BPF_BTF_LOAD, &attr, sizeof(attr));
}

#endif
