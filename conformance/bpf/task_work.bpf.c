// SPDX-License-Identifier: GPL-2.0-only
/* Programs that have the kernel call a function of theirs in a task, on its way to user mode. */
#include "program.h"

/* A map's value is searched for a field of this type. */
struct bpf_task_work {
	__u64 opaque;
} __attribute__((aligned(8)));

typedef int callback(struct bpf_map *map, void *key, void *value);

#ifndef FIRST_NAME
extern int bpf_task_work_schedule_resume(struct task_struct *task, struct bpf_task_work *work,
					 void *map, callback *function) __ksym __weak;
#define SCHEDULE bpf_task_work_schedule_resume
#else
extern int bpf_task_work_schedule_resume_impl(struct task_struct *task, struct bpf_task_work *work,
					      void *map, callback *function,
					      void *unused) __ksym __weak;
#define SCHEDULE(...) bpf_task_work_schedule_resume_impl(__VA_ARGS__, 0)
#endif

struct work {
	struct bpf_task_work work;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct work);
} works SEC(".maps");

/* out[1]: how often it ran, out[2]: in which task. */
static int note_task(struct bpf_map *map, void *key, void *value)
{
	__u32 zero = 0;
	struct io *shared = bpf_map_lookup_elem(&io, &zero);

	if (!shared)
		return 0;
	__sync_fetch_and_add(&shared->out[1], 1);
	shared->out[2] = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

/* out[0]: result. */
SEC("lsm/task_setscheduler")
int BPF_PROG(resume, struct task_struct *task)
{
	struct io *shared = answered();
	__u32 zero = 0;
	struct work *work = bpf_map_lookup_elem(&works, &zero);

	if (shared && work)
		shared->out[0] = SCHEDULE(task, &work->work, &works, note_task);
	return 0;
}
