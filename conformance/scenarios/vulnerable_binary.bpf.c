// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binaries that may not run, by the hash of their content, wherever they lie and whatever they are
 * called. The kernel's integrity subsystem reads and hashes the file; nobody can write to it until
 * the exec is over.
 */
#include "program.h"

#define EPERM	     1
#define DIGEST_BYTES 64

struct digest {
	__u8 algorithm; /* enum hash_algo */
	__u8 bytes[DIGEST_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct digest);
	__type(value, __u8);
} blocked SEC(".maps");

/* out[0]: execs that were judged; out_data: struct digest of the last one. */
SEC("lsm.s/bprm_check_security")
int BPF_PROG(blocklist, struct linux_binprm *bprm)
{
	struct io *shared = answered();
	struct digest digest = {};
	long algorithm;

	if (!shared)
		return 0;
	algorithm = bpf_ima_file_hash(bprm->file, digest.bytes, DIGEST_BYTES);
	/* what cannot be hashed cannot be told from what is blocked */
	if (algorithm < 0)
		return -EPERM;
	digest.algorithm = algorithm;
	shared->out[0]++;
	__builtin_memcpy(shared->out_data, &digest, sizeof(digest));
	return bpf_map_lookup_elem(&blocked, &digest) ? -EPERM : 0;
}
