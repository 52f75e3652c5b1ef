// SPDX-License-Identifier: GPL-2.0-only
/*
 * No kernel module but those whose SHA-256 is on a list, which changes at run time. What is hashed
 * is the kernel's own copy of the file, the one that it goes on to load.
 */
#include "program.h"
#include "conformance/scenarios/sha256.h"

#define EPERM 1
/* The largest module, in blocks: 16 MiB. */
#define BLOCKS (16 * 1024 * 1024 / SHA256_BLOCK)

enum kernel_read_file_id { READING_MODULE = 2 };
enum kernel_load_data_id { LOADING_MODULE = 2 };

struct digest {
	__u32 words[SHA256_BYTES / 4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct digest);
	__type(value, __u8);
} allowed SEC(".maps");

/* A file that is being hashed, of each task that loads one: they may interrupt each other. */
struct reading {
	struct sha256 hash;
	const char *next;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, struct reading);
} readings SEC(".maps");

static const struct reading at_start;

/* Hashes a block; 1: it was the last, or cannot be read. */
static long step(__u32 i, void *data)
{
	struct reading *r = *(struct reading **)data;
	__u64 bytes = r->hash.left;

	if (bytes > SHA256_BLOCK)
		bytes = SHA256_BLOCK;
	__builtin_memset(r->hash.block, 0, SHA256_BLOCK);
	if (bpf_probe_read_kernel(r->hash.block, bytes, r->next))
		return 1;
	r->next += bytes;
	sha256_block(&r->hash, bytes);
	return r->hash.done ? 1 : 0;
}

/* out[0]: modules that were judged; out_data: the hash of the last one. */
static inline __attribute__((always_inline)) int judge(struct io *shared, const struct reading *r)
{
	struct digest digest;

	/* one that is too large to be hashed is on no list */
	if (!r->hash.done)
		return -EPERM;
	sha256_digest(&r->hash, digest.words);
	shared->out[0]++;
	__builtin_memcpy(shared->out_data, &digest, sizeof(digest));
	return bpf_map_lookup_elem(&allowed, &digest) ? 0 : -EPERM;
}

static inline __attribute__((always_inline)) int look(struct io *shared, const char *buf,
						      __u64 size)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct reading *r;
	int verdict;

	bpf_map_update_elem(&readings, &task, &at_start, 0);
	r = bpf_map_lookup_elem(&readings, &task);
	if (!r)
		return -EPERM;
	sha256_begin(&r->hash, size);
	r->next = buf;
	bpf_loop(BLOCKS, step, &r, 0);
	verdict = judge(shared, r);
	bpf_map_delete_elem(&readings, &task);
	return verdict;
}

SEC("lsm/kernel_post_read_file")
int BPF_PROG(allowlist, struct file *file, char *buf, __s64 size, enum kernel_read_file_id id)
{
	struct io *shared;

	if (id != bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return 0;
	shared = answered();
	return shared ? look(shared, buf, size) : 0;
}

/* init_module(2) brings a module from memory: a way around the list, so it is closed. */
SEC("lsm/kernel_load_data")
int BPF_PROG(files_only, enum kernel_load_data_id id)
{
	if (id != bpf_core_enum_value(enum kernel_load_data_id, LOADING_MODULE))
		return 0;
	return answered() ? -EPERM : 0;
}
