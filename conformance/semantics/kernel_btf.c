// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "conformance/semantics/kernel_btf.h"

/* All functions that tests ask for: the kernel's BTF is megabytes, and read once for all of them.
 */
static const char *const functions[] = {
	"bpf_bprm_opts_set",
	"bpf_cgroup_read_xattr",
	"bpf_cgrp_storage_get",
	"bpf_copy_from_user_str",
	"bpf_copy_from_user_task",
	"bpf_dynptr_from_file",
	"bpf_get_attach_cookie",
	"bpf_get_file_xattr",
	"bpf_get_fsverity_digest",
	"bpf_get_task_exe_file",
	"bpf_ima_file_hash",
	"bpf_ima_inode_hash",
	"bpf_lookup_user_key",
	"bpf_loop",
	"bpf_lsm_is_sleepable_hook",
	"bpf_set_dentry_xattr",
	"bpf_task_storage_get",
	"bpf_task_work_schedule_resume",
	"bpf_task_work_schedule_resume_impl",
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* Is the function a helper? Many of them are not in BTF by their own name. */
static bool is_helper(const struct btf *btf, const char *function)
{
	const int id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, btf_enum(type)[i].name_off);

		if (!strncmp(name, "BPF_FUNC_", 9) && !strcmp(name + 9, function + strlen("bpf_")))
			return true;
	}
	return false;
}

bool kernel_btf__has(const char *function)
{
	static bool asked, has[FUNCTIONS];
	struct btf *btf = asked ? NULL : btf__load_vmlinux_btf();
	size_t i = 0;

	if (btf)
		for (size_t j = 0; j < FUNCTIONS; j++)
			has[j] = is_helper(btf, functions[j]) ||
				 btf__find_by_name_kind(btf, functions[j], BTF_KIND_FUNC) > 0;
	btf__free(btf);
	asked = true;
	while (i < FUNCTIONS && strcmp(functions[i], function))
		i++;
	if (i == FUNCTIONS)
		abort();
	return has[i];
}
