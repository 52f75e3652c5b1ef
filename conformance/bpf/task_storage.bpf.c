// SPDX-License-Identifier: GPL-2.0-only
/* Values that programs keep with tasks. */
#include "program.h"
#include "storage.h"

STORAGE(task, BPF_MAP_TYPE_TASK_STORAGE, struct task_struct)

SEC("lsm/task_getpgid")
int BPF_PROG(task, struct task_struct *task)
{
	struct io *shared = answered();

	if (shared)
		operate_task(shared, task);
	return 0;
}
