// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to hand a record over, and what that needs. Of each kind of buffer and size of
 * record, on a machine of so many CPUs (the boot says how many), at the same memory in all:
 *
 *   buffer/KIND-SIZE/produce-NCPU   instructions of the program that writes one record of a burst,
 *                                   as long a one as a CPU's share takes
 *   .../consume-NCPU                of the process that reads it
 *   .../single-NCPU                 of both, with a record read as soon as it was written
 *   .../kept-NCPU                   records that there is room for, from all CPUs alike
 *   .../kept-one-NCPU               the same, if all of them come from one CPU
 *   .../inversions-NCPU             of CALLS records from all CPUs in turn (WRITERS of them where
 *                                   there are more), how often one was read after a later one;
 *                                   absent where a CPU has no room for all that it writes
 *   .../wakeups-NCPU                of as many records, how often a sleeping reader was woken
 *   .../memory-NCPU                 bytes
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>

#include "bench/bpf/bench_buffer.h"
#include "bench/guest/bench.h"
#include "bench/guest/object.h"

#define PAGE	4096
#define MEMORY	(512 * 1024)
#define SAMPLES 9
#define BURST	8
#define CALLS	64
/* So many CPUs write in turn, more than once each. */
#define WRITERS 32
#define FILL	16384

/** struct kind - of buffer. */
struct kind {
	const char *name, *program;
	const char *(*open)(void);
	void (*close)(void);
	int (*consume)(void);
	int (*epoll)(void);
	size_t (*memory)(void);
};

static struct {
	struct attached object;
	struct buffer_state *state;
	struct ring_buffer *ring;
	struct perf_buffer *perf;
	int rings[BUFFER_CPUS];
	int cpus;
	uint64_t last, read, inversions;
} b;

/* ---- reading ------------------------------------------------------------------------------ */

static void take(const void *data)
{
	uint64_t number;

	memcpy(&number, data, sizeof(number));
	b.inversions += b.read && number < b.last;
	b.last = number;
	b.read++;
}

static int on_record(void *ctx, void *data, size_t size)
{
	take(data);
	return 0;
}

static void on_sample(void *ctx, int cpu, void *data, __u32 size)
{
	take(data);
}

static int consume_ring(void)
{
	return ring_buffer__consume(b.ring);
}

static int consume_perf(void)
{
	return perf_buffer__consume(b.perf);
}

static int epoll_ring(void)
{
	return ring_buffer__epoll_fd(b.ring);
}

static int epoll_perf(void)
{
	return perf_buffer__epoll_fd(b.perf);
}

/* ---- the kinds ---------------------------------------------------------------------------- */

static size_t share(void)
{
	return MEMORY / (size_t)b.cpus;
}

/* The maps of a map of rings are all as large as the first, which the kernel is shown at load. */
static const char *load(const char *program)
{
	struct bpf_map *ring, *rings;
	const char *why;
	int like;

	if (object__open(&b.object, program))
		return "no program";
	ring = bpf_object__find_map_by_name(b.object.object, "ring");
	rings = bpf_object__find_map_by_name(b.object.object, "rings");
	bpf_map__set_max_entries(ring, MEMORY);
	like = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, (__u32)share(), NULL);
	bpf_map__set_inner_map_fd(rings, like);
	why = object__load(&b.object, program);
	close(like);
	return why;
}

static const char *open_ring(void)
{
	const char *why = load("bench_buffer:to_ring");

	if (why)
		return why;
	b.ring = ring_buffer__new(object__map(&b.object, "ring"), on_record, NULL, NULL);
	return b.ring ? NULL : "no ring buffer";
}

static const char *open_rings(void)
{
	const char *why = load("bench_buffer:to_rings");

	if (why)
		return why;
	for (int i = 0; i < b.cpus; i++) {
		b.rings[i] =
			bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, (__u32)share(), NULL);
		if (b.rings[i] < 0 ||
		    bpf_map_update_elem(object__map(&b.object, "rings"), &i, &b.rings[i], 0))
			return "no ring buffer for each CPU";
		if (!i)
			b.ring = ring_buffer__new(b.rings[0], on_record, NULL, NULL);
		else if (ring_buffer__add(b.ring, b.rings[i], on_record, NULL))
			return "no ring buffer for each CPU";
	}
	return b.ring ? NULL : "no ring buffer";
}

static const char *open_perf(void)
{
	const char *why = load("bench_buffer:to_perf");

	if (why)
		return why;
	b.perf = perf_buffer__new(object__map(&b.object, "perf"), share() / PAGE, on_sample, NULL,
				  NULL, NULL);
	return b.perf ? NULL : "no perf buffer";
}

static void close_buffer(void)
{
	ring_buffer__free(b.ring);
	perf_buffer__free(b.perf);
	b.ring = NULL;
	b.perf = NULL;
	for (int i = 0; i < b.cpus; i++) {
		if (b.rings[i] > 0)
			close(b.rings[i]);
		b.rings[i] = 0;
	}
	if (b.state)
		munmap(b.state, sizeof(*b.state));
	b.state = NULL;
	object__stop(&b.object);
}

/* A ring has a page for each side's position beside its data, and a perf buffer one for both. */
static size_t memory_ring(void)
{
	return MEMORY + 2 * PAGE;
}

static size_t memory_rings(void)
{
	return (share() + 2 * PAGE) * (size_t)b.cpus;
}

static size_t memory_perf(void)
{
	return (share() + PAGE) * (size_t)b.cpus;
}

static const struct kind kinds[] = {
	{ "perf", "to_perf", open_perf, close_buffer, consume_perf, epoll_perf, memory_perf },
	{ "ring", "to_ring", open_ring, close_buffer, consume_ring, epoll_ring, memory_ring },
	{ "rings", "to_rings", open_rings, close_buffer, consume_ring, epoll_ring, memory_rings },
};

/* ---- writing ------------------------------------------------------------------------------ */

static bool run_on(int cpu, unsigned int records)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .cpu = (__u32)cpu, .flags = BPF_F_TEST_RUN_ON_CPU);

	b.state->count = records;
	return !bpf_prog_test_run_opts(b.object.program, &opts);
}

/* Empty, and numbered from 0. */
static void start_over(const struct kind *k)
{
	k->consume();
	b.state->sent = b.state->lost = 0;
	b.read = b.last = b.inversions = 0;
}

static const char *name_of(const struct kind *k, unsigned int size, const char *what)
{
	static char name[128];

	snprintf(name, sizeof(name), "buffer/%s-%u/%s-%dcpu", k->name, size, what, b.cpus);
	return name;
}

static void measure_burst(const struct kind *k, unsigned int size, unsigned int burst)
{
	uint64_t produce[SAMPLES + 1], consume[SAMPLES + 1];

	for (int i = 0; i <= SAMPLES; i++) {
		uint64_t start = clock__now();
		bool ok = run_on(0, burst);

		produce[i] = clock__now() - start;
		start = clock__now();
		b.read = 0;
		k->consume();
		consume[i] = clock__now() - start;
		if (!ok || b.read != burst) {
			out__failed(name_of(k, size, "produce"), "%llu of %u records were read",
				    (unsigned long long)b.read, burst);
			return;
		}
	}
	out__unit(name_of(k, size, "produce"), burst, "median");
	for (int i = 1; i <= SAMPLES; i++)
		out__sample(name_of(k, size, "produce"), produce[i]);
	out__unit(name_of(k, size, "consume"), burst, "median");
	for (int i = 1; i <= SAMPLES; i++)
		out__sample(name_of(k, size, "consume"), consume[i]);
	out__proof(name_of(k, size, "produce"), "all %u records of each sample were read", burst);
}

/* Each record is waited for: the steady case. */
static void measure_single(const struct kind *k, unsigned int size)
{
	struct pollfd p = { .fd = k->epoll(), .events = POLLIN };

	out__unit(name_of(k, size, "single"), BURST, "median");
	for (int i = 0; i <= SAMPLES; i++) {
		uint64_t start = clock__now(), value;

		b.read = 0;
		for (int j = 0; j < BURST; j++) {
			if (!run_on(0, 1) || poll(&p, 1, 1000) != 1)
				break;
			k->consume();
		}
		value = clock__now() - start;
		if (b.read != BURST) {
			out__failed(name_of(k, size, "single"), "%llu of %d records were read",
				    (unsigned long long)b.read, BURST);
			return;
		}
		if (i)
			out__sample(name_of(k, size, "single"), value);
	}
}

static uint64_t count_kept(const struct kind *k, unsigned int size, int cpus, const char *what)
{
	uint64_t kept;

	start_over(k);
	for (int i = 0; i < FILL / BURST; i++)
		run_on(i % cpus, BURST);
	kept = b.state->sent - b.state->lost;
	out__count(name_of(k, size, what), kept);
	start_over(k);
	return kept;
}

/* All CPUs in turn, or as many that lie as far apart. */
static int next_writer(int call)
{
	int apart = b.cpus > WRITERS ? b.cpus / WRITERS : 1;

	return call * apart % b.cpus;
}

/* @kept: records of one CPU that there is room for. */
static void count_inversions(const struct kind *k, unsigned int size, uint64_t kept)
{
	unsigned int each = CALLS / (b.cpus > WRITERS ? WRITERS : b.cpus);

	if (kept < each) {
		out__absent(name_of(k, size, "inversions"),
			    "there is room for %llu of the %u records that each CPU writes",
			    (unsigned long long)kept, each);
		return;
	}
	start_over(k);
	for (int i = 0; i < CALLS; i++)
		run_on(next_writer(i), 1);
	k->consume();
	if (b.read == CALLS)
		out__count(name_of(k, size, "inversions"), b.inversions);
	else
		out__failed(name_of(k, size, "inversions"), "%llu of %d records were read",
			    (unsigned long long)b.read, CALLS);
}

static void stay_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static void stay_anywhere(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
}

/* Writes from all CPUs in turn, once its reader sleeps. */
static pid_t start_writer(void)
{
	pid_t writer = fork();

	if (writer)
		return writer;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on(0);
	clock__settle();
	for (int i = 0; i < CALLS; i++)
		run_on(next_writer(i), 1);
	_exit(0);
}

/*
 * This process sleeps, on the last CPU, until there is something, and reads all that there is. (It
 * is not the one that is forked: a child does not inherit the mapping of a perf buffer.)
 */
static void count_wakeups(const struct kind *k, unsigned int size)
{
	struct pollfd p = { .fd = k->epoll(), .events = POLLIN };
	uint64_t woken = 0;
	int status;
	pid_t writer;

	start_over(k);
	stay_on(b.cpus - 1);
	writer = start_writer();
	while (b.read < CALLS && poll(&p, 1, 10000) == 1) {
		woken++;
		k->consume();
	}
	stay_on(0);
	if (waitpid(writer, &status, 0) == writer && b.read == CALLS)
		out__count(name_of(k, size, "wakeups"), woken);
	else
		out__failed(name_of(k, size, "wakeups"), "%llu of %d records were read",
			    (unsigned long long)b.read, CALLS);
}

static void measure_kind(const struct kind *k, unsigned int size)
{
	const char *why = k->open();
	uint64_t kept;

	if (!why) {
		b.state = mmap(NULL, sizeof(*b.state), PROT_READ | PROT_WRITE, MAP_SHARED,
			       object__map(&b.object, "state"), 0);
		if (b.state == MAP_FAILED) {
			b.state = NULL;
			why = "the state cannot be mapped";
		}
	}
	if (!why) {
		b.state->size = size;
		if (!run_on(0, 0))
			why = "this kernel does not run such a program for a test";
	}
	if (why) {
		out__absent(name_of(k, size, "produce"), "%s", why);
		k->close();
		return;
	}
	clock__settle();
	count_kept(k, size, b.cpus, "kept");
	kept = count_kept(k, size, 1, "kept-one");
	if (kept) {
		measure_burst(k, size, kept < BURST ? (unsigned int)kept : BURST);
		measure_single(k, size);
		count_inversions(k, size, kept);
		count_wakeups(k, size);
	} else {
		out__absent(name_of(k, size, "produce"), "no record fits into a share of %zu bytes",
			    share());
	}
	out__count(name_of(k, size, "memory"), k->memory());
	k->close();
}

/* ---- the other way ------------------------------------------------------------------------ */

static bool fill_user(struct user_ring_buffer *ring, uint64_t *number)
{
	for (int i = 0; i < BURST; i++) {
		uint64_t *record = user_ring_buffer__reserve(ring, 64);

		if (!record)
			return false;
		*record = (*number)++;
		user_ring_buffer__submit(ring, record);
	}
	return true;
}

static void measure_user(void)
{
	char name[64];
	const char *why = object__start_idle(&b.object, "bench_user_ring:from_user");
	struct user_ring_buffer *ring = NULL;
	uint64_t number = 0;

	snprintf(name, sizeof(name), "buffer/user-ring-64/both-%dcpu", b.cpus);
	if (!why) {
		ring = user_ring_buffer__new(object__map(&b.object, "user_ring"), NULL);
		b.state = mmap(NULL, sizeof(*b.state), PROT_READ | PROT_WRITE, MAP_SHARED,
			       object__map(&b.object, "state"), 0);
		why = ring && b.state != MAP_FAILED ? NULL : "no user ring buffer";
	}
	if (why) {
		out__absent(name, "%s", why);
		return;
	}
	out__unit(name, BURST, "median");
	for (int i = 0; i <= SAMPLES; i++) {
		uint64_t start = clock__now(), value;
		bool ok = fill_user(ring, &number) && run_on(0, 0);

		value = clock__now() - start;
		if (!ok || b.state->got != number) {
			out__failed(name, "%llu of %llu records arrived",
				    (unsigned long long)b.state->got, (unsigned long long)number);
			break;
		}
		if (i)
			out__sample(name, value);
	}
	user_ring_buffer__free(ring);
	close_buffer();
}

static void run_buffers(const struct bench *bench)
{
	static const unsigned int sizes[] = { 64, BUFFER_PAGE };
	int wanted;
	char name[32];

	b.cpus = libbpf_num_possible_cpus();
	/* "cpus8": what such a boot is for; others have one */
	if (sscanf(settings.boot, "cpus%d", &wanted) == 1 && b.cpus != wanted) {
		snprintf(name, sizeof(name), "buffer/%dcpu", wanted);
		out__absent(name, "this kernel runs %d of %d CPUs", b.cpus, wanted);
		return;
	}
	stay_on(0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t j = 0; j < 2; j++) {
			measure_kind(&kinds[i], sizes[j]);
			out__flush();
		}
	measure_user();
	stay_anywhere();
}

BENCH(buffer) = { .name = "buffer/",
		  .boot = "bpf cpus2 cpus8 cpus32 cpus64 cpus128",
		  .run = run_buffers };
