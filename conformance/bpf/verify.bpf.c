// SPDX-License-Identifier: GPL-2.0-only
/* Programs that ask for what is known of files and cgroups, and check signatures. */
#include "program.h"

extern int bpf_get_fsverity_digest(struct file *file, struct bpf_dynptr *digest) __ksym __weak;
extern struct bpf_key *bpf_lookup_user_key(__u32 serial, __u64 flags) __ksym __weak;
extern void bpf_key_put(struct bpf_key *key) __ksym __weak;
extern int bpf_verify_pkcs7_signature(struct bpf_dynptr *data, struct bpf_dynptr *signature,
				      struct bpf_key *trusted) __ksym __weak;
extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym __weak;
extern void bpf_cgroup_release(struct cgroup *cgroup) __ksym __weak;
extern int bpf_cgroup_read_xattr(struct cgroup *cgroup, const char *name,
				 struct bpf_dynptr *value) __ksym __weak;
extern int bpf_dynptr_from_file(struct file *file, __u32 flags,
				struct bpf_dynptr *bytes) __ksym __weak;
extern int bpf_dynptr_file_discard(struct bpf_dynptr *bytes) __ksym __weak;

static const char user_name[] = "user.krsi", trusted_name[] = "trusted.krsi";

/* in[1]: bytes of out_data to use; out[0]: result, out_data: the digest. */
SEC("lsm/file_open")
int BPF_PROG(fsverity, struct file *file)
{
	struct io *shared = answered();
	struct bpf_dynptr digest;
	__u64 bytes;

	if (!shared)
		return 0;
	bytes = io_bytes(shared);
	if (bytes > IO_BYTES || bpf_dynptr_from_mem(shared->out_data, bytes, 0, &digest))
		return 0;
	shared->out[0] = bpf_get_fsverity_digest(file, &digest);
	return 0;
}

/* in_data: what is signed (in[0] bytes, at most 64), and from 64 on the signature (in[1] bytes);
 * in[2]: a keyring. out[0]: result, 1 if there is no such keyring. */
static void check_signature(struct io *shared)
{
	struct bpf_dynptr data, signature;
	__u64 len = shared->in[0], signature_len = shared->in[1];
	struct bpf_key *trusted;

	asm volatile("" : "+r"(len), "+r"(signature_len));
	if (len > 64 || bpf_dynptr_from_mem(shared->in_data, len, 0, &data))
		return;
	if (signature_len > IO_BYTES - 64 ||
	    bpf_dynptr_from_mem(shared->in_data + 64, signature_len, 0, &signature))
		return;
	shared->out[0] = 1;
	trusted = bpf_lookup_user_key(shared->in[2], 0);
	if (!trusted)
		return;
	shared->out[0] = bpf_verify_pkcs7_signature(&data, &signature, trusted);
	bpf_key_put(trusted);
}

SEC("lsm.s/file_open")
int BPF_PROG(pkcs7, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		check_signature(shared);
	return 0;
}

/* Must not load: the kfuncs may sleep, and the program may not. */
SEC("lsm/file_open")
int BPF_PROG(pkcs7_plain, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		check_signature(shared);
	return 0;
}

/* Must not load: the keyring is never given back. */
SEC("lsm.s/file_open")
int BPF_PROG(pkcs7_leak, struct file *file)
{
	return bpf_lookup_user_key(1, 0) ? 0 : -1;
}

/* in[0]: a cgroup's number; out[0], out[1]: results for the two names, out_data: the value. */
SEC("lsm/inode_mkdir")
int cgroup_xattr(void *ctx)
{
	struct io *shared = answered();
	struct bpf_dynptr value;
	struct cgroup *cgroup;

	if (!shared || bpf_dynptr_from_mem(shared->out_data, 64, 0, &value))
		return 0;
	cgroup = bpf_cgroup_from_id(shared->in[0]);
	if (!cgroup)
		return 0;
	shared->out[0] = bpf_cgroup_read_xattr(cgroup, user_name, &value);
	shared->out[1] = bpf_cgroup_read_xattr(cgroup, trusted_name, &value);
	bpf_cgroup_release(cgroup);
	return 0;
}

/* in[0]: where to read, in[1]: flags; out[0]: result, out[1]: of the read, out_data: 4 bytes. On
 * file_open the file cannot be read yet. */
SEC("lsm.s/file_ioctl")
int BPF_PROG(file_bytes, struct file *file)
{
	struct io *shared = answered();
	struct bpf_dynptr bytes;

	if (!shared)
		return 0;
	shared->out[0] = bpf_dynptr_from_file(file, shared->in[1], &bytes);
	shared->out[1] = bpf_dynptr_read(shared->out_data, 4, &bytes, shared->in[0], 0);
	bpf_dynptr_file_discard(&bytes);
	return 0;
}

/* Must not load: what stands for the file is never given back. */
SEC("lsm.s/file_ioctl")
int BPF_PROG(file_bytes_leak, struct file *file)
{
	struct bpf_dynptr bytes;

	return bpf_dynptr_from_file(file, 0, &bytes) ? -1 : 0;
}

/* out[0]: the cookie. */
SEC("lsm/inode_mkdir")
int cookie(void *ctx)
{
	struct io *shared = answered();

	if (shared)
		shared->out[0] = bpf_get_attach_cookie(ctx);
	return 0;
}
