// SPDX-License-Identifier: GPL-2.0-only
/* Which programs load for hook files, and of those which attach where. */
#include <linux/bpf.h>
#include <stdio.h>

#include "conformance/semantics/hook_file.h"

/* A descriptor of a program that is not loaded by the implementation; or -errno. */
static int load_raw(uint32_t type, uint32_t attach_type, const struct bpf_insn *insns, size_t n)
{
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach_type,
		.insns = (unsigned long)insns,
		.insn_cnt = n,
		.license = (unsigned long)"GPL",
	};

	return hook_file__bpf(BPF_PROG_LOAD, &attr);
}

static const struct bpf_insn return_0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

HOOK_FILE_TEST(types, "wrong-type", "a program of another type is refused, and so is no program",
	       "REF-026")
{
	struct target to;
	int other = load_raw(BPF_PROG_TYPE_SOCKET_FILTER, 0, return_0, 2);

	hook_file__load_all(t, &to, hook_file__names, 1);
	test__errno(t, 0, other, "load of a socket filter");
	test__errno(t, -EINVAL, hook_file__attach_fd(to.fd, other, to.file.attach_type, 0),
		    "attach of a socket filter");
	test__errno(t, -EINVAL, hook_file__attach_fd(to.fd, to.fd, to.file.attach_type, 0),
		    "attach of what is no program");
	test__errno(t, -EBADF, hook_file__attach_fd(to.fd, 999, to.file.attach_type, 0),
		    "attach of nothing");
	hook_file__expect(t, to.file.path, "", "after all errors");
}

/* Begins a session with one program; its type. */
static uint32_t load_one(struct krsi_run *t, struct target *to)
{
	struct bpf_prog_info info = {};
	union bpf_attr attr = { .info = { .info_len = sizeof(info),
					  .info = (unsigned long)&info } };

	hook_file__load_all(t, to, hook_file__names, 1);
	attr.info.bpf_fd = to->file.prog_fd;
	test__errno(t, 0, hook_file__bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), "a program's type");
	return info.type;
}

HOOK_FILE_TEST(own_type, "attach-type", "a program is loaded with the attach type of its kind",
	       "REF-036")
{
	struct target to;
	uint32_t type, own;

	type = load_one(t, &to);
	own = to.file.attach_type;
	test__errno(t, 0, load_raw(type, own, return_0, 2), "load");
	test__errno(t, -EINVAL, load_raw(type, 0, return_0, 2), "load with no attach type");
	test__errno(t, -EINVAL, load_raw(type, own - 1, return_0, 2), "load with another's");
	test__errno(t, -EINVAL, load_raw(type, own + 1, return_0, 2), "load with nobody's");
}

HOOK_FILE_TEST(opaque, "opaque-context", "a program that reads or writes its context is refused",
	       "REF-023")
{
	struct bpf_insn access[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1 },
		return_0[0],
		return_0[1],
	};
	struct target to;
	uint32_t type;

	type = load_one(t, &to);
	test__errno(t, 0, load_raw(type, to.file.attach_type, return_0, 2), "load");
	for (int off = 0; off < 64; off += 8) {
		access[0].off = off;
		test__errno(t, -EACCES, load_raw(type, to.file.attach_type, access, 3),
			    "load of a program that reads its context");
	}
	access[0] = (struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1 };
	test__errno(t, -EACCES, load_raw(type, to.file.attach_type, access, 3),
		    "load of a program that writes its context");
}

HOOK_FILE_TEST(helpers, "other-helpers", "a helper that looks into the kernel is refused",
	       "REF-023")
{
	static const int looks[] = {
		BPF_FUNC_probe_read,
		BPF_FUNC_probe_read_kernel,
		BPF_FUNC_get_current_task,
		BPF_FUNC_trace_printk,
		BPF_FUNC_d_path,
		BPF_FUNC_copy_from_user,
		BPF_FUNC_override_return,
		BPF_FUNC_send_signal,
		BPF_FUNC_inode_storage_get,
	};
	struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL },
		return_0[0],
		return_0[1],
	};
	struct target to;
	uint32_t type;

	type = load_one(t, &to);
	insns[0].imm = BPF_FUNC_get_current_pid_tgid;
	test__errno(t, 0, load_raw(type, to.file.attach_type, insns, 3), "load of a program");
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		insns[0].imm = looks[i];
		test__errno(t, -EINVAL, load_raw(type, to.file.attach_type, insns, 3),
			    "load of a program that calls it");
	}
}

HOOK_FILE_TEST(range, "return-range", "a program that can return what is no verdict is refused",
	       "REF-019")
{
	static const struct {
		int ret, want;
	} rows[] = { { 0, 0 },
		     { -1, 0 },
		     { -4095, 0 },
		     { 1, -EINVAL },
		     { -4096, -EINVAL },
		     { INT32_MAX, -EINVAL },
		     { INT32_MIN, -EINVAL } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct krsi_prog_spec spec = {
			.size = sizeof(spec),
			.hook = SCENE_HOOK,
			.fixed = true,
			.fixed_ret = rows[i].ret,
		};
		struct krsi_prog *prog;
		char what[64];

		snprintf(what, sizeof(what), "load of a program that returns %d", rows[i].ret);
		test__errno(t, rows[i].want, t->adapter->load(t->inst, &spec, &prog), what);
	}
}

HOOK_FILE_TEST(sleepable, "sleepable", "a sleepable program attaches only where one may sleep",
	       "REF-034")
{
	struct target yes = hook_file__load(t, "bprm_check_security", NULL, true);
	struct target no = hook_file__load(t, "task_free", NULL, true);

	test__errno(t, 0, hook_file__attach(&yes, 0), "attach to bprm_check_security");
	test__errno(t, -EINVAL, hook_file__attach(&no, 0), "attach to task_free");
	hook_file__expect(t, no.file.path, "", "the file of task_free");
}
