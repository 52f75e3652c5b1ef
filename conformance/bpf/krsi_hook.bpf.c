// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that the krsi adapter puts on every hook: as hook.bpf.c, steered by its slot, but its
 * context is opaque. So no argument is described, and none can be filtered by.
 */
#include "kernel_types.h"
#include "steered.h"
#include "verdict.h"
#include <bpf/bpf_helpers.h>

#include "reference/linux/uapi.h"

char LICENSE[] SEC("license") = "GPL";

static void record(struct wire_slot *slot, __u32 index, __s32 verdict)
{
	struct wire_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	__u64 id = bpf_get_current_pid_tgid();

	if (!event) {
		__sync_fetch_and_add(&slot->lost, 1);
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->magic = WIRE_MAGIC;
	event->end = WIRE_END;
	event->slot = index;
	event->nsec = bpf_ktime_get_ns();
	event->tgid = id >> 32;
	event->pid = id;
	event->cpu = bpf_get_smp_processor_id();
	event->verdict = verdict;
	bpf_ringbuf_submit(event, 0);
}

SEC("krsi")
int hook(void *ctx)
{
	__u32 key = IMM(WIRE_IMM_SLOT);
	struct wire_slot *slot = bpf_map_lookup_elem(&slots, &key);
	__s64 verdict;

	if (!slot || slot->who == WIRE_NOBODY)
		return 0;
	if (slot->who == WIRE_SUBJECT && slot->session != (__u32)krsi_get_session(ctx))
		return 0;
	verdict = slot->verdict;
	__sync_fetch_and_add(&slot->calls, 1);
	if (slot->record)
		record(slot, key, verdict);
	return verdict_in_range(verdict);
}
