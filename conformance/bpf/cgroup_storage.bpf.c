// SPDX-License-Identifier: GPL-2.0-only
/* Values that programs keep with cgroups. */
#include "program.h"
#include "storage.h"

STORAGE(cgrp, BPF_MAP_TYPE_CGRP_STORAGE, struct cgroup)

SEC("lsm/task_getpgid")
int BPF_PROG(cgrp)
{
	struct io *shared = answered();

	if (shared)
		operate_cgrp(shared, bpf_get_current_task_btf()->cgroups->dfl_cgrp);
	return 0;
}
