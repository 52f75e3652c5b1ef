// SPDX-License-Identifier: GPL-2.0-only
#include <linux/binfmts.h>
#include <linux/bpf_krsi.h>
#include <linux/filter.h>
#include <linux/kdev_t.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "exec.h"
#include "uapi.h"

/* What uapi.h tells userspace is what this kernel counts. */
static_assert(BPF_PROG_TYPE_KRSI == 33 && BPF_KRSI == 57);
static_assert(BPF_FUNC_krsi_get_env_var == 212 && BPF_FUNC_krsi_get_env_vars == 213);
static_assert(BPF_FUNC_krsi_get_file_id == 214 && BPF_FUNC_krsi_get_session == 215);

static u64 refuse(char *buf, u32 buf_len, int err)
{
	if (buf_len)
		memset(buf, 0, buf_len);
	return (u32)err;
}

/* @name NULL: all variables. */
static u64 env_get(const struct krsi_env_block *env, const char *name, u32 name_len, char *buf,
		   u32 buf_len)
{
	if (!name)
		return krsi_env_get_all(env, buf, buf_len);
	return krsi_env_get(env, name, name_len, buf, buf_len);
}

static u64 env_copied(struct krsi_ctx *ctx, const char *name, u32 name_len, char *buf, u32 buf_len)
{
	struct krsi_env_block env;

	if (!ctx->bprm)
		return refuse(buf, buf_len, -EINVAL);
	env = krsi_strings_copied(ctx);
	return env_get(&env, name, name_len, buf, buf_len);
}

static u64 env_live(struct krsi_ctx *ctx, const char *name, u32 name_len, char *buf, u32 buf_len)
{
	struct krsi_strings_reader reader = { .ctx = ctx };
	struct krsi_env_block env;
	u64 result;

	if (!ctx->bprm)
		return refuse(buf, buf_len, -EINVAL);
	reader.page = kmalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	if (!reader.page)
		return refuse(buf, buf_len, -ENOMEM);
	env = krsi_strings_live(&reader);
	result = env_get(&env, name, name_len, buf, buf_len);
	kfree(reader.page);
	return result;
}

/* With no memory to point to, @name is NULL, and no name at all. */
BPF_CALL_5(krsi_get_env_var, struct krsi_ctx *, ctx, const char *, name, u32, name_len, char *, buf,
	   u32, buf_len)
{
	return env_copied(ctx, name ?: "", name_len, buf, buf_len);
}

BPF_CALL_5(krsi_get_env_var_sleepable, struct krsi_ctx *, ctx, const char *, name, u32, name_len,
	   char *, buf, u32, buf_len)
{
	return env_live(ctx, name ?: "", name_len, buf, buf_len);
}

BPF_CALL_3(krsi_get_env_vars, struct krsi_ctx *, ctx, char *, buf, u32, buf_len)
{
	return env_copied(ctx, NULL, 0, buf, buf_len);
}

BPF_CALL_3(krsi_get_env_vars_sleepable, struct krsi_ctx *, ctx, char *, buf, u32, buf_len)
{
	return env_live(ctx, NULL, 0, buf, buf_len);
}

BPF_CALL_3(krsi_get_file_id, struct krsi_ctx *, ctx, struct krsi_file_id *, id, u32, size)
{
	struct krsi_file_id known;
	struct inode *inode;

	if (!ctx->bprm)
		return (s32)refuse((char *)id, size, -EINVAL);
	inode = file_inode(ctx->bprm->file);
	known = (struct krsi_file_id){
		.dev = new_encode_dev(inode->i_sb->s_dev),
		.ino = inode->i_ino,
		.generation = inode->i_generation,
		.nlink = inode->i_nlink,
	};
	memset(id, 0, size);
	memcpy(id, &known, min_t(size_t, size, sizeof(known)));
	return 0;
}

BPF_CALL_1(krsi_get_session, struct krsi_ctx *, ctx)
{
	return task_session_nr_ns(current, &init_pid_ns);
}

/*
 * As other program types have it, and in sleepable programs too. For those the verifier refuses a
 * perf event array elsewhere, because nothing would keep an element alive that userspace takes
 * out. Here a program cannot get hold of an element: it is looked up, used and let go inside this
 * call. bpf_event_output() stays on its CPU with preemption off meanwhile, which its scratch
 * memory needs, and the element is freed by call_rcu().
 */
BPF_CALL_5(krsi_perf_event_output, struct krsi_ctx *, ctx, struct bpf_map *, map, u64, flags,
	   void *, data, u64, size)
{
	u64 rc;

	if (unlikely(flags & ~BPF_F_INDEX_MASK))
		return -EINVAL;
	rcu_read_lock();
	rc = bpf_event_output(map, flags, data, size, NULL, 0, NULL);
	rcu_read_unlock();
	return rc;
}

#define MAYBE_UNINIT (ARG_PTR_TO_UNINIT_MEM | PTR_MAYBE_NULL)

#define ENV_VAR_PROTO(FUNC)                                                                        \
	{                                                                                          \
		.func = FUNC, .gpl_only = true, .ret_type = RET_INTEGER,                           \
		.arg1_type = ARG_PTR_TO_CTX, .arg2_type = ARG_PTR_TO_MEM_OR_NULL | MEM_RDONLY,     \
		.arg3_type = ARG_CONST_SIZE_OR_ZERO, .arg4_type = MAYBE_UNINIT,                    \
		.arg5_type = ARG_CONST_SIZE_OR_ZERO,                                               \
	}

#define ENV_VARS_PROTO(FUNC)                                                                       \
	{                                                                                          \
		.func = FUNC, .gpl_only = true, .ret_type = RET_INTEGER,                           \
		.arg1_type = ARG_PTR_TO_CTX, .arg2_type = MAYBE_UNINIT,                            \
		.arg3_type = ARG_CONST_SIZE_OR_ZERO,                                               \
	}

/* By whether the program is sleepable. */
static const struct bpf_func_proto get_env_var[] = {
	ENV_VAR_PROTO(krsi_get_env_var),
	ENV_VAR_PROTO(krsi_get_env_var_sleepable),
};

static const struct bpf_func_proto get_env_vars[] = {
	ENV_VARS_PROTO(krsi_get_env_vars),
	ENV_VARS_PROTO(krsi_get_env_vars_sleepable),
};

static const struct bpf_func_proto get_file_id = {
	.func = krsi_get_file_id,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_PTR_TO_UNINIT_MEM,
	.arg3_type = ARG_CONST_SIZE,
};

static const struct bpf_func_proto get_session = {
	.func = krsi_get_session,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
};

static const struct bpf_func_proto perf_event_output = {
	.func = krsi_perf_event_output,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_CONST_MAP_PTR,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg5_type = ARG_CONST_SIZE_OR_ZERO,
};

/* The verifier asks for each call that a program makes: so it is known which need the strings. */
static const struct bpf_func_proto *krsi_func_proto(enum bpf_func_id id,
						    const struct bpf_prog *prog)
{
	switch (id) {
	case BPF_FUNC_krsi_get_env_var:
		prog->aux->krsi_strings = true;
		return &get_env_var[prog->sleepable];
	case BPF_FUNC_krsi_get_env_vars:
		prog->aux->krsi_strings = true;
		return &get_env_vars[prog->sleepable];
	case BPF_FUNC_krsi_get_file_id:
		return &get_file_id;
	case BPF_FUNC_krsi_get_session:
		return &get_session;
	case BPF_FUNC_perf_event_output:
		return &perf_event_output;
	case BPF_FUNC_map_lookup_elem:
		return &bpf_map_lookup_elem_proto;
	case BPF_FUNC_map_update_elem:
		return &bpf_map_update_elem_proto;
	case BPF_FUNC_map_delete_elem:
		return &bpf_map_delete_elem_proto;
	case BPF_FUNC_ringbuf_output:
		return &bpf_ringbuf_output_proto;
	case BPF_FUNC_ringbuf_reserve:
		return &bpf_ringbuf_reserve_proto;
	case BPF_FUNC_ringbuf_submit:
		return &bpf_ringbuf_submit_proto;
	case BPF_FUNC_ringbuf_discard:
		return &bpf_ringbuf_discard_proto;
	case BPF_FUNC_get_current_pid_tgid:
		return &bpf_get_current_pid_tgid_proto;
	case BPF_FUNC_get_current_uid_gid:
		return &bpf_get_current_uid_gid_proto;
	case BPF_FUNC_get_current_comm:
		return &bpf_get_current_comm_proto;
	case BPF_FUNC_ktime_get_ns:
		return &bpf_ktime_get_ns_proto;
	case BPF_FUNC_get_smp_processor_id:
		return &bpf_get_smp_processor_id_proto;
	default:
		return NULL;
	}
}

/* The context is opaque: the kernel's structures are no interface. */
static bool krsi_is_valid_access(int off, int size, enum bpf_access_type type,
				 const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	return false;
}

const struct bpf_prog_ops krsi_prog_ops = {};

const struct bpf_verifier_ops krsi_verifier_ops = {
	.get_func_proto = krsi_func_proto,
	.is_valid_access = krsi_is_valid_access,
};
