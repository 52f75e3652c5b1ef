// SPDX-License-Identifier: GPL-2.0-only
/* The helpers of programs with an opaque context: plain and sleepable programs get the same. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "conformance/bpf/io.h"
#include "conformance/bpf/opaque_io.h"
#include "conformance/semantics/env_scene.h"
#include "conformance/semantics/program.h"
#include "conformance/semantics/scene.h"
#include "reference/linux/uapi.h"

/* What memory that a program writes holds before. */
#define NOISE 0xa5
/* A hook that may sleep, and is passed once by rmdir. */
#define OTHER_HOOK "inode_rmdir"

struct opaque {
	struct krsi_run *t;
	struct krsi_prog *prog;
	struct io *io;
};

static struct opaque begin(struct krsi_run *t, bool sleepable, const char *hook)
{
	struct opaque o = { .t = t };

	scene__begin(t);
	o.io = program__start_on(t, hook, sleepable ? "opaque:sleepable" : "opaque:plain", &o.prog);
	return o;
}

/*
 * A test in two. Each body loads for the hook that it wants by begin(t, sleepable, hook).
 */
#define OPAQUE_TEST(fn, name, text, ...)                                                           \
	static void fn(struct krsi_run *t, bool sleepable);                                        \
	KRSI_TEST(fn##_plain, .id = "helper/opaque-plain/" name, .summary = text,                  \
		  .requirements = { __VA_ARGS__ }, .hook = { ENV_HOOK, OTHER_HOOK },               \
		  .needs = { .capabilities = KRSI_CAP_OPAQUE })                                    \
	{                                                                                          \
		fn(t, false);                                                                      \
	}                                                                                          \
	KRSI_TEST(fn##_sleepable, .id = "helper/opaque-sleepable/" name, .summary = text,          \
		  .requirements = { "REF-031", __VA_ARGS__ }, .hook = { ENV_HOOK, OTHER_HOOK },    \
		  .needs = { .capabilities = KRSI_CAP_OPAQUE | KRSI_CAP_SLEEPABLE })               \
	{                                                                                          \
		fn(t, true);                                                                       \
	}                                                                                          \
	static void fn(struct krsi_run *t, bool sleepable)

/* What the program is to do at its next call. */
static void ask(struct opaque *o, enum opaque_call call, uint64_t a, uint64_t b)
{
	memset(o->io->out_data, NOISE, sizeof(o->io->out_data));
	memset(o->io->out, NOISE, sizeof(o->io->out));
	o->io->calls = 0;
	o->io->in[0] = call;
	o->io->in[1] = a;
	o->io->in[2] = b;
	o->io->session = getpid();
}

/* The program is called once, by exec or by rmdir. */
static void call(struct opaque *o, bool by_exec)
{
	if (by_exec)
		test__errno(o->t, 0, scene__exec(), "execve");
	else
		test__errno(o->t, 0, scene__mkdir("d") ?: SYS(rmdir("d")), "rmdir");
	test__equal(o->t, 1, o->io->calls, "calls of the program");
}

/* The bytes from `from` to the end of what the program could write are as they were. */
static void expect_untouched(struct opaque *o, size_t from)
{
	for (size_t i = from; i < sizeof(o->io->out_data); i++)
		test__equal(o->t, NOISE, o->io->out_data[i], "a byte behind what was asked for");
}

static void expect_id(struct opaque *o, const struct stat *st, size_t size)
{
	const struct krsi_file_id want = {
		.dev = st->st_dev,
		.ino = st->st_ino,
		.nlink = st->st_nlink,
	};
	unsigned char whole[OPAQUE_MOST] = {};
	struct krsi_file_id got;

	/* userspace does not see the generation of a file of tmpfs */
	memcpy(&got, o->io->out_data, size < sizeof(got) ? size : sizeof(got));
	memcpy(whole, &want, sizeof(want));
	if (size >= offsetof(struct krsi_file_id, nlink))
		memcpy(whole + offsetof(struct krsi_file_id, generation), &got.generation,
		       sizeof(got.generation));
	test__errno(o->t, 0, o->io->out[0], "krsi_get_file_id");
	test__true(o->t, !memcmp(whole, o->io->out_data, size), "the identity, and 0 behind it");
	expect_untouched(o, size);
}

OPAQUE_TEST(file_id, "file-id", "the file that is executed is told, in as many bytes as asked for",
	    "REF-037")
{
	static const uint64_t sizes[] = { 1, 8, 15, 16, 20, 24, 25, 32, OPAQUE_MOST };
	struct opaque o = begin(t, sleepable, ENV_HOOK);
	struct stat st;

	test__errno(t, 0, put_noop("noop"), "write an executable");
	for (int links = 1; links <= 2; links++) {
		test__errno(t, 0, SYS(stat("noop", &st)), "stat");
		test__equal(t, links, st.st_nlink, "links");
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			ask(&o, OPAQUE_FILE_ID, sizes[i], 0);
			call(&o, true);
			expect_id(&o, &st, sizes[i]);
		}
		if (links == 1)
			test__errno(t, 0, SYS(link("noop", "second")), "link");
	}
}

OPAQUE_TEST(deleted, "file-id-deleted", "an executable that has no name any more has no link",
	    "REF-037")
{
	struct opaque o = begin(t, sleepable, ENV_HOOK);
	char *argv[] = { "noop", NULL }, *envp[] = { NULL }, path[32];
	struct stat st;
	int fd;

	test__errno(t, 0, put_noop("noop"), "write an executable");
	fd = open("noop", O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	test__errno(t, 0, SYS(unlink("noop")), "unlink");
	test__errno(t, 0, SYS(fstat(fd, &st)), "fstat");
	test__equal(t, 0, st.st_nlink, "links");
	ask(&o, OPAQUE_FILE_ID, sizeof(struct krsi_file_id), 0);
	test__errno(t, 0, run_program(path, argv, envp), "execve");
	test__equal(t, 1, o.io->calls, "calls of the program");
	expect_id(&o, &st, sizeof(struct krsi_file_id));
}

OPAQUE_TEST(elsewhere, "not-in-exec", "where nothing is executed there is no file and no variable",
	    "REF-038")
{
	struct opaque o = begin(t, sleepable, OTHER_HOOK);
	static const struct {
		enum opaque_call call;
		uint64_t size, all;
		const char *title;
	} calls[] = {
		{ OPAQUE_FILE_ID, sizeof(struct krsi_file_id), 0, "krsi_get_file_id" },
		{ OPAQUE_ENV, 0, 0, "krsi_get_env_var without a buffer" },
		{ OPAQUE_ENV, 64, 0, "krsi_get_env_var" },
		{ OPAQUE_ENV, 64, 1, "krsi_get_env_vars" },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		ask(&o, calls[i].call, calls[i].size, calls[i].all);
		call(&o, false);
		test__errno(t, -EINVAL, (int)o.io->out[0], calls[i].title);
		if (calls[i].call == OPAQUE_ENV)
			test__equal(t, 0, o.io->out[0] >> 32, "the high half");
		for (uint64_t j = 0; j < calls[i].size; j++)
			test__equal(t, 0, o.io->out_data[j], calls[i].title);
		expect_untouched(&o, calls[i].size);
	}
}

struct received {
	int n;
	uint32_t size;
	unsigned char data[512];
};

static void sample(void *ctx, int cpu, void *data, __u32 size)
{
	struct received *r = ctx;

	r->n++;
	r->size = size;
	memcpy(r->data, data, size < sizeof(r->data) ? size : sizeof(r->data));
}

static int ring_sample(void *ctx, void *data, size_t size)
{
	sample(ctx, 0, data, size);
	return 0;
}

/* Any processor's buffer; a flag that is none. */
#define THIS_CPU 0xffffffffULL
#define NO_FLAG	 (1ULL << 32)

OPAQUE_TEST(perf, "perf-output", "records of a perf buffer arrive whole", "AUD-010", "HLP-037")
{
	struct opaque o = begin(t, sleepable, OTHER_HOOK);
	struct received r = {};
	int map = t->adapter->map(o.prog, "perf");
	struct perf_buffer *buffer;

	for (int i = 0; i < OPAQUE_MOST; i++)
		o.io->in_data[i] = i * 7;
	ask(&o, OPAQUE_PERF, THIS_CPU, 8);
	call(&o, false);
	test__errno(t, -ENOENT, (int)o.io->out[0], "output before anyone reads");
	buffer = perf_buffer__new(map, 8, sample, NULL, &r, NULL);
	test__true(t, buffer != NULL, "a reader");
	ask(&o, OPAQUE_PERF, NO_FLAG | THIS_CPU, 8);
	call(&o, false);
	test__errno(t, -EINVAL, (int)o.io->out[0], "output with an unknown flag");
	/* with the word that holds its size a record is padded to 8 bytes */
	for (int n = 4; n <= OPAQUE_MOST; n += 80) {
		r.n = 0;
		ask(&o, OPAQUE_PERF, THIS_CPU, n);
		call(&o, false);
		test__errno(t, 0, (int)o.io->out[0], "bpf_perf_event_output");
		test__errno(t, 0, perf_buffer__consume(buffer), "perf_buffer__consume");
		test__equal(t, 1, r.n, "records");
		test__equal(t, n, r.size, "bytes");
		test__true(t, !memcmp(r.data, o.io->in_data, n), "the bytes that were sent");
	}
	perf_buffer__free(buffer);
}

OPAQUE_TEST(ring, "ringbuf-output", "records of a ring buffer arrive whole", "AUD-010", "HLP-036")
{
	struct opaque o = begin(t, sleepable, OTHER_HOOK);
	struct received r = {};
	struct ring_buffer *buffer =
		ring_buffer__new(t->adapter->map(o.prog, "ring"), ring_sample, &r, NULL);

	test__true(t, buffer != NULL, "a reader");
	for (int i = 0; i < OPAQUE_MOST; i++)
		o.io->in_data[i] = i * 11;
	for (int n = 1; n <= OPAQUE_MOST; n += 85) {
		ask(&o, OPAQUE_RING, 0, n);
		call(&o, false);
		test__errno(t, 0, (int)o.io->out[0], "bpf_ringbuf_output");
		test__equal(t, 1, ring_buffer__consume(buffer), "records");
		test__equal(t, n, r.size, "bytes");
		test__true(t, !memcmp(r.data, o.io->in_data, n), "the bytes that were sent");
	}
	ring_buffer__free(buffer);
}

OPAQUE_TEST(reserve, "ringbuf-reserve",
	    "a record that was filled in place arrives when it is submitted, and one that was "
	    "discarded gives its room back",
	    "AUD-008")
{
	struct opaque o = begin(t, sleepable, OTHER_HOOK);
	struct received r = {};
	struct ring_buffer *buffer =
		ring_buffer__new(t->adapter->map(o.prog, "ring"), ring_sample, &r, NULL);

	test__true(t, buffer != NULL, "a reader");
	/* the ring holds 256 of them */
	for (int i = 0; i < 300; i++) {
		ask(&o, OPAQUE_RESERVE, false, i);
		call(&o, false);
		test__equal(t, 1, o.io->out[0], "room");
		test__equal(t, 0, ring_buffer__consume(buffer), "records that were discarded");
	}
	ask(&o, OPAQUE_RESERVE, true, 0x1234);
	call(&o, false);
	test__equal(t, 1, o.io->out[0], "room");
	test__equal(t, 1, ring_buffer__consume(buffer), "records");
	test__equal(t, 8, r.size, "bytes");
	test__true(t, !memcmp(r.data, &o.io->in[2], 8), "what was written");
	ring_buffer__free(buffer);
}

OPAQUE_TEST(task, "task", "who calls is told", "REF-039")
{
	struct opaque o = begin(t, sleepable, OTHER_HOOK);

	test__errno(t, 0, SYS(prctl(PR_SET_NAME, "who calls")), "prctl");
	ask(&o, OPAQUE_TASK, 0, 0);
	call(&o, false);
	test__errno(t, 0, (int)o.io->out[0], "bpf_get_current_comm");
	test__true(t, !strcmp((char *)o.io->out_data, "who calls"), "the name");
	test__equal(t, (uint64_t)getgid() << 32 | getuid(), o.io->out[1], "user and group");
	test__equal(t, (uint64_t)getpid() << 32 | gettid(), o.io->out[2], "process and thread");
}

OPAQUE_TEST(map, "map", "what is put into a map is found there until it is deleted", "REF-039")
{
	struct opaque o = begin(t, sleepable, OTHER_HOOK);

	ask(&o, OPAQUE_MAP, 0, 0);
	call(&o, false);
	test__equal(t, 0, o.io->out[0], "the step that failed");
}
