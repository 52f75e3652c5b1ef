// SPDX-License-Identifier: GPL-2.0-only
/* Executions that a BPF program watches. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench/bpf/bench_env.h"
#include "bench/guest/exec.h"
#include "bench/guest/object.h"
#include "reference/linux/uapi.h"

static struct attached program;
static struct ring_buffer *ring;
static struct perf_buffer *perf;
static unsigned int seen;

static int check(const void *data, size_t size)
{
	const struct env_record *record = data;

	if (size >= sizeof(*record) && record->pid && record->len == sizeof(EXEC_VALUE) &&
	    !memcmp(record->text, EXEC_VALUE, sizeof(EXEC_VALUE)))
		seen++;
	return 0;
}

static int on_record(void *ctx, void *data, size_t size)
{
	return check(data, size);
}

static void on_sample(void *ctx, int cpu, void *data, __u32 size)
{
	check(data, size);
}

static unsigned int collect_ring(unsigned int expected)
{
	seen = 0;
	ring_buffer__consume(ring);
	return seen;
}

static unsigned int collect_perf(unsigned int expected)
{
	seen = 0;
	perf_buffer__consume(perf);
	return seen;
}

static void stop(void)
{
	ring_buffer__free(ring);
	perf_buffer__free(perf);
	ring = NULL;
	perf = NULL;
	object__stop(&program);
}

static const char *start_ring(const char *name, const char *hook)
{
	const char *why = object__start(&program, name, hook);

	if (why)
		return why;
	ring = ring_buffer__new(object__map(&program, "ring"), on_record, NULL, NULL);
	if (ring)
		return NULL;
	stop();
	return "no ring buffer";
}

static const char *start_empty(void)
{
	return object__start(&program, "bench_exec:empty", NULL);
}

static const char *start_log_ring(void)
{
	return start_ring("bench_exec:log_ring", NULL);
}

static const char *start_log_perf(void)
{
	const char *why = object__start(&program, "bench_exec:log_perf", NULL);

	if (why)
		return why;
	/* 256 KiB, as much as the ring has */
	perf = perf_buffer__new(object__map(&program, "perf"), 64, on_sample, NULL, NULL, NULL);
	if (perf)
		return NULL;
	stop();
	return "no perf buffer";
}

static const char *start_tracepoint(void)
{
	return start_ring("bench_exec:log_tracepoint", NULL);
}

static const char *start_kprobe(void)
{
	return start_ring("bench_exec:log_kprobe", NULL);
}

static const char *no_krsi(void)
{
	return access(KRSI_SECURITYFS, F_OK) ? "no KRSI in this kernel" : NULL;
}

static const char *start_idle(void)
{
	return no_krsi() ?: object__start(&program, "bench_krsi:idle", "process_execution");
}

static const char *start_precompute(void)
{
	return no_krsi() ?: start_ring("bench_krsi:precompute", "process_execution");
}

static const char *start_sleepable(void)
{
	return no_krsi() ?: start_ring("bench_krsi:sleepable", "process_execution");
}

#define LOGGED "LD_PRELOAD and its value were logged for every execution"

EXEC_WAY(bpf_empty) = {
	.name = "exec/bpf-empty",
	.boot = "bpf",
	.start = start_empty,
	.stop = stop,
};
EXEC_WAY(bpf_perf) = {
	.name = "exec/bpf-log-perf",
	.boot = "bpf",
	.start = start_log_perf,
	.collect = collect_perf,
	.proof = LOGGED,
	.stop = stop,
};
EXEC_WAY(bpf_ring) = {
	.name = "exec/bpf-log-sleepable",
	.boot = "bpf",
	.start = start_log_ring,
	.collect = collect_ring,
	.proof = LOGGED,
	.stop = stop,
};
EXEC_WAY(kprobe) = {
	.name = "exec/kprobe",
	.boot = "plain",
	.start = start_kprobe,
	.collect = collect_ring,
	.proof = LOGGED,
	.stop = stop,
};
EXEC_WAY(tracepoint) = {
	.name = "exec/tracepoint",
	.boot = "plain",
	.start = start_tracepoint,
	.collect = collect_ring,
	.proof = LOGGED,
	.stop = stop,
};
EXEC_WAY(krsi_enabled) = { .name = "exec/krsi-enabled", .boot = "krsi", .start = no_krsi };
EXEC_WAY(krsi_empty) = {
	.name = "exec/krsi-empty",
	.boot = "krsi",
	.start = start_idle,
	.stop = stop,
};
EXEC_WAY(krsi_precompute) = {
	.name = "exec/krsi-log-precompute",
	.boot = "krsi",
	.start = start_precompute,
	.collect = collect_ring,
	.proof = LOGGED,
	.stop = stop,
};
EXEC_WAY(krsi_sleepable) = {
	.name = "exec/krsi-log-sleepable",
	.boot = "krsi",
	.start = start_sleepable,
	.collect = collect_ring,
	.proof = LOGGED,
	.stop = stop,
};
