// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mainline BPF LSM. One BPF object is relocated against the running kernel once; for each hook its
 * instructions are copied, the WIRE_IMM_* constants replaced, and the copy loaded.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "conformance/adapters/builtin.h"
#include "conformance/adapters/lsm_btf.h"
#include "conformance/adapters/named.h"
#include "conformance/adapters/steered.h"

/* The compiled hook.bpf.c; see hook_object.S. */
extern const char hook_object[], hook_object_end[];

struct krsi_instance {
	struct utsname uts;
	struct lsm_hooks hooks;
	struct steered steered;
	uint32_t features; /* enum krsi_capability, those that were probed */
};

struct krsi_prog {
	struct krsi_instance *inst;
	int fd;
	int slot;	     /* -1: fixed or named */
	struct named *named; /* NULL: one of ours */
};

struct krsi_link {
	int fd;
	int cgroup, prog; /* of an attachment to a cgroup without a link; fd is then -1 */
};

/* Loads once more with a log, and keeps the log's last words as the error. */
static void explain_load(struct krsi_instance *inst, const char *hook, const struct bpf_insn *insns,
			 size_t n, struct bpf_prog_load_opts *opts, const char *license, int err)
{
	size_t size = 1 << 16;
	char *log = calloc(1, size);
	int fd;

	if (!log)
		return;
	opts->log_level = 1;
	opts->log_buf = log;
	opts->log_size = size;
	fd = bpf_prog_load(BPF_PROG_TYPE_LSM, NULL, license, insns, n, opts);
	if (fd >= 0)
		close(fd);
	steered__fail(&inst->steered, err, "load for %s: %s: %.300s", hook, strerror(-err),
		      steered__last_words(log));
	free(log);
}

static int load_insns(struct krsi_instance *inst, enum bpf_attach_type type, const char *hook,
		      __u32 btf_id, bool sleepable, const char *license,
		      const struct bpf_insn *insns, size_t n, bool explain)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type, .attach_btf_id = btf_id,
		    .prog_flags = sleepable ? BPF_F_SLEEPABLE : 0);
	int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "krsi", license, insns, n, &opts);
	int err = fd < 0 ? -errno : 0;

	if (err && explain)
		explain_load(inst, hook, insns, n, &opts, license, err);
	return err ?: fd;
}

/* union bpf_attr for BPF_PROG_LOAD, as far as a load with a token needs it. */
struct load_attr {
	__u32 type, insn_cnt;
	__u64 insns, license;
	__u32 log_level, log_size;
	__u64 log_buf;
	__u32 kern_version, flags;
	char name[BPF_OBJ_NAME_LEN];
	__u32 ifindex, expected_attach_type, btf_fd, func_info_size;
	__u64 func_info;
	__u32 func_info_cnt, line_info_size;
	__u64 line_info;
	__u32 line_info_cnt, attach_btf_id, attach_obj_fd, core_relo_cnt;
	__u64 fd_array, core_relos;
	__u32 core_relo_size, log_true_size;
	__s32 token_fd;
};

static_assert(offsetof(struct load_attr, core_relo_size) ==
		      offsetof(union bpf_attr, core_relo_rec_size),
	      "the layout of a load is another");

#define LOAD_WITH_TOKEN (1U << 16) /* BPF_F_TOKEN_FD */

/* libbpf may be too old to know tokens. */
static int load_by_token(const char *license, const struct bpf_insn *insns, size_t n,
			 const struct bpf_prog_load_opts *opts, int token)
{
	const struct load_attr attr = {
		.type = BPF_PROG_TYPE_LSM,
		.insn_cnt = n,
		.insns = (uintptr_t)insns,
		.license = (uintptr_t)license,
		.flags = opts->prog_flags | LOAD_WITH_TOKEN,
		.name = "krsi",
		.expected_attach_type = opts->expected_attach_type,
		.attach_btf_id = opts->attach_btf_id,
		.token_fd = token,
	};
	int fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	return fd < 0 ? -errno : fd;
}

/* A log of two instructions is short: tests load many of these, to see each refused once. */
static int load_fixed(struct krsi_instance *inst, enum bpf_attach_type type, const char *hook,
		      __u32 btf_id, bool sleepable, const char *license, __s32 ret, int token)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = ret },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[8192] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type, .attach_btf_id = btf_id,
		    .prog_flags = sleepable ? BPF_F_SLEEPABLE : 0, .log_level = 1, .log_buf = log,
		    .log_size = sizeof(log));
	int fd, err;

	if (token)
		return load_by_token(license, insns, 2, &opts, token);
	fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "krsi", license, insns, 2, &opts);
	err = fd < 0 ? -errno : 0;
	if (err)
		steered__fail(&inst->steered, err, "load for %s: %s: %.300s", hook, strerror(-err),
			      steered__last_words(log));
	return err ?: fd;
}

/* The first program that describes these kinds of arguments, one a byte. */
static const char *shape_for(__u64 kinds)
{
#define SHAPE(name, has) { "hook_" #name, has },
	static const struct {
		const char *program;
		__u64 kinds;
	} shapes[] = { WIRE_SHAPES(SHAPE) };
#undef SHAPE
	__u64 wanted = 0;
	size_t i = 0;

	for (; kinds; kinds >>= 8)
		wanted |= kinds & 0xff ? WIRE_KIND(kinds & 0xff) : 0;
	while (wanted & ~shapes[i].kinds) /* the last has all */
		i++;
	return shapes[i].program;
}

static int load_steered(struct krsi_instance *inst, int index, bool sleepable, const char *license,
			int slot)
{
	const struct krsi_hook *hook = &inst->hooks.hook[index];
	const struct lsm_target *target = &inst->hooks.target[index];
	const struct steered_imm imm = {
		.slot = slot,
		.arg_bytes = target->arg_bytes,
		.kinds = target->kinds,
		.is_int = hook->ret == KRSI_RET_INT,
	};
	struct bpf_insn *insns;
	size_t n;
	int fd;

	insns = steered__copy(&inst->steered, shape_for(target->kinds), &imm, &n);
	if (!insns)
		return -ENOMEM;
	fd = load_insns(inst, BPF_LSM_MAC, hook->name, target->btf_id, sleepable, license, insns, n,
			true);
	free(insns);
	return fd;
}

/*
 * Is the hook a target for this program? Asked with programs that read a register nobody set, which
 * the verifier refuses with EACCES, after it has looked at the target (EINVAL where that is wrong)
 * and before anything is compiled.
 */
static bool takes(struct krsi_instance *inst, size_t i, bool sleepable,
		  const struct bpf_insn *insns, size_t n)
{
	return load_insns(inst, BPF_LSM_MAC, inst->hooks.hook[i].name, inst->hooks.target[i].btf_id,
			  sleepable, "GPL", insns, n, false) == -EACCES;
}

/*
 * Which hooks take a program, and a sleepable one: the lists are inside the kernel, so ask it. The
 * hooks whose answer is a truth value are declared int; the verifier tells them by the range: -1 is
 * returned on the way that it looks at first.
 */
static void probe_hooks(struct krsi_instance *inst)
{
	static const struct bpf_insn any[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .src_reg = BPF_REG_9 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static const struct bpf_insn negative[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .off = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .src_reg = BPF_REG_9 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	for (size_t i = 0; i < inst->hooks.n; i++) {
		struct krsi_hook *hook = &inst->hooks.hook[i];

		hook->attachable =
			takes(inst, i, false, negative, sizeof(negative) / sizeof(negative[0]));
		if (!hook->attachable && takes(inst, i, false, any, sizeof(any) / sizeof(any[0]))) {
			hook->attachable = true;
			hook->ret = KRSI_RET_BOOL;
		}
		hook->sleepable = takes(inst, i, true, any, sizeof(any) / sizeof(any[0]));
	}
}

/* libbpf's bpf_link_create() would fall back to BPF_RAW_TRACEPOINT_OPEN, and nobody could tell. */
static int link_create(int prog_fd)
{
	const union bpf_attr attr = {
		.link_create = { .prog_fd = prog_fd, .attach_type = BPF_LSM_MAC },
	};

	return syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr.link_create));
}

/*
 * BPF_LINK_CREATE for LSM programs came after BPF_RAW_TRACEPOINT_OPEN: try it once. Where a program
 * attaches once only, the kernel forgets its target then: a second attach gives ENOENT, not EBUSY.
 */
static void probe_links(struct krsi_instance *inst)
{
	int index = lsm_btf__find(&inst->hooks, "file_open"), fd, link;

	if (index < 0)
		return;
	fd = load_fixed(inst, BPF_LSM_MAC, "file_open", inst->hooks.target[index].btf_id, false,
			"GPL", 0, 0);
	if (fd < 0)
		return;
	link = link_create(fd);
	if (link >= 0)
		inst->features |= KRSI_CAP_LINK_CREATE;
	else
		link = bpf_raw_tracepoint_open(NULL, fd);
	if (bpf_raw_tracepoint_open(NULL, fd) < 0 && errno == EBUSY)
		inst->features |= KRSI_CAP_AGAIN;
	if (link >= 0)
		close(link);
	close(fd);
}

/* What bpf(2) can tell and take, by the types that the kernel has for it. */
static uint32_t btf_features(const struct btf *btf)
{
	return (lsm_btf__has_member(btf, "bpf_prog_info", "attach_btf_id") ? KRSI_CAP_PROG_TARGET
									   : 0) |
	       (lsm_btf__has_member(btf, "bpf_link_info", "target_btf_id") ? KRSI_CAP_LINK_TARGET
									   : 0) |
	       (lsm_btf__has_member(btf, "bpf_attr", "prog_token_fd") ? KRSI_CAP_TOKEN : 0);
}

/* Is there BPF_LSM_CGROUP? A kernel without programs on cgroups does not even look for the cgroup
 * that it is asked about. */
static bool probe_cgroup(struct krsi_instance *inst)
{
	int index = lsm_btf__find(&inst->hooks, "file_open"), fd;
	__u32 n = 0;

	if (index < 0)
		return false;
	fd = load_fixed(inst, BPF_LSM_CGROUP, "file_open", inst->hooks.target[index].btf_id, false,
			"GPL", 1, 0);
	if (fd < 0)
		return false;
	close(fd);
	return bpf_prog_query(-1, BPF_LSM_CGROUP, 0, NULL, NULL, &n) && errno == EBADF;
}

static void lsm_close(struct krsi_instance *inst)
{
	if (!inst)
		return;
	steered__close(&inst->steered);
	lsm_btf__free(&inst->hooks);
	free(inst);
}

/* Is `bpf` among the active LSMs? Where securityfs does not tell, the tests will. */
static bool is_active(void)
{
	char lsms[512] = "", *save = NULL;
	FILE *file = fopen("/sys/kernel/security/lsm", "re");

	if (!file)
		return true;
	if (!fgets(lsms, sizeof(lsms), file))
		lsms[0] = '\0';
	fclose(file);
	for (char *at = strtok_r(lsms, ",\n", &save); at; at = strtok_r(NULL, ",\n", &save))
		if (!strcmp(at, "bpf"))
			return true;
	return false;
}

/* The kernel's BTF is megabytes, which each of thousands of forks would copy: it is not kept. */
static int read_hooks(struct krsi_instance *inst, const char **why)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err;

	if (!btf) {
		*why = "no kernel BTF (CONFIG_DEBUG_INFO_BTF)";
		return -ENODATA;
	}
	err = lsm_btf__read(btf, &inst->hooks);
	inst->features = btf_features(btf);
	btf__free(btf);
	if (!err)
		return 0;
	*why = "BPF LSM is not built in (CONFIG_BPF_LSM)";
	return -ENOSYS;
}

static int lsm_open(const char *option, struct krsi_instance **out, const char **why)
{
	struct krsi_instance *inst;
	int err;

	if (option) {
		*why = "bpf-lsm takes no option";
		return -EINVAL;
	}
	inst = calloc(1, sizeof(*inst));
	if (!inst)
		return -ENOMEM;
	steered__set_up_libbpf();
	uname(&inst->uts);
	if (geteuid()) {
		err = -EPERM;
		*why = "loading BPF LSM programs needs root";
		goto out;
	}
	err = read_hooks(inst, why);
	if (err)
		goto out;
	if (!is_active()) {
		err = -ENOTCONN;
		*why = "BPF LSM is built in but `bpf` is not in lsm=: programs attach and never run";
		goto out;
	}
	err = steered__open(&inst->steered, hook_object, hook_object_end - hook_object, why);
	if (err)
		goto out;
	probe_hooks(inst);
	probe_links(inst);
	if (probe_cgroup(inst))
		inst->features |= KRSI_CAP_CGROUP;
	*out = inst;
	return 0;
out:
	lsm_close(inst);
	return err;
}

static void lsm_describe(struct krsi_instance *inst, struct krsi_description *desc)
{
	desc->name = bpf_lsm_adapter.name;
	desc->version = inst->uts.release;
	desc->capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_ARGS | KRSI_CAP_SLEEPABLE |
			     KRSI_CAP_FIXED | KRSI_CAP_MULTI | KRSI_CAP_LIFO | KRSI_CAP_NAMED |
			     KRSI_CAP_PROCESS | KRSI_CAP_LINK | KRSI_CAP_TARGET | KRSI_CAP_FDS |
			     KRSI_CAP_FREE_ATTACH | inst->features;
}

static int lsm_hooks(struct krsi_instance *inst, const struct krsi_hook **hooks, size_t *n)
{
	*hooks = inst->hooks.hook;
	*n = inst->hooks.n;
	return 0;
}

static int find_function(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) : 0;

	btf__free(btf);
	return id;
}

/* A function that is no hook is asked for as "@name"; see LOAD-002. */
static int find_target(struct krsi_instance *inst, const char *hook, __u32 *btf_id)
{
	int index = lsm_btf__find(&inst->hooks, hook);

	if (index >= 0)
		*btf_id = inst->hooks.target[index].btf_id;
	else if (*hook == '@')
		*btf_id = find_function(hook + 1);
	else
		return steered__fail(&inst->steered, -ENOENT, "no hook %s in this kernel's BTF",
				     hook);
	return index;
}

static int load_named(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		      struct krsi_prog **out)
{
	struct krsi_prog *prog = calloc(1, sizeof(*prog));
	const char *why;
	int err;

	if (!prog)
		return -ENOMEM;
	err = named__load(spec->named, spec->hook, spec->sleepable, &prog->named, &why);
	if (err) {
		free(prog);
		return steered__fail(&inst->steered, err, "load of %s: %s: %.300s", spec->named,
				     strerror(-err), why);
	}
	prog->inst = inst;
	prog->slot = -1;
	prog->fd = named__fd(prog->named);
	*out = prog;
	return 0;
}

static int lsm_load(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		    struct krsi_prog **out)
{
	const char *license = spec->license ?: "GPL";
	struct krsi_prog *prog;
	__u32 btf_id = 0;
	int index, slot = -1, fd;

	if (spec->named)
		return load_named(inst, spec, out);
	index = find_target(inst, spec->hook, &btf_id);
	if (index < 0 && (*spec->hook != '@' || !spec->fixed))
		return -ENOENT;
	prog = calloc(1, sizeof(*prog));
	if (!prog)
		return -ENOMEM;
	if (spec->fixed) {
		fd = load_fixed(inst, spec->cgroup ? BPF_LSM_CGROUP : BPF_LSM_MAC, spec->hook,
				btf_id, spec->sleepable, license, spec->fixed_ret, spec->token_fd);
	} else {
		slot = steered__free_slot(&inst->steered);
		fd = slot < 0 ? steered__fail(&inst->steered, slot, "more than %d programs",
					      WIRE_SLOTS - 1)
			      : load_steered(inst, index, spec->sleepable, license, slot);
	}
	if (fd < 0) {
		free(prog);
		return fd;
	}
	*prog = (struct krsi_prog){ .inst = inst, .fd = fd, .slot = slot };
	if (slot >= 0)
		steered__own(&inst->steered, slot, prog);
	*out = prog;
	return 0;
}

static void lsm_unload(struct krsi_prog *prog)
{
	if (!prog)
		return;
	steered__drop(&prog->inst->steered, prog->slot, prog->named, prog->fd);
	free(prog);
}

static int lsm_attach(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link **out)
{
	struct krsi_link *link = calloc(1, sizeof(*link));
	int err;

	if (!link)
		return -ENOMEM;
	link->fd = by == KRSI_ATTACH_LINK_CREATE ? link_create(prog->fd)
						 : bpf_raw_tracepoint_open(NULL, prog->fd);
	if (link->fd < 0) {
		err = -errno;
		free(link);
		return steered__fail(&prog->inst->steered, err, "attach: %s", strerror(-err));
	}
	*out = link;
	return 0;
}

/* An attachment that is no link needs the program once more to be undone. */
static int attach_flags(struct krsi_prog *prog, int cgroup, unsigned int flags,
			struct krsi_link *link)
{
	if (bpf_prog_attach(prog->fd, cgroup, BPF_LSM_CGROUP, flags))
		return -errno;
	link->cgroup = fcntl(cgroup, F_DUPFD_CLOEXEC, 0);
	link->prog = fcntl(prog->fd, F_DUPFD_CLOEXEC, 0);
	return link->cgroup < 0 || link->prog < 0 ? -errno : 0;
}

static int lsm_attach_cgroup(struct krsi_prog *prog, int cgroup, enum krsi_cgroup_by by,
			     struct krsi_link **out)
{
	static const unsigned int flags[] = {
		[KRSI_CGROUP_EXCLUSIVE] = 0,
		[KRSI_CGROUP_OVERRIDE] = BPF_F_ALLOW_OVERRIDE,
		[KRSI_CGROUP_MULTI] = BPF_F_ALLOW_MULTI,
		[KRSI_CGROUP_BOTH] = BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI,
	};
	struct krsi_link *link = calloc(1, sizeof(*link));
	int err = 0;

	if (!link)
		return -ENOMEM;
	link->fd = -1;
	if (by == KRSI_CGROUP_LINK) {
		link->fd = bpf_link_create(prog->fd, cgroup, BPF_LSM_CGROUP, NULL);
		err = link->fd < 0 ? -errno : 0;
	} else {
		err = attach_flags(prog, cgroup, flags[by], link);
	}
	if (err) {
		free(link);
		return steered__fail(&prog->inst->steered, err, "attach to a cgroup: %s",
				     strerror(-err));
	}
	*out = link;
	return 0;
}

static int lsm_query_cgroup(struct krsi_instance *inst, int cgroup, bool effective, uint32_t *ids,
			    size_t n)
{
	__u32 flags[64];
	LIBBPF_OPTS(bpf_prog_query_opts, opts, .query_flags = effective ? BPF_F_QUERY_EFFECTIVE : 0,
		    .prog_ids = ids, .prog_cnt = n < 64 ? n : 64,
		    .prog_attach_flags = effective ? NULL : flags);

	if (bpf_prog_query_opts(cgroup, BPF_LSM_CGROUP, &opts) && errno != ENOSPC)
		return steered__fail(&inst->steered, -errno, "query of a cgroup: %s",
				     strerror(errno));
	return opts.prog_cnt;
}

static int lsm_detach(struct krsi_link *link)
{
	int err;

	if (link->fd >= 0) {
		err = close(link->fd) ? -errno : 0;
	} else {
		err = bpf_prog_detach2(link->prog, link->cgroup, BPF_LSM_CGROUP) ? -errno : 0;
		close(link->prog);
		close(link->cgroup);
	}
	free(link);
	return err;
}

static int lsm_steer(struct krsi_prog *prog, const struct krsi_rule *rule)
{
	if (prog->slot < 0)
		return steered__fail(&prog->inst->steered, -EINVAL,
				     "a program with a fixed verdict is not steered");
	steered__steer(&prog->inst->steered, prog->slot, rule);
	return 0;
}

static uint64_t lsm_calls(struct krsi_prog *prog, uint64_t *lost)
{
	if (lost)
		*lost = 0;
	return prog->slot < 0 ? 0 : steered__calls(&prog->inst->steered, prog->slot, lost);
}

static uint32_t lsm_prog_id(struct krsi_prog *prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(prog->fd, &info, &len) ? 0 : info.id;
}

static int lsm_read_events(struct krsi_instance *inst, int timeout_ms, krsi_event_fn fn, void *data)
{
	return steered__read(&inst->steered, timeout_ms, fn, data);
}

static int lsm_data(struct krsi_prog *prog, void **mem, size_t *size)
{
	*mem = prog->named ? named__io(prog->named, size) : NULL;
	return *mem ? 0 : -ENOENT;
}

static int lsm_map(struct krsi_prog *prog, const char *name)
{
	int fd = prog->named ? bpf_object__find_map_fd_by_name(named__object(prog->named), name)
			     : -ENOENT;

	return fd < 0 ? -ENOENT : fd;
}

static int lsm_prog_fd(struct krsi_prog *prog)
{
	return prog->fd;
}

static int lsm_link_fd(struct krsi_link *link)
{
	return link->fd;
}

static const char *lsm_last_error(struct krsi_instance *inst)
{
	return inst->steered.error;
}

const struct krsi_adapter bpf_lsm_adapter = {
	.abi = KRSI_ADAPTER_ABI,
	.size = sizeof(struct krsi_adapter),
	.name = "bpf-lsm",
	.open = lsm_open,
	.close = lsm_close,
	.describe = lsm_describe,
	.hooks = lsm_hooks,
	.load = lsm_load,
	.unload = lsm_unload,
	.attach = lsm_attach,
	.detach = lsm_detach,
	.steer = lsm_steer,
	.calls = lsm_calls,
	.prog_id = lsm_prog_id,
	.read_events = lsm_read_events,
	.data = lsm_data,
	.last_error = lsm_last_error,
	.attach_cgroup = lsm_attach_cgroup,
	.query_cgroup = lsm_query_cgroup,
	.map = lsm_map,
	.prog_fd = lsm_prog_fd,
	.link_fd = lsm_link_fd,
};
