// SPDX-License-Identifier: GPL-2.0-only
/* BPF, perf events and io_uring. */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

static union bpf_attr map_array = {
	.map_type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 2,
	.map_name = "neutral",
};
static union bpf_attr map_hash = {
	.map_type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 2,
};
static union bpf_attr map_ring = {
	.map_type = BPF_MAP_TYPE_RINGBUF,
	.max_entries = 4096,
};
static union bpf_attr map_wrong = { .map_type = 9999, .key_size = 4, .value_size = 8 };
static union bpf_attr map_empty = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4 };
static struct bpf_insn insns_return[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};
static struct bpf_insn insns_loose[] = { { .code = BPF_JMP | BPF_EXIT } };
#define PROG(kind, code, words)                                                                    \
	{                                                                                          \
		.prog_type = kind, .insn_cnt = words, .insns = (uintptr_t)(code),                  \
		.license = (uintptr_t) "GPL"                                                       \
	}
static union bpf_attr prog_filter = PROG(BPF_PROG_TYPE_SOCKET_FILTER, insns_return, 2);
static union bpf_attr prog_loose = PROG(BPF_PROG_TYPE_SOCKET_FILTER, insns_loose, 1);
static union bpf_attr prog_kprobe = PROG(BPF_PROG_TYPE_KPROBE, insns_return, 2);
static union bpf_attr prog_cgroup = PROG(BPF_PROG_TYPE_CGROUP_SKB, insns_return, 2);
static union bpf_attr prog_xdp = PROG(BPF_PROG_TYPE_XDP, insns_return, 2);
static union bpf_attr prog_lsm_nowhere = PROG(BPF_PROG_TYPE_LSM, insns_return, 2);
static union bpf_attr prog_wrong = PROG(9999, insns_return, 2);
static union bpf_attr no_object = { .prog_id = 0x7ffffff0 };
static union bpf_attr pin_outside = { .pathname = (uintptr_t) "outside", .bpf_fd = 999 };
static union bpf_attr get_missing = { .pathname = (uintptr_t) "/sys/fs/bpf/none" };
static union bpf_attr attach_nothing = { .target_fd = 999, .attach_bpf_fd = 999 };
static union bpf_attr btf_wrong = { .btf = (uintptr_t) "none", .btf_size = 4 };
/* Before 5.11 BPF memory counts against this, together with all that root has loaded. */
static int unlimited(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return SYS(setrlimit(RLIMIT_MEMLOCK, &limit));
}

static uint32_t key_one = 1, key_nine = 9;
static uint64_t value = 77;

/* An element of the map in slot `map`. */
static int element(int command, int map, uint32_t *key)
{
	union bpf_attr attr = { .map_fd = slot[map],
				.key = (uintptr_t)key,
				.value = command == BPF_MAP_UPDATE_ELEM ? (uintptr_t)&value
									: (uintptr_t)out };
	long ret = syscall(SYS_bpf, command, &attr, sizeof(attr));

	return ret < 0 ? -errno : ret;
}

#define ELEMENT(name, command, map, key)                                                           \
	static int name(void)                                                                      \
	{                                                                                          \
		return element(command, map, &(key));                                              \
	}

ELEMENT(array_update, BPF_MAP_UPDATE_ELEM, 0, key_one)
ELEMENT(array_update_beyond, BPF_MAP_UPDATE_ELEM, 0, key_nine)
ELEMENT(array_lookup, BPF_MAP_LOOKUP_ELEM, 0, key_one)
ELEMENT(array_delete, BPF_MAP_DELETE_ELEM, 0, key_one)
ELEMENT(hash_lookup, BPF_MAP_LOOKUP_ELEM, 1, key_one)
ELEMENT(hash_update, BPF_MAP_UPDATE_ELEM, 1, key_one)
ELEMENT(hash_next, BPF_MAP_GET_NEXT_KEY, 1, key_nine)
ELEMENT(hash_delete, BPF_MAP_DELETE_ELEM, 1, key_one)

#define BPF(id, command, attr) OK(id, bpf, command, &(attr), sizeof(union bpf_attr))

static const struct call bpf_calls[] = {
	{ "array", SHOW_SLOT, 0, SYS_bpf, CALL_ARGS(BPF_MAP_CREATE, &map_array, sizeof(map_array)),
	  NULL },
	{ "hash", SHOW_SLOT, 1, SYS_bpf, CALL_ARGS(BPF_MAP_CREATE, &map_hash, sizeof(map_hash)),
	  NULL },
	BPF("ring", BPF_MAP_CREATE, map_ring),
	BPF("map-wrong", BPF_MAP_CREATE, map_wrong),
	BPF("map-empty", BPF_MAP_CREATE, map_empty),
	FN("array-update", array_update),
	FN("array-update-beyond", array_update_beyond),
	FN_MEM(8, "array-lookup", array_lookup),
	FN("array-delete", array_delete),
	FN("hash-lookup", hash_lookup),
	FN("hash-update", hash_update),
	FN_MEM(4, "hash-next", hash_next),
	FN("hash-delete", hash_delete),
	BPF("prog-filter", BPF_PROG_LOAD, prog_filter),
	BPF("prog-loose", BPF_PROG_LOAD, prog_loose),
	BPF("prog-kprobe", BPF_PROG_LOAD, prog_kprobe),
	BPF("prog-cgroup", BPF_PROG_LOAD, prog_cgroup),
	BPF("prog-xdp", BPF_PROG_LOAD, prog_xdp),
	BPF("prog-lsm-nowhere", BPF_PROG_LOAD, prog_lsm_nowhere),
	BPF("prog-wrong", BPF_PROG_LOAD, prog_wrong),
	BPF("prog-by-id", BPF_PROG_GET_FD_BY_ID, no_object),
	BPF("map-by-id", BPF_MAP_GET_FD_BY_ID, no_object),
	BPF("pin", BPF_OBJ_PIN, pin_outside),
	BPF("get", BPF_OBJ_GET, get_missing),
	BPF("attach", BPF_PROG_ATTACH, attach_nothing),
	BPF("detach", BPF_PROG_DETACH, attach_nothing),
	BPF("tracepoint", BPF_RAW_TRACEPOINT_OPEN, attach_nothing),
	BPF("type-information", BPF_BTF_LOAD, btf_wrong),
	BPF("link", BPF_LINK_CREATE, attach_nothing),
	BPF("statistics", BPF_ENABLE_STATS, no_object),
	BPF("unknown", 7777, no_object),
	NUM("large", bpf, BPF_MAP_CREATE, &map_array, 100000),
	NUM("bad-address", bpf, BPF_MAP_CREATE, 1, sizeof(map_array)),
};
WORKLOAD(bpf, bpf_calls, .name = "bpf", .as = AS_ANYONE, .prepare = unlimited);

#define PERF(kind, what, ...)                                                                      \
	{                                                                                          \
		.size = sizeof(struct perf_event_attr), .type = kind, .config = what,              \
		.disabled = 1, __VA_ARGS__                                                         \
	}
static struct perf_event_attr perf_user =
	PERF(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, .exclude_kernel = 1);
static struct perf_event_attr perf_kernel = PERF(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS);
static struct perf_event_attr perf_dummy = PERF(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY);
static struct perf_event_attr perf_trace = PERF(PERF_TYPE_TRACEPOINT, 99999);
static struct perf_event_attr perf_break = PERF(PERF_TYPE_BREAKPOINT, 0);
static struct perf_event_attr perf_none = PERF(0x7fffffff, 0);
static struct perf_event_attr perf_frequent =
	PERF(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, .freq = 1, .sample_freq = 1 << 30);
static struct io_uring_params ring_plain, ring_wrong = { .flags = 0x70000000 };
static struct io_uring_params ring_poll = { .flags = IORING_SETUP_SQPOLL };
static char probe_memory[2200];

static int start_ring(void)
{
	long fd;

	memset(&ring_plain, 0, sizeof(ring_plain));
	fd = syscall(SYS_io_uring_setup, 4, &ring_plain);
	slot[2] = fd;
	return fd < 0 ? -errno : 0;
}

#define EVENT(id, attr, pid, cpu) OK(id, perf_event_open, &(attr), pid, cpu, -1, 8)

static const struct call event_calls[] = {
	KEEP(0, "perf-user", perf_event_open, &perf_user, 0, -1, -1, 8),
	EVENT("perf-kernel", perf_kernel, 0, -1),
	EVENT("perf-dummy", perf_dummy, 0, -1),
	EVENT("perf-cpu", perf_user, -1, 0),
	EVENT("perf-all", perf_user, -1, -1),
	EVENT("perf-init", perf_user, 1, -1),
	EVENT("perf-missing", perf_user, 4000000, -1),
	EVENT("perf-tracepoint", perf_trace, 0, -1),
	EVENT("perf-breakpoint", perf_break, 0, -1),
	EVENT("perf-no-type", perf_none, 0, -1),
	EVENT("perf-frequent", perf_frequent, 0, -1),
	NUM("perf-flags", perf_event_open, &perf_user, 0, -1, -1, 0x7777),
	MEM(8, "perf-read", read, SLOT(0), out, 8),
	NUM("perf-read-short", read, SLOT(0), out, 4),
	NUM("perf-enable", ioctl, SLOT(0), PERF_EVENT_IOC_ENABLE, 0),
	NUM("perf-disable", ioctl, SLOT(0), PERF_EVENT_IOC_DISABLE, 0),
	NUM("perf-filter", ioctl, SLOT(0), PERF_EVENT_IOC_SET_FILTER, "x"),
	NUM("perf-bpf", ioctl, SLOT(0), PERF_EVENT_IOC_SET_BPF, 999),
	NUM("perf-unknown", ioctl, SLOT(0), 0x7777, 0),
	OK("perf-map", mmap, 0, 8192, 3, 1, SLOT(0), 0),
	FN("ring", start_ring),
	OK("ring-wrong", io_uring_setup, 4, &ring_wrong),
	OK("ring-none", io_uring_setup, 0, &ring_plain),
	OK("ring-poll", io_uring_setup, 4, &ring_poll),
	NUM("ring-enter", io_uring_enter, SLOT(2), 0, 0, 0, 0, 0),
	NUM("ring-enter-flags", io_uring_enter, SLOT(2), 0, 0, 0x7777, 0, 0),
	NUM("ring-enter-other", io_uring_enter, 0, 0, 0, 0, 0, 0),
	NUM("ring-probe", io_uring_register, SLOT(2), IORING_REGISTER_PROBE, probe_memory, 256),
	OK("ring-personality", io_uring_register, SLOT(2), IORING_REGISTER_PERSONALITY, 0, 0),
	NUM("ring-files", io_uring_register, SLOT(2), IORING_REGISTER_FILES, &value, 1),
	NUM("ring-unknown", io_uring_register, SLOT(2), 77, 0, 0),
	NUM("aio-setup", io_setup, 4, out),
	NUM("aio-setup-none", io_setup, 0, out),
	NUM("aio-destroy", io_destroy, 77),
};
WORKLOAD(events, event_calls, .name = "events", .as = AS_ANYONE);
