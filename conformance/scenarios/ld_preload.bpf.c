// SPDX-License-Identifier: GPL-2.0-only
/*
 * LD_PRELOAD at every exec: one program tells its value, the other kills the new process where the
 * value is a known one, before it has run an instruction. Both read memory of the new process,
 * which may have to be fetched, so they are sleepable.
 */
#include "environ.h"

#define SIGKILL 9

struct signature {
	char value[ENVIRON_VALUE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct signature);
	__type(value, __u8);
} known SEC(".maps");

/* out[0]: execs with LD_PRELOAD, out[1]: how often the last one's environment sets it, out[2]:
 * execs whose environment was not looked at to its end; out_data: its last value. Returns whether
 * that is a known one. */
static inline __attribute__((always_inline)) int look(const struct linux_binprm *bprm, int small)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct io *shared = answered();
	struct walk *w = shared ? find_preload(task, bprm, small) : 0;
	int is_known = 0;

	if (!shared)
		return 0;
	if (w && w->found) {
		shared->out[0]++;
		shared->out[1] = w->found;
		__builtin_memcpy(shared->out_data, w->value, ENVIRON_VALUE);
		is_known = !!bpf_map_lookup_elem(&known, w->value);
	}
	if (!w || w->at < w->end)
		shared->out[2]++;
	bpf_map_delete_elem(&walks, &task);
	return is_known;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(tell, struct linux_binprm *bprm)
{
	look(bprm, 0);
	return 0;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(stop, struct linux_binprm *bprm)
{
	if (look(bprm, 0))
		bpf_send_signal(SIGKILL);
	return 0;
}

/* The same for kernels without bpf_loop. */
SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(tell_small, struct linux_binprm *bprm)
{
	look(bprm, 1);
	return 0;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(stop_small, struct linux_binprm *bprm)
{
	if (look(bprm, 1))
		bpf_send_signal(SIGKILL);
	return 0;
}
