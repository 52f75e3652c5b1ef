// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "conformance/adapters/named.h"
#include "conformance/adapters/steered.h"
#include "conformance/harness/clock.h"

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return getenv("KRSI_DEBUG") ? vfprintf(stderr, format, args) : 0;
}

void steered__set_up_libbpf(void)
{
	/* before 5.11 BPF memory counts against RLIMIT_MEMLOCK */
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(quiet);
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct steered *steered = ctx;
	const struct wire_event *record = data;
	struct krsi_event event = { .size = size };

	if (size >= sizeof(*record) && record->magic == WIRE_MAGIC && record->end == WIRE_END) {
		event.prog = record->slot < WIRE_SLOTS ? steered->owner[record->slot] : NULL;
		event.nsec = record->nsec;
		event.tgid = record->tgid;
		event.pid = record->pid;
		event.cpu = record->cpu;
		event.verdict = record->verdict;
		event.nr_args = record->nargs;
		for (int i = 0; i < WIRE_ARGS; i++) {
			event.arg[i].raw = record->arg[i].raw;
			event.arg[i].a = record->arg[i].a;
			event.arg[i].b = record->arg[i].b;
			memcpy(event.arg[i].s, record->arg[i].text, WIRE_TEXT);
		}
	} else {
		event.size = 0;
	}
	steered->fn(&event, steered->fn_data);
	return 0;
}

int steered__open(struct steered *steered, const char *image, size_t size, const char **why)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "krsi");
	struct bpf_map *slots;
	int err;

	steered->object = bpf_object__open_mem(image, size, &opts);
	if (!steered->object) {
		*why = "the embedded BPF object does not open";
		return -errno;
	}
	named__set_types(steered->object);
	err = bpf_object__load(steered->object);
	if (err) {
		*why = "the kernel refuses the BPF object (CONFIG_BPF_LSM, CONFIG_BPF_JIT?)";
		return err;
	}
	slots = bpf_object__find_map_by_name(steered->object, "slots");
	steered->slot = mmap(NULL, WIRE_SLOTS * sizeof(*steered->slot), PROT_READ | PROT_WRITE,
			     MAP_SHARED, bpf_map__fd(slots), 0);
	if (steered->slot == MAP_FAILED) {
		steered->slot = NULL;
		*why = "the steering map cannot be mapped";
		return -errno;
	}
	steered->ring = ring_buffer__new(bpf_object__find_map_fd_by_name(steered->object, "events"),
					 on_record, steered, NULL);
	if (!steered->ring) {
		*why = "the ring buffer cannot be mapped";
		return -errno;
	}
	return 0;
}

void steered__close(struct steered *steered)
{
	ring_buffer__free(steered->ring);
	if (steered->slot)
		munmap(steered->slot, WIRE_SLOTS * sizeof(*steered->slot));
	bpf_object__close(steered->object);
}

static void patch(struct bpf_insn *insns, size_t n, __u64 sentinel, __u64 value)
{
	for (size_t i = 0; i + 1 < n; i++) {
		__u64 imm = (__u32)insns[i].imm | (__u64)(__u32)insns[i + 1].imm << 32;

		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW) || imm != sentinel)
			continue;
		insns[i].imm = (__u32)value;
		insns[i + 1].imm = value >> 32;
	}
}

struct bpf_insn *steered__copy(const struct steered *steered, const char *program,
			       const struct steered_imm *imm, size_t *n)
{
	struct bpf_program *from = bpf_object__find_program_by_name(steered->object, program);
	struct bpf_insn *insns;

	*n = bpf_program__insn_cnt(from);
	insns = malloc(*n * sizeof(*insns));
	if (!insns)
		return NULL;
	memcpy(insns, bpf_program__insns(from), *n * sizeof(*insns));
	patch(insns, *n, WIRE_IMM_SLOT, imm->slot);
	patch(insns, *n, WIRE_IMM_NARGS, imm->arg_bytes);
	patch(insns, *n, WIRE_IMM_KINDS, imm->kinds);
	patch(insns, *n, WIRE_IMM_IS_INT, imm->is_int);
	return insns;
}

int steered__fail(struct steered *steered, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(steered->error, sizeof(steered->error), format, args);
	va_end(args);
	return err;
}

int steered__free_slot(const struct steered *steered)
{
	/* not 0, which a JIT loads with a shorter instruction: what a program costs would depend on
	 * its slot */
	for (int i = 1; i < WIRE_SLOTS; i++)
		if (!steered->owner[i])
			return i;
	return -ENOSPC;
}

void steered__own(struct steered *steered, int slot, struct krsi_prog *prog)
{
	if (prog)
		memset(&steered->slot[slot], 0, sizeof(steered->slot[slot]));
	steered->owner[slot] = prog;
}

void steered__drop(struct steered *steered, int slot, struct named *named, int fd)
{
	if (slot >= 0)
		steered__own(steered, slot, NULL);
	if (named)
		named__free(named);
	else
		close(fd);
}

void steered__steer(struct steered *steered, int slot, const struct krsi_rule *rule)
{
	static const __u32 who[] = {
		[KRSI_NOBODY] = WIRE_NOBODY,
		[KRSI_SUBJECT] = WIRE_SUBJECT,
		[KRSI_ANYONE] = WIRE_ANYONE,
	};
	struct wire_slot *to = &steered->slot[slot];

	/* a call on another CPU must see either the old rule or the whole new one */
	__atomic_store_n(&to->who, WIRE_NOBODY, __ATOMIC_SEQ_CST);
	to->session = rule->session;
	to->verdict = rule->verdict;
	to->filter_arg = rule->filter_arg;
	to->filter_field = rule->filter_field == KRSI_A	  ? WIRE_A
			   : rule->filter_field == KRSI_B ? WIRE_B
							  : WIRE_RAW;
	to->filter_value = rule->filter_value;
	to->record = rule->record;
	if (rule->who != KRSI_NOBODY) {
		__atomic_store_n(&to->calls, 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(&to->lost, 0, __ATOMIC_SEQ_CST);
	}
	__atomic_store_n(&to->who, who[rule->who], __ATOMIC_SEQ_CST);
}

uint64_t steered__calls(const struct steered *steered, int slot, uint64_t *lost)
{
	const struct wire_slot *from = &steered->slot[slot];

	if (lost)
		*lost = __atomic_load_n(&from->lost, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&from->calls, __ATOMIC_SEQ_CST);
}

/*
 * A record that a program on another CPU has reserved and not yet written makes the ring readable,
 * and there is nothing to read: then the wait for a wake-up is over at once, and time has to pass.
 */
static int await_record(struct steered *steered, int timeout_ms)
{
	double start = clock__seconds(), left;
	int n = ring_buffer__poll(steered->ring, timeout_ms);

	if (n == -EINTR)
		n = 0;
	left = timeout_ms / 1e3 - (clock__seconds() - start);
	if (n || left <= 0)
		return n;
	poll(NULL, 0, left < timeout_ms / 1e3 ? (int)(left * 1e3) : timeout_ms);
	return ring_buffer__consume(steered->ring);
}

int steered__read(struct steered *steered, int timeout_ms, krsi_event_fn fn, void *data)
{
	int n;

	steered->fn = fn;
	steered->fn_data = data;
	/* a record may be ready without a wake-up that is still to come: look before waiting */
	n = ring_buffer__consume(steered->ring);
	return n || timeout_ms <= 0 ? n : await_record(steered, timeout_ms);
}

const char *steered__last_words(char *log)
{
	/* the verifier's last line is statistics; the reason stands before it */
	char *line = strstr(log, "processed ");
	size_t len;

	if (line)
		*line = '\0';
	len = strlen(log);
	while (len && log[len - 1] == '\n')
		log[--len] = '\0';
	line = strrchr(log, '\n');
	return line ? line + 1 : log;
}
