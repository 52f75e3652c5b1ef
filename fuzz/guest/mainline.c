// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executions on a mainline kernel: what a sleepable BPF LSM program reads of the environment, that
 * of krsi-log, against what core makes of the environment that the new process found. The names are
 * fixed, since a program's constants are; each has a program of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "fuzz/guest/agent.h"
#include "fuzz/guest/job.h"
#include "reference/krsi-log/policy.h"

extern const char log_lsm_object[], log_lsm_object_end[];

/* One program, and what it said of the last execution. */
static struct reader {
	const char *name;
	struct ring_buffer *ring;
	unsigned int events;
	struct krsi_frame frame;
	char data[2 * LOG_VALUES];
} readers[] = {
	{ .name = "LD_PRELOAD" },
	{ .name = "A" },
	{ .name = "LD_" },
	{ .name = "\xc3\xa4 b" },
	{ .name = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJK" },
};
#define READERS (sizeof(readers) / sizeof(readers[0]))

static char want[LOG_VALUES];

static int on_record(void *ctx, void *data, size_t size)
{
	struct reader *r = ctx;

	r->events++;
	if (size < sizeof(r->frame) || size - sizeof(r->frame) > sizeof(r->data))
		return 0;
	memcpy(&r->frame, data, sizeof(r->frame));
	memcpy(r->data, (char *)data + sizeof(r->frame), size - sizeof(r->frame));
	return 0;
}

static void attach(struct reader *r)
{
	struct log_policy policy = { .name_len = strlen(r->name) + 1, .all = 1 };
	struct bpf_object *o =
		bpf_object__open_mem(log_lsm_object, log_lsm_object_end - log_lsm_object, NULL);
	struct bpf_program *prog = o ? bpf_object__find_program_by_name(o, "log_exec") : NULL;
	struct bpf_map *constants = o ? bpf_object__find_map_by_name(o, ".rodata") : NULL;

	strcpy(policy.name, r->name);
	if (!prog || bpf_map__set_initial_value(constants, &policy, sizeof(policy)) ||
	    bpf_object__load(o) || !bpf_program__attach(prog))
		agent_die("no BPF LSM program");
	r->ring =
		ring_buffer__new(bpf_object__find_map_fd_by_name(o, "events"), on_record, r, NULL);
	if (!r->ring)
		agent_die("ring buffer");
}

static void set_up(void)
{
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	job_set_up();
	for (size_t i = 0; i < READERS; i++)
		attach(&readers[i]);
}

static void compare(struct reader *r)
{
	const struct krsi_env_block env = job_environment();
	u64 expected = krsi_env_get(&env, r->name, strlen(r->name) + 1, want, sizeof(want));
	s32 low = krsi_env_bytes(expected);
	size_t n = low == -E2BIG ? sizeof(want) : low < 0 ? 0 : (size_t)low;

	if (r->events != 1)
		agent_say("%s: %u events of one execution", r->name, r->events);
	else if (r->frame.result != expected)
		agent_say("%s: count %u, low %d; the process has count %u, low %d", r->name,
			  krsi_env_count(r->frame.result), krsi_env_bytes(r->frame.result),
			  krsi_env_count(expected), low);
	else if (memcmp(r->data, want, n))
		agent_say("%s: other values than the process has", r->name);
	agent_edge(10, low > 0 ? 32 - __builtin_clz(low) : low);
	agent_edge(20, krsi_env_count(expected));
}

static void run(void)
{
	bool ran;

	if (!job_read())
		return;
	for (size_t i = 0; i < READERS; i++)
		readers[i].events = 0;
	ran = !job_run();
	for (size_t i = 0; i < READERS; i++) {
		ring_buffer__consume(readers[i].ring);
		if (ran)
			compare(&readers[i]);
		else if (readers[i].events)
			agent_say("%s: an event of no execution", readers[i].name);
	}
}

const struct agent_target target_mainline = { "mainline", set_up, run };
