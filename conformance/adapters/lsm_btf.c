// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "conformance/adapters/lsm_btf.h"
#include "conformance/bpf/wire.h"

#define PREFIX "bpf_lsm_"

static_assert(KRSI_MAX_ARGS == WIRE_ARGS && KRSI_TEXT == WIRE_TEXT, "ABI and wire differ");

/* What to read of an argument, by the type that the hook declares; others are numbers. */
static const struct {
	const char *type;
	enum wire_kind kind;
} kinds[] = {
	{ "char *", WIRE_STR },
	{ "void *", WIRE_BYTES },
	{ "struct inode *", WIRE_INODE },
	{ "struct dentry *", WIRE_DENTRY },
	{ "struct file *", WIRE_FILE },
	{ "struct path *", WIRE_PATH },
	{ "struct task_struct *", WIRE_TASK },
	{ "struct cred *", WIRE_CRED },
	{ "struct linux_binprm *", WIRE_BPRM },
	{ "struct socket *", WIRE_SOCKET },
	{ "struct sock *", WIRE_SOCK },
	{ "struct super_block *", WIRE_SUPER },
	{ "struct sockaddr *", WIRE_SOCKADDR },
	{ "struct kern_ipc_perm *", WIRE_IPC },
	{ "struct msg_msg *", WIRE_MSG },
	{ "struct key *", WIRE_KEY },
	{ "key_ref_t", WIRE_KEY },
	{ "struct vm_area_struct *", WIRE_VMA },
	{ "struct bpf_map *", WIRE_BPFMAP },
	{ "struct bpf_prog *", WIRE_BPFPROG },
	{ "struct bpf_prog_aux *", WIRE_PROGAUX },
	{ "struct bpf_token *", WIRE_BPFTOKEN },
	{ "struct qstr *", WIRE_QSTR },
	{ "struct vfsmount *", WIRE_MOUNT },
	{ "struct iattr *", WIRE_IATTR },
	{ "struct fs_context *", WIRE_FSCONTEXT },
	{ "struct fs_parameter *", WIRE_FSPARAM },
	{ "struct sk_buff *", WIRE_SKB },
	{ "struct xfrm_state *", WIRE_XFRM },
	{ "struct xfrm_user_sec_ctx *", WIRE_BYTES },
	{ "struct rlimit *", WIRE_RLIMIT },
	{ "struct block_device *", WIRE_BDEV },
	{ "struct kernel_siginfo *", WIRE_SIGINFO },
	{ "struct perf_event *", WIRE_PERF },
	{ "struct perf_event_attr *", WIRE_BYTES },
	{ "union bpf_attr *", WIRE_BYTES },
	{ "struct timespec64 *", WIRE_TIMESPEC },
	{ "struct user_namespace *", WIRE_USERNS },
	{ "struct request_sock *", WIRE_REQSOCK },
	{ "struct kernfs_node *", WIRE_KERNFS },
	{ "struct io_uring_cmd *", WIRE_URINGCMD },
	{ "kernel_cap_t *", WIRE_BYTES },
	{ "struct timezone *", WIRE_BYTES },
	{ "struct lsm_ctx *", WIRE_BYTES },
};

static __u32 skip_qualifiers(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_const(t) || btf_is_volatile(t) || btf_is_restrict(t) ||
		     btf_is_type_tag(t))) {
		id = t->type;
		t = btf__type_by_id(btf, id);
	}
	return id;
}

/* Spells a type in C, without qualifiers: "struct inode **", "umode_t", "void *". */
static void spell(const struct btf *btf, __u32 id, char *buf, size_t size)
{
	const struct btf_type *t;
	const char *name, *tag = "";
	int stars = 0, len;

	for (;;) {
		id = skip_qualifiers(btf, id);
		t = btf__type_by_id(btf, id);
		if (!t || !btf_is_ptr(t))
			break;
		stars++;
		id = t->type;
	}
	if (t && (btf_is_struct(t) || (btf_is_fwd(t) && !btf_kflag(t))))
		tag = "struct ";
	else if (t && (btf_is_union(t) || btf_is_fwd(t)))
		tag = "union ";
	else if (t && btf_is_any_enum(t))
		tag = "enum ";
	name = !id ? "void" : t ? btf__name_by_offset(btf, t->name_off) : "?";
	len = snprintf(buf, size, "%s%s%s", tag, name ? name : "", stars ? " " : "");
	while (stars-- && len > 0 && (size_t)len + 1 < size)
		buf[len++] = '*';
	if (len > 0 && (size_t)len < size)
		buf[len] = '\0';
}

static enum wire_kind kind_of(const struct btf *btf, __u32 id, const char *type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].type, type))
			return kinds[i].kind;
	switch (btf__resolve_size(btf, id)) {
	case 1:
		return WIRE_NUM8;
	case 2:
		return WIRE_NUM16;
	case 4:
		return WIRE_NUM32;
	}
	return WIRE_NUM;
}

static enum krsi_ret ret_of(const struct btf *btf, __u32 id)
{
	char type[64];

	spell(btf, id, type, sizeof(type));
	if (!strcmp(type, "void"))
		return KRSI_RET_VOID;
	return strcmp(type, "bool") && strcmp(type, "_Bool") ? KRSI_RET_INT : KRSI_RET_BOOL;
}

static int read_params(const struct btf *btf, const struct btf_type *proto, struct krsi_hook *hook,
		       struct lsm_target *target)
{
	const struct btf_param *p = btf_params(proto);
	unsigned int n = btf_vlen(proto), slot = 0;

	for (unsigned int i = 0; i < n && i < KRSI_MAX_PARAMS; i++) {
		struct krsi_param *param = &hook->param[hook->nr_params++];
		__s64 size = btf__resolve_size(btf, p[i].type);
		char type[64];

		spell(btf, p[i].type, type, sizeof(type));
		param->name = strdup(btf__name_by_offset(btf, p[i].name_off) ?: "");
		param->type = strdup(type);
		if (!param->name || !param->type)
			return -ENOMEM;
		param->arg = slot < WIRE_ARGS ? (int)slot : -1;
		if (slot < WIRE_ARGS)
			target->kinds |= (__u64)kind_of(btf, p[i].type, type) << (8 * slot);
		/* a structure passed by value takes a slot for each 8 bytes */
		slot += size > 8 ? (unsigned int)(size + 7) / 8 : 1;
	}
	target->arg_bytes = 8 * (slot < WIRE_ARGS ? slot : WIRE_ARGS);
	return 0;
}

static bool is_member(const struct btf *btf, const struct btf_type *u, const char *name)
{
	const struct btf_member *m = btf_members(u);

	for (unsigned int i = 0; i < btf_vlen(u); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name))
			return true;
	return false;
}

struct pair {
	struct krsi_hook hook;
	struct lsm_target target;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->hook.name, ((const struct pair *)b)->hook.name);
}

static int collect(const struct btf *btf, const struct btf_type *options, struct pair *pairs,
		   size_t *n)
{
	__u32 last = btf__type_cnt(btf);
	int err;

	for (__u32 id = 1; id < last; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id), *proto;
		struct pair *pair = &pairs[*n];
		const char *name;

		if (!btf_is_func(t))
			continue;
		name = btf__name_by_offset(btf, t->name_off);
		/* some helpers of BPF LSM itself share the prefix */
		if (strncmp(name, PREFIX, strlen(PREFIX)) ||
		    !is_member(btf, options, name + strlen(PREFIX)))
			continue;
		if (*n == btf_vlen(options))
			return -EINVAL;
		proto = btf__type_by_id(btf, t->type);
		pair->hook.name = strdup(name + strlen(PREFIX));
		if (!pair->hook.name)
			return -ENOMEM;
		pair->hook.ret = ret_of(btf, proto->type);
		pair->target.btf_id = id;
		err = read_params(btf, proto, &pair->hook, &pair->target);
		if (err)
			return err;
		++*n;
	}
	return *n ? 0 : -ENOENT;
}

int lsm_btf__read(const struct btf *btf, struct lsm_hooks *hooks)
{
	__s32 id = btf__find_by_name_kind(btf, "security_list_options", BTF_KIND_UNION);
	const struct btf_type *options;
	struct pair *pairs;
	size_t n = 0;
	int err;

	memset(hooks, 0, sizeof(*hooks));
	if (id < 0)
		return -ENOENT;
	options = btf__type_by_id(btf, id);
	pairs = calloc(btf_vlen(options) + 1, sizeof(*pairs));
	if (!pairs)
		return -ENOMEM;
	err = collect(btf, options, pairs, &n);
	if (err)
		goto out;
	qsort(pairs, n, sizeof(*pairs), by_name);
	hooks->hook = calloc(n, sizeof(*hooks->hook));
	hooks->target = calloc(n, sizeof(*hooks->target));
	if (!hooks->hook || !hooks->target) {
		err = -ENOMEM;
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		hooks->hook[i] = pairs[i].hook;
		hooks->target[i] = pairs[i].target;
	}
	hooks->n = n;
out:
	free(pairs);
	if (err)
		lsm_btf__free(hooks);
	return err;
}

void lsm_btf__free(struct lsm_hooks *hooks)
{
	for (size_t i = 0; i < hooks->n; i++) {
		for (unsigned int p = 0; p < hooks->hook[i].nr_params; p++) {
			free((char *)hooks->hook[i].param[p].name);
			free((char *)hooks->hook[i].param[p].type);
		}
		free((char *)hooks->hook[i].name);
	}
	free(hooks->hook);
	free(hooks->target);
	memset(hooks, 0, sizeof(*hooks));
}

int lsm_btf__find(const struct lsm_hooks *hooks, const char *name)
{
	size_t low = 0, high = hooks->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(name, hooks->hook[mid].name);

		if (!order)
			return mid;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return -ENOENT;
}

static bool member_within(const struct btf *btf, __u32 id, const char *member)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m;

	if (!t || !btf_is_composite(t))
		return false;
	m = btf_members(t);
	for (unsigned int i = 0; i < btf_vlen(t); i++, m++) {
		const char *name = btf__name_by_offset(btf, m->name_off);

		if (!strcmp(name, member))
			return true;
		/* bpf(2)'s types keep a part for each command or kind in a nested structure */
		if (member_within(btf, m->type, member))
			return true;
	}
	return false;
}

bool lsm_btf__has_member(const struct btf *btf, const char *type, const char *member)
{
	__s32 id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);

	if (id < 0)
		id = btf__find_by_name_kind(btf, type, BTF_KIND_UNION);
	return id > 0 && member_within(btf, id, member);
}
