/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel structures that programs read, reduced to the fields that they read. CO-RE takes the
 * offsets from the running kernel's BTF; a field that some kernels lack is guarded by
 * bpf_core_field_exists at its use.
 */
#ifndef KRSI_BPF_KERNEL_TYPES_H
#define KRSI_BPF_KERNEL_TYPES_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

/* CO-RE takes an enum only for an enum: these name the types of fields; few values are needed. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
	BPF_MAP_TYPE_SK_STORAGE = 24,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_INODE_STORAGE = 28,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
	BPF_MAP_TYPE_CGRP_STORAGE = 32,
};
enum bpf_prog_type { BPF_PROG_TYPE_LSM = 29 };
enum bpf_attach_type { BPF_LSM_MAC = 27 };
enum fs_context_purpose { FS_CONTEXT_FOR_MOUNT };
enum { BPF_F_NO_PREALLOC = 1, BPF_F_MMAPABLE = 1024 };
enum { AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10 };
enum { PIDTYPE_SID = 3 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct upid {
	int nr;
};
struct pid {
	struct upid numbers[1];
};
struct signal_struct {
	struct pid *pids[4];
};
struct kernfs_node {
	const char *name;
	__u64 id;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct css_set {
	struct cgroup *dfl_cgrp;
};
struct mm_struct {
	struct file *exe_file;
};
struct task_struct {
	struct css_set *cgroups;
	struct mm_struct *mm;
	int pid, tgid;
	char comm[16];
	struct signal_struct *signal;
};
struct file_system_type {
	const char *name;
};
struct block_device;
struct super_block {
	__u32 s_dev;
	struct block_device *s_bdev;
	unsigned long s_magic;
	struct file_system_type *s_type;
};
struct inode {
	unsigned long i_ino;
	unsigned int i_nlink;
	struct super_block *i_sb;
};
struct qstr {
	const unsigned char *name;
};
struct dentry {
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};
struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct path f_path;
	struct inode *f_inode;
};
typedef struct {
	__u32 val;
} kuid_t;
struct cred {
	kuid_t uid, euid;
};
struct linux_binprm {
	struct file *file;
	const char *filename;
	unsigned long p, exec;
	int argc;
};
struct sock_common {
	unsigned short skc_family;
	__be16 skc_dport;
	__u16 skc_num;
};
struct socket;
struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
	struct socket *sk_socket;
};
struct socket {
	short type;
	struct sock *sk;
};
struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};
struct kern_ipc_perm {
	int id;
	int key;
};
struct msg_msg {
	long m_type;
	unsigned long m_ts;
};
struct key {
	int serial;
	char *description;
};
struct bpf_key {
	struct key *key;
};
struct vm_area_struct {
	unsigned long vm_start, vm_end;
};
struct bpf_map {
	__u32 id;
	enum bpf_map_type map_type;
	__u32 max_entries;
	char name[16];
};
struct bpf_prog;
struct bpf_prog_aux {
	__u32 id;
	char name[16];
	struct bpf_prog *prog;
};
struct bpf_prog {
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	struct bpf_prog_aux *aux;
};
struct iattr {
	unsigned int ia_valid;
	unsigned short ia_mode;
};
struct fs_context {
	struct file_system_type *fs_type;
	enum fs_context_purpose purpose : 8;
};
struct fs_parameter {
	const char *key;
};
struct sk_buff {
	unsigned int len;
	__u16 transport_header;
	unsigned char *head;
};
struct xfrm_id {
	__u8 proto;
};
struct xfrm_state {
	struct xfrm_id id;
	struct {
		__u32 reqid;
	} props;
};
struct rlimit {
	unsigned long rlim_cur, rlim_max;
};
struct bus_type {
	const char *name;
};
struct device {
	struct device *parent;
	struct bus_type *bus;
};
struct gendisk {
	struct block_device *part0;
	__u64 diskseq;
};
struct block_device {
	__u32 bd_dev;
	struct gendisk *bd_disk;
	struct device bd_device;
};
struct kernel_siginfo {
	int si_signo, si_code;
};
struct perf_event_attr {
	__u32 type;
	__u64 config;
};
struct perf_event {
	struct perf_event_attr attr;
};
struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};
struct ns_common {
	unsigned int inum;
};
struct user_namespace {
	kuid_t owner;
	struct ns_common ns;
};
struct bpf_token {
	struct user_namespace *userns;
	__u64 allowed_cmds;
};
struct request_sock {
	struct sock_common __req_common;
};
struct io_uring_cmd {
	struct file *file;
	__u32 cmd_op;
};

#pragma clang attribute pop

/* Not read: its size is what counts. */
struct bpf_dynptr {
	__u64 opaque[2];
};

#endif
