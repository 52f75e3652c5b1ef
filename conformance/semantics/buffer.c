// SPDX-License-Identifier: GPL-2.0-only
/* Buffers by which programs hand data over: every byte arrives, in order, and loss is counted. */
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "conformance/bpf/buffer.h"
#include "conformance/semantics/program.h"

#define NEEDS_BUFFER .hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_NAMED }

/* A record's header, which is also what records are rounded up to; the last 8 bytes of a ring are
 * never used, or a full one would look empty. */
#define RING_HEADER 8
#define RING_MAX    (BUFFER_RING - 2 * RING_HEADER)

/* A wake-up comes by an interrupt that the CPU sends to itself. */
#define WAKE_MS 5000

/* What was sent and received. */
struct traffic {
	struct krsi_run *t;
	struct io *io;
	struct payload *payload;
	unsigned int made; /* directories: each sends once */
	/* of the last record */
	size_t size;
	unsigned char data[BUFFER_PAYLOAD];
	unsigned int received;
	unsigned long lost;
	bool wrong; /* a record did not begin with its number */
	int cpu;    /* whose perf buffer the last record was in */
};

static int map_of(struct krsi_run *t, struct krsi_prog *prog, const char *name)
{
	int fd = t->adapter->map(prog, name);

	if (fd < 0)
		test__fail(t, "a map", errno__name(fd), "map %s", name);
	return fd;
}

static void begin(struct krsi_run *t, struct traffic *traffic, const char *named,
		  struct krsi_prog **prog)
{
	scene__begin(t);
	*traffic = (struct traffic){ .t = t, .io = program__start(t, named, prog) };
	traffic->payload = mmap(NULL, sizeof(struct payload), PROT_READ | PROT_WRITE, MAP_SHARED,
				map_of(t, *prog, "payload"), 0);
	if (traffic->payload == MAP_FAILED)
		test__broken(t, "mmap: %s", strerror(errno));
	for (int i = 0; i < BUFFER_PAYLOAD; i++)
		traffic->payload->byte[i] = i * 7 + i / 251;
}

/* Sends once; what the helper returned. */
static int send(struct traffic *traffic)
{
	char name[32];

	sprintf(name, "sent.%u", traffic->made++);
	traffic->io->out[0] = 1;
	test__errno(traffic->t, 0, scene__mkdir(name), "mkdir");
	return traffic->io->out[0];
}

static int send_bytes(struct traffic *traffic, size_t bytes)
{
	traffic->io->in[0] = bytes;
	return send(traffic);
}

/* Sends with a number in front; what the helper returned. */
static int send_number(struct traffic *traffic, unsigned int number, size_t bytes)
{
	memcpy(traffic->payload->byte, &number, sizeof(number));
	return send_bytes(traffic, bytes);
}

static int receive(void *ctx, void *data, size_t size)
{
	struct traffic *traffic = ctx;

	traffic->wrong |= size >= sizeof(traffic->received) &&
			  memcmp(data, &traffic->received, sizeof(traffic->received));
	traffic->received++;
	traffic->size = size;
	memcpy(traffic->data, data, size < BUFFER_PAYLOAD ? size : BUFFER_PAYLOAD);
	return 0;
}

static struct ring_buffer *read_ring(struct krsi_run *t, struct krsi_prog *prog,
				     struct traffic *traffic)
{
	struct ring_buffer *ring =
		ring_buffer__new(map_of(t, prog, "ring"), receive, traffic, NULL);

	if (!ring)
		test__broken(t, "ring_buffer__new: %s", strerror(errno));
	return ring;
}

/* Sends this many bytes by the ring buffer, and expects them at the other end. */
static void expect_whole(struct traffic *traffic, struct ring_buffer *ring, size_t bytes)
{
	test__errno(traffic->t, 0, send_bytes(traffic, bytes), "bpf_ringbuf_output");
	traffic->size = -1;
	test__equal(traffic->t, 1, ring_buffer__consume(ring), "records");
	test__equal(traffic->t, bytes, traffic->size, "bytes");
	test__true(traffic->t, !memcmp(traffic->data, traffic->payload->byte, bytes),
		   "the bytes are those that were sent");
}

KRSI_TEST(ring_sizes, .id = "helper/ringbuf-output",
	  .summary =
		  "records from 0 bytes to the largest size arrive whole; larger ones and unknown "
		  "flags are refused",
	  .requirements = { "AUD-010", "AUD-011", "HLP-036" }, NEEDS_BUFFER)
{
	struct traffic traffic;
	struct ring_buffer *ring;
	struct krsi_prog *prog;

	begin(t, &traffic, "buffer:ring_output", &prog);
	ring = read_ring(t, prog, &traffic);
	expect_whole(&traffic, ring, 0);
	expect_whole(&traffic, ring, 1);
	expect_whole(&traffic, ring, 4096);
	expect_whole(&traffic, ring, RING_MAX);
	test__errno(t, -EAGAIN, send_bytes(&traffic, RING_MAX + 1), "a record too large by one");
	test__errno(t, -EAGAIN, send_bytes(&traffic, BUFFER_PAYLOAD), "a record of twice the ring");
	traffic.io->in[1] = 1 << 2;
	test__errno(t, -EINVAL, send_bytes(&traffic, 1), "an unknown flag");
	test__equal(t, 0, ring_buffer__consume(ring), "records of the refused calls");
}

KRSI_TEST(ring_wraps, .id = "helper/ringbuf-wrap",
	  .summary = "records that wrap around the end of the ring arrive whole and in order",
	  .requirements = { "AUD-004", "AUD-010" }, NEEDS_BUFFER)
{
	/* no divisor of the ring: the end falls at another place of a record each time round */
	const size_t bytes = 5555;
	struct traffic traffic;
	struct ring_buffer *ring;
	struct krsi_prog *prog;

	begin(t, &traffic, "buffer:ring_output", &prog);
	ring = read_ring(t, prog, &traffic);
	for (unsigned int i = 0; i < 4 * BUFFER_RING / bytes; i++) {
		test__errno(t, 0, send_number(&traffic, i, bytes), "bpf_ringbuf_output");
		test__equal(t, 1, ring_buffer__consume(ring), "records");
		test__equal(t, bytes, traffic.size, "bytes");
		test__true(t, !memcmp(traffic.data, traffic.payload->byte, bytes),
			   "the bytes are those that were sent");
	}
}

KRSI_TEST(ring_full, .id = "helper/ringbuf-full",
	  .summary =
		  "a full ring buffer refuses and keeps what it holds, and a denied call's record "
		  "arrives",
	  .requirements = { "AUD-005", "AUD-006", "AUD-009" }, NEEDS_BUFFER)
{
	enum { FIT = BUFFER_RING / (4096 + RING_HEADER), MORE = 5 };
	struct traffic traffic;
	struct ring_buffer *ring;
	struct krsi_prog *prog;

	begin(t, &traffic, "buffer:ring_output", &prog);
	ring = read_ring(t, prog, &traffic);
	for (unsigned int i = 0; i < FIT + MORE; i++)
		test__errno(t, i < FIT ? 0 : -EAGAIN, send_number(&traffic, i, 4096),
			    "bpf_ringbuf_output");
	test__equal(t, FIT, ring_buffer__consume(ring), "records");
	test__true(t, !traffic.wrong, "the records are the first that were sent, in order");
	traffic.io->verdict = -EUCLEAN;
	traffic.io->in[0] = 1;
	test__errno(t, -EUCLEAN, scene__mkdir("denied"), "mkdir, denied");
	test__errno(t, 0, (int)traffic.io->out[0], "bpf_ringbuf_output of the denied call");
	test__equal(t, 1, ring_buffer__consume(ring), "records of the denied call");
}

KRSI_TEST(ring_reserved, .id = "helper/ringbuf-reserve",
	  .summary = "a record that is submitted arrives, one that is discarded does not, and one "
		     "that is neither keeps the program from loading",
	  .requirements = { "AUD-008", "HLP-039" }, NEEDS_BUFFER)
{
	const __u64 sent = 0x1234567890abcdef;
	struct traffic traffic;
	struct ring_buffer *ring;
	struct krsi_prog *prog;

	test__errno(t, -EINVAL, program__try(t, "buffer:ring_leak"), "load");
	begin(t, &traffic, "buffer:ring_reserve", &prog);
	ring = read_ring(t, prog, &traffic);
	test__equal(t, 1, send(&traffic), "room");
	test__equal(t, 0, ring_buffer__consume(ring), "records, discarded");
	traffic.io->in[0] = 1;
	traffic.io->in[1] = sent;
	test__equal(t, 1, send(&traffic), "room");
	test__equal(t, 1, ring_buffer__consume(ring), "records, submitted");
	test__equal(t, sizeof(sent), traffic.size, "bytes");
	test__true(t, !memcmp(traffic.data, &sent, sizeof(sent)),
		   "the bytes are those that were sent");
}

KRSI_TEST(ring_wakes, .id = "helper/ringbuf-wakeup",
	  .summary = "a record wakes a reader that has taken all others, and flags say otherwise",
	  .requirements = { "AUD-013" }, NEEDS_BUFFER)
{
	/* tells of nothing but wake-ups: the ring is empty when it is put in */
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct traffic traffic;
	struct ring_buffer *ring;
	struct krsi_prog *prog;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	begin(t, &traffic, "buffer:ring_output", &prog);
	ring = read_ring(t, prog, &traffic);
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, map_of(t, prog, "ring"), &event))
		test__broken(t, "epoll: %s", strerror(errno));
	test__equal(t, 0, epoll_wait(epoll, &event, 1, 0), "wake-ups before any record");
	test__errno(t, 0, send_bytes(&traffic, 8), "bpf_ringbuf_output");
	test__equal(t, 1, epoll_wait(epoll, &event, 1, WAKE_MS), "wake-ups by the first record");
	test__errno(t, 0, send_bytes(&traffic, 8), "bpf_ringbuf_output, the first not taken");
	traffic.io->in[1] = BPF_RB_FORCE_WAKEUP;
	test__equal(t, 0, epoll_wait(epoll, &event, 1, 0), "wake-ups by the second record");
	test__errno(t, 0, send_bytes(&traffic, 8), "bpf_ringbuf_output with BPF_RB_FORCE_WAKEUP");
	test__equal(t, 1, epoll_wait(epoll, &event, 1, WAKE_MS), "wake-ups, forced");
	test__equal(t, 3, ring_buffer__consume(ring), "records");
	traffic.io->in[1] = BPF_RB_NO_WAKEUP;
	test__errno(t, 0, send_bytes(&traffic, 8), "bpf_ringbuf_output with BPF_RB_NO_WAKEUP");
	test__equal(t, 0, epoll_wait(epoll, &event, 1, 0), "wake-ups, not wanted");
	test__equal(t, 1, ring_buffer__consume(ring), "records without a wake-up");
	close(epoll);
}

static void perf_sample(void *ctx, int cpu, void *data, __u32 size)
{
	((struct traffic *)ctx)->cpu = cpu;
	receive(ctx, data, size);
}

static void perf_lost(void *ctx, int cpu, __u64 n)
{
	((struct traffic *)ctx)->lost += n;
}

/* One CPU, so that there is one buffer. */
static struct perf_buffer *read_perf(struct krsi_run *t, struct krsi_prog *prog,
				     struct traffic *traffic, int pages)
{
	struct perf_buffer *perf;
	int err = pin_to_cpu(0);

	if (err)
		test__broken(t, "sched_setaffinity: %s", errno__name(err));
	perf = perf_buffer__new(map_of(t, prog, "perf"), pages, perf_sample, perf_lost, traffic,
				NULL);
	if (!perf)
		test__broken(t, "perf_buffer__new: %s", strerror(errno));
	return perf;
}

/* The size that arrives: with the word that holds it, records are rounded up to 8 bytes. */
static size_t perf_size(size_t bytes)
{
	return (bytes + 4 + 7) / 8 * 8 - 4;
}

KRSI_TEST(perf_sizes, .id = "helper/perf-output",
	  .summary =
		  "perf records from 0 bytes to half a buffer arrive whole, and a wrong or empty "
		  "index is refused",
	  .requirements = { "AUD-010", "HLP-037" }, NEEDS_BUFFER)
{
	static const size_t sizes[] = { 0, 1, 4096, 32768 };
	struct traffic traffic;
	struct perf_buffer *perf;
	struct krsi_prog *prog;

	begin(t, &traffic, "buffer:perf_output", &prog);
	traffic.io->in[1] = 0;
	test__errno(t, -ENOENT, send_bytes(&traffic, 8), "an empty slot");
	traffic.io->in[1] = INT_MAX;
	test__errno(t, -E2BIG, send_bytes(&traffic, 8), "an index far past the map");
	traffic.io->in[1] = libbpf_num_possible_cpus();
	test__errno(t, -E2BIG, send_bytes(&traffic, 8), "the first index past the map");
	traffic.io->in[1] = 1ULL << 32;
	test__errno(t, -EINVAL, send_bytes(&traffic, 8), "an unknown flag");
	perf = read_perf(t, prog, &traffic, 16);
	traffic.io->in[1] = 0xffffffff;
	for (int i = 0; i < 4; i++) {
		traffic.size = -1;
		test__errno(t, 0, send_bytes(&traffic, sizes[i]), "bpf_perf_event_output");
		test__errno(t, 0, perf_buffer__consume(perf), "perf_buffer__consume");
		test__equal(t, i + 1, traffic.received, "records");
		test__equal(t, perf_size(sizes[i]), traffic.size, "bytes, rounded up");
		test__true(t, !memcmp(traffic.data, traffic.payload->byte, sizes[i]),
			   "the bytes are those that were sent");
	}
	test__equal(t, 0, traffic.lost, "lost");
}

KRSI_TEST(perf_cpus, .id = "helper/perf-each-cpu",
	  .summary = "a record comes into the perf buffer of its CPU, and into no other",
	  .requirements = { "HLP-044" }, NEEDS_BUFFER)
{
	struct traffic traffic;
	struct perf_buffer *perf;
	struct krsi_prog *prog;
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) || CPU_COUNT(&allowed) < 2)
		test__skip(t, "one CPU has one buffer");
	begin(t, &traffic, "buffer:perf_output", &prog);
	perf = read_perf(t, prog, &traffic, 1);
	for (int cpu = 0, last = -1; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		if (pin_to_cpu(cpu))
			test__broken(t, "sched_setaffinity");
		traffic.cpu = -1;
		traffic.io->in[1] = 0xffffffff;
		test__errno(t, 0, send_bytes(&traffic, 8), "bpf_perf_event_output");
		test__errno(t, 0, perf_buffer__consume(perf), "perf_buffer__consume");
		test__equal(t, cpu, traffic.cpu, "CPU whose buffer has the record");
		traffic.cpu = -1;
		traffic.io->in[1] = cpu;
		test__errno(t, 0, send_bytes(&traffic, 8), "by the number of the CPU");
		test__errno(t, 0, perf_buffer__consume(perf), "perf_buffer__consume");
		test__equal(t, cpu, traffic.cpu, "CPU whose buffer has that record");
		if (last >= 0) {
			traffic.io->in[1] = last;
			test__errno(t, -EOPNOTSUPP, send_bytes(&traffic, 8),
				    "by the number of another CPU");
		}
		last = cpu;
	}
	test__equal(t, 2 * CPU_COUNT(&allowed), traffic.received, "records");
}

KRSI_TEST(perf_full, .id = "helper/perf-lost",
	  .summary = "a full perf buffer refuses, and tells its reader how many records that cost",
	  .requirements = { "AUD-012", "AUD-005" }, NEEDS_BUFFER)
{
	struct traffic traffic;
	struct perf_buffer *perf;
	struct krsi_prog *prog;
	unsigned int kept = 0, refused = 0;

	begin(t, &traffic, "buffer:perf_output", &prog);
	perf = read_perf(t, prog, &traffic, 1);
	traffic.io->in[1] = 0xffffffff;
	for (int i = 0; i < 12; i++) {
		int err = send_number(&traffic, kept, 900);

		test__true(t, !err || err == -ENOSPC, "a record is kept, or there is no space");
		kept += !err;
		refused += err != 0;
	}
	/* more do not fit in a page, nor do fewer fill it */
	test__equal(t, 4, kept, "records kept");
	test__errno(t, 0, perf_buffer__consume(perf), "perf_buffer__consume");
	test__equal(t, kept, traffic.received, "records");
	test__errno(t, 0, send_number(&traffic, kept, 900), "bpf_perf_event_output");
	test__errno(t, 0, perf_buffer__consume(perf), "perf_buffer__consume");
	test__equal(t, kept + 1, traffic.received, "records");
	test__equal(t, refused, traffic.lost, "lost, as the reader is told");
	test__true(t, !traffic.wrong, "the records are those that were kept, in order");
}

KRSI_TEST(perf_asleep, .id = "helper/perf-sleepable",
	  .summary = "a sleepable program that uses a perf event array is refused",
	  .requirements = { "SLP-010" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE })
{
	if (!test__hook(t, "file_open")->sleepable)
		test__skip(t, "file_open is not in the sleepable set here");
	test__errno(t, -EINVAL, program__try(t, "buffer:perf_sleepable"), "load");
}
