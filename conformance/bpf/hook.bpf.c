// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that the bpf-lsm adapter puts on every hook. It is compiled once; the loader
 * replaces the WIRE_IMM_* constants for each hook, so that the verifier walks only the code that
 * describes that hook's arguments. Who it matches and what it returns is read from its slot at
 * each call: a verdict changes by a write to memory, not by another attach.
 */
#include "kernel_types.h"
#include "steered.h"
#include "verdict.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "GPL";

#define READ_TEXT(arg, src) bpf_probe_read_kernel_str((arg)->text, WIRE_TEXT, (src))

static void describe_inode(struct wire_arg *arg, struct inode *inode)
{
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);

	arg->a = BPF_CORE_READ(inode, i_ino);
	arg->b = BPF_CORE_READ(sb, s_dev);
}

static void describe_dentry(struct wire_arg *arg, struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);

	if (inode)
		arg->a = BPF_CORE_READ(inode, i_ino);
	arg->b = BPF_CORE_READ(dentry, d_sb, s_dev);
	READ_TEXT(arg, BPF_CORE_READ(dentry, d_name.name));
}

static void describe_sock(struct wire_arg *arg, struct socket *socket, struct sock *sk)
{
	struct socket_alloc *alloc = (void *)socket;

	if (socket)
		arg->a = BPF_CORE_READ(alloc, vfs_inode.i_ino);
	if (sk)
		arg->b = WIRE_SOCK_ID(BPF_CORE_READ(sk, __sk_common.skc_family),
				      BPF_CORE_READ(sk, sk_type), BPF_CORE_READ(sk, sk_protocol));
}

static void describe_sockaddr(struct wire_arg *arg, const void *addr)
{
	__u16 head[2] = {};

	bpf_probe_read_kernel(head, sizeof(head), addr);
	arg->a = head[0];
	if (head[0] == AF_INET || head[0] == AF_INET6)
		arg->b = bpf_ntohs(head[1]);
	bpf_probe_read_kernel(arg->text, WIRE_TEXT - 1, addr + 2);
}

/* Both ports stand first in every transport header that has any. */
static __u64 skb_ports(struct sk_buff *skb)
{
	__u16 offset = BPF_CORE_READ(skb, transport_header), port[2] = {};

	if (offset != (__u16)~0U)
		bpf_probe_read_kernel(port, sizeof(port), BPF_CORE_READ(skb, head) + offset);
	return WIRE_PORTS(bpf_ntohs(port[0]), bpf_ntohs(port[1]));
}

static void describe_bytes(struct wire_arg *arg, const void *mem)
{
	bpf_probe_read_kernel(&arg->a, sizeof(arg->a), mem);
	bpf_probe_read_kernel(&arg->b, sizeof(arg->b), mem + sizeof(arg->a));
	bpf_probe_read_kernel(arg->text, WIRE_TEXT, mem);
}

static void describe_prog_aux(struct wire_arg *arg, struct bpf_prog_aux *aux)
{
	struct bpf_prog *prog = BPF_CORE_READ(aux, prog);

	arg->a = BPF_CORE_READ(aux, id);
	arg->b = WIRE_BPF_ID(BPF_CORE_READ(prog, type), BPF_CORE_READ(prog, expected_attach_type));
	BPF_CORE_READ_STR_INTO(&arg->text, aux, name);
}

/*
 * Each kind is one line or calls one of the above. Of kinds that are not in the constant `has`,
 * nothing is compiled.
 */
static __attribute__((always_inline)) int describe(struct wire_arg *arg, __u64 raw, __u32 kind,
						   __u64 has)
{
	void *p = (void *)raw;

	if (!arg)
		return 0;
	arg->raw = raw;
	if (kind == WIRE_NUM32)
		arg->raw = (__u32)raw;
	if (kind == WIRE_NUM16)
		arg->raw = (__u16)raw;
	if (kind == WIRE_NUM8)
		arg->raw = (__u8)raw;
	if (kind <= WIRE_NUM8 || !p)
		return 0;
#define AS(type, field) BPF_CORE_READ((struct type *)p, field)
#define KIND(kind)                                                                                 \
	case kind:                                                                                 \
		if (!((has)&WIRE_KIND(kind)))                                                      \
		break
	switch (kind) {
		KIND(WIRE_STR);
		READ_TEXT(arg, p);
		break;
		KIND(WIRE_BYTES);
		describe_bytes(arg, p);
		break;
		KIND(WIRE_INODE);
		describe_inode(arg, p);
		READ_TEXT(arg, BPF_CORE_READ((struct inode *)p, i_sb, s_type, name));
		break;
		KIND(WIRE_DENTRY);
		describe_dentry(arg, p);
		break;
		KIND(WIRE_FILE);
		describe_dentry(arg, AS(file, f_path.dentry));
		break;
		KIND(WIRE_PATH);
		describe_dentry(arg, AS(path, dentry));
		break;
		KIND(WIRE_TASK);
		arg->a = AS(task_struct, tgid);
		arg->b = AS(task_struct, pid);
		BPF_CORE_READ_STR_INTO(&arg->text, (struct task_struct *)p, comm);
		break;
		KIND(WIRE_CRED);
		arg->a = AS(cred, uid.val);
		arg->b = AS(cred, euid.val);
		break;
		KIND(WIRE_BPRM);
		describe_dentry(arg, BPF_CORE_READ((struct linux_binprm *)p, file, f_path.dentry));
		READ_TEXT(arg, AS(linux_binprm, filename));
		break;
		KIND(WIRE_SOCKET);
		describe_sock(arg, p, AS(socket, sk));
		break;
		KIND(WIRE_SOCK);
		describe_sock(arg, AS(sock, sk_socket), p);
		break;
		KIND(WIRE_SUPER);
		arg->a = AS(super_block, s_magic);
		arg->b = AS(super_block, s_dev);
		READ_TEXT(arg, BPF_CORE_READ((struct super_block *)p, s_type, name));
		break;
		KIND(WIRE_SOCKADDR);
		describe_sockaddr(arg, p);
		break;
		KIND(WIRE_IPC);
		arg->a = (__u32)AS(kern_ipc_perm, id);
		arg->b = (__u32)AS(kern_ipc_perm, key);
		break;
		KIND(WIRE_MSG);
		arg->a = AS(msg_msg, m_type);
		arg->b = AS(msg_msg, m_ts);
		break;
		KIND(WIRE_KEY);
		p = (void *)(raw & ~1ULL);
		arg->a = (__u32)AS(key, serial);
		READ_TEXT(arg, AS(key, description));
		break;
		KIND(WIRE_VMA);
		arg->a = AS(vm_area_struct, vm_start);
		arg->b = AS(vm_area_struct, vm_end);
		break;
		KIND(WIRE_BPFMAP);
		arg->a = AS(bpf_map, id);
		arg->b = WIRE_BPF_ID(AS(bpf_map, map_type), AS(bpf_map, max_entries));
		BPF_CORE_READ_STR_INTO(&arg->text, (struct bpf_map *)p, name);
		break;
		KIND(WIRE_BPFPROG);
		p = AS(bpf_prog, aux);
		describe_prog_aux(arg, p);
		break;
		KIND(WIRE_PROGAUX);
		describe_prog_aux(arg, p);
		break;
		KIND(WIRE_BPFTOKEN);
		if (bpf_core_type_exists(struct bpf_token)) {
			arg->a = BPF_CORE_READ((struct bpf_token *)p, userns, ns.inum);
			arg->b = AS(bpf_token, allowed_cmds);
		}
		break;
		KIND(WIRE_QSTR);
		READ_TEXT(arg, AS(qstr, name));
		break;
		KIND(WIRE_MOUNT);
		describe_dentry(arg, AS(vfsmount, mnt_root));
		break;
		KIND(WIRE_IATTR);
		arg->a = AS(iattr, ia_valid);
		arg->b = AS(iattr, ia_mode);
		break;
		KIND(WIRE_FSCONTEXT);
		arg->a = BPF_CORE_READ_BITFIELD_PROBED((struct fs_context *)p, purpose);
		READ_TEXT(arg, BPF_CORE_READ((struct fs_context *)p, fs_type, name));
		break;
		KIND(WIRE_FSPARAM);
		READ_TEXT(arg, AS(fs_parameter, key));
		break;
		KIND(WIRE_SKB);
		arg->a = AS(sk_buff, len);
		arg->b = skb_ports(p);
		break;
		KIND(WIRE_XFRM);
		arg->a = AS(xfrm_state, props.reqid);
		arg->b = AS(xfrm_state, id.proto);
		break;
		KIND(WIRE_RLIMIT);
		arg->a = AS(rlimit, rlim_cur);
		arg->b = AS(rlimit, rlim_max);
		break;
		KIND(WIRE_BDEV);
		arg->a = AS(block_device, bd_dev);
		break;
		KIND(WIRE_SIGINFO);
		/* 0, 1 and 2 are the kernel's SEND_SIG_* constants, not addresses */
		arg->a = raw > 2 ? AS(kernel_siginfo, si_signo) : 0;
		arg->b = raw > 2 ? AS(kernel_siginfo, si_code) : 0;
		break;
		KIND(WIRE_PERF);
		arg->a = AS(perf_event, attr.type);
		arg->b = AS(perf_event, attr.config);
		break;
		KIND(WIRE_TIMESPEC);
		arg->a = AS(timespec64, tv_sec);
		arg->b = AS(timespec64, tv_nsec);
		break;
		KIND(WIRE_USERNS);
		arg->a = AS(user_namespace, ns.inum);
		arg->b = AS(user_namespace, owner.val);
		break;
		KIND(WIRE_REQSOCK);
		arg->a = bpf_ntohs(AS(request_sock, __req_common.skc_dport));
		arg->b = AS(request_sock, __req_common.skc_num);
		break;
		KIND(WIRE_KERNFS);
		arg->a = AS(kernfs_node, id);
		READ_TEXT(arg, AS(kernfs_node, name));
		break;
		KIND(WIRE_URINGCMD);
		if (bpf_core_type_exists(struct io_uring_cmd)) {
			describe_dentry(
				arg, BPF_CORE_READ((struct io_uring_cmd *)p, file, f_path.dentry));
			arg->b = AS(io_uring_cmd, cmd_op);
		}
		break;
	}
#undef KIND
#undef AS
	return 0;
}

static __u32 current_session(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, signal, pids[PIDTYPE_SID], numbers[0].nr);
}

static int filtered_out(const struct wire_slot *slot, const struct wire_event *event)
{
	const struct wire_arg *arg;
	__u64 index = (__u32)slot->filter_arg, value;

	/* one register for the test and the use, or the verifier loses the bound */
	asm volatile("" : "+r"(index));
	if (index == (__u32)-1)
		return 0;
	if (index >= WIRE_ARGS)
		return 1;
	arg = &event->arg[index];
	value = arg->raw;
	if (slot->filter_field == WIRE_A)
		value = arg->a;
	else if (slot->filter_field == WIRE_B)
		value = arg->b;
	return value != slot->filter_value;
}

typedef int describe_fn(struct wire_arg *arg, __u64 raw, __u32 kind);

/* What the slot says to return, for a call that matches; 0 for any other. */
static __attribute__((always_inline)) int run(void *ctx, describe_fn *describe_arg)
{
	__u64 args[WIRE_ARGS] = {};
	__u32 key = IMM(WIRE_IMM_SLOT), i;
	__u64 bytes = IMM(WIRE_IMM_NARGS), kinds = IMM(WIRE_IMM_KINDS);
	struct wire_event *event;
	struct wire_slot *slot;
	__u64 id;
	int verdict;

	slot = bpf_map_lookup_elem(&slots, &key);
	if (!slot || slot->who == WIRE_NOBODY)
		return 0;
	if (slot->who == WIRE_SUBJECT && slot->session != current_session())
		return 0;
	verdict = slot->verdict;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		/* a filter cannot be judged without a record to hold the arguments */
		__sync_fetch_and_add(&slot->lost, 1);
		if (slot->filter_arg >= 0)
			return 0;
		__sync_fetch_and_add(&slot->calls, 1);
		return verdict;
	}
	__builtin_memset(event, 0, sizeof(*event));
	if (bytes > sizeof(args))
		bytes = 0;
	if (bytes)
		bpf_probe_read_kernel(args, bytes, ctx);
	event->magic = WIRE_MAGIC;
	event->end = WIRE_END;
	event->slot = key;
	event->nsec = bpf_ktime_get_ns();
	id = bpf_get_current_pid_tgid();
	event->tgid = id >> 32;
	event->pid = id;
	event->cpu = bpf_get_smp_processor_id();
	event->verdict = verdict;
	event->nargs = bytes / sizeof(args[0]);
#pragma unroll
	for (i = 0; i < WIRE_ARGS; i++) {
		__u32 kind = (kinds >> (8 * i)) & 0xff;

		if (kind)
			describe_arg(&event->arg[i], args[i], kind);
	}
	if (filtered_out(slot, event)) {
		bpf_ringbuf_discard(event, 0);
		return 0;
	}
	__sync_fetch_and_add(&slot->calls, 1);
	if (slot->record)
		bpf_ringbuf_submit(event, 0);
	else
		bpf_ringbuf_discard(event, 0);
	return verdict;
}

/*
 * One program for each shape of wire.h. The verifier wants to see [-4095, 0] of hooks that return
 * int, a truth value of those that return bool, and takes that of void hooks. (The hook named here
 * only has to let it load.)
 */
#define PROGRAM(shape, kinds)                                                                      \
	static __attribute__((noinline)) int describe_##shape(struct wire_arg *arg, __u64 raw,     \
							      __u32 kind)                          \
	{                                                                                          \
		return describe(arg, raw, kind, kinds);                                            \
	}                                                                                          \
	SEC("lsm/task_free")                                                                       \
	int hook_##shape(void *ctx)                                                                \
	{                                                                                          \
		int verdict = run(ctx, describe_##shape);                                          \
                                                                                                   \
		return IMM(WIRE_IMM_IS_INT) ? verdict_in_range(verdict) : verdict & 1;             \
	}

WIRE_SHAPES(PROGRAM)
