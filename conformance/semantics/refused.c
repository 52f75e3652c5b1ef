// SPDX-License-Identifier: GPL-2.0-only
/* What the verifier refuses, beside what it takes. */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/semantics/kernel_btf.h"
#include "conformance/semantics/program.h"

KERNEL_FUNCTION(bpf_get_task_exe_file)

#define NEEDS_NAMED                                                                                \
	.hook = { SCENE_HOOK, "file_open" },                                                       \
	.needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_TARGET }

KRSI_TEST(no_target, .id = "load/no-target", .summary = "a program that names no hook is refused",
	  .requirements = { "LOAD-004" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FDS | KRSI_CAP_TARGET })
{
	/* r0 = 0; exit */
	const struct bpf_insn insns[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
					  { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.insn_cnt = 2,
		.insns = (uintptr_t)insns,
		.license = (uintptr_t) "GPL",
	};

	test__errno(t, -EINVAL, SYS(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr))),
		    "load without attach_btf_id");
}

KRSI_TEST(beyond_arguments, .id = "load/beyond-arguments",
	  .summary = "a program may read its hook's last argument, and nothing behind the result",
	  .requirements = { "LOAD-005" }, NEEDS_NAMED)
{
	static const char *const beyond[] = {
		"refused:reads_beyond_inode_mkdir", "refused:reads_beyond_inode_rename",
		"refused:reads_beyond_file_open",   "refused:reads_beyond_task_kill",
		"refused:reads_beyond_socket_bind",
	};

	test__errno(t, 0, program__try(t, "refused:reads_last"), "load, last argument");
	/* more than one: what lies there may be refused by chance, for another reason */
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
		test__errno(t, -EACCES, program__try(t, beyond[i]), beyond[i]);
}

KRSI_TEST(object_written, .id = "load/write-to-object",
	  .summary = "a program may read the object behind an argument, and not write to it",
	  .requirements = { "LOAD-006" }, NEEDS_NAMED)
{
	test__errno(t, 0, program__try(t, "refused:reads_object"), "load, reading");
	test__errno(t, -EACCES, program__try(t, "refused:writes_object"), "load, writing");
}

KRSI_TEST(other_helper, .id = "load/helper-of-others",
	  .summary = "a program may not call a helper that is for programs of another kind",
	  .requirements = { "LOAD-007" }, NEEDS_NAMED)
{
	test__errno(t, 0, program__try(t, "refused:calls_helper"), "load, helper for all");
	test__errno(t, -EINVAL, program__try(t, "refused:calls_packet_helper"),
		    "load, helper for packets");
}

KRSI_TEST(untrusted, .id = "load/untrusted-argument",
	  .summary = "an argument that is being freed is nothing for a kfunc that trusts it",
	  .requirements = { "LOAD-008" }, .hook = { "file_open", "file_free_security" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_TARGET,
		     .probe = no_bpf_get_task_exe_file })
{
	test__errno(t, 0, program__try(t, "refused:asks_opened"), "load, for an opened file");
	test__errno(t, -EINVAL, program__try(t, "refused:asks_freed"), "load, for a freed one");
}

KRSI_TEST(kfunc_elsewhere, .id = "load/kfunc-of-lsm",
	  .summary = "a kfunc for LSM programs is refused to a tracing program",
	  .requirements = { "HLP-031" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_TARGET,
		     .probe = no_bpf_get_task_exe_file })
{
	test__errno(t, 0, program__try(t, "refused:asks_as_lsm"), "load as LSM program");
	test__errno(t, -EACCES, program__try(t, "refused:asks_elsewhere"),
		    "load as tracing program");
}

/* Loads a program that returns 0. */
static int try_hook(struct krsi_run *t, const struct krsi_hook *hook)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec),
					     .hook = hook->name,
					     .fixed = true };
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (!err)
		t->adapter->unload(prog);
	return err;
}

/* The two reasons that a kernel may give: that it is not to be, or that it has no way to pass an
 * argument on (a structure by value, before 6.0). */
static bool has_reason(const char *why, const char *hook)
{
	char disabled[128], argument[128];

	snprintf(disabled, sizeof(disabled), "disabled hook bpf_lsm_%s", hook);
	snprintf(argument, sizeof(argument), "The function bpf_lsm_%s arg", hook);
	return strstr(why, disabled) ||
	       (strstr(why, argument) && strstr(why, "type STRUCT is unsupported"));
}

KRSI_TEST(every_hook, .id = "load/every-hook",
	  .summary =
		  "every hook takes a program, unless the refusal says that the hook is disabled, "
		  "or which argument cannot be passed on",
	  .requirements = { "HOOK-011", "LOAD-009" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	for (size_t i = 0; i < t->nr_hooks; i++) {
		int err = try_hook(t, &t->hooks[i]);
		const char *why = t->adapter->last_error(t->inst);

		if (!err)
			continue;
		test__errno(t, -EINVAL, err, t->hooks[i].name);
		if (!has_reason(why, t->hooks[i].name))
			test__fail(t, "a disabled hook", why, "why no program loads for %s",
				   t->hooks[i].name);
	}
}
