// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executions on the reference, with programs attached that ask for the environment. Three answers
 * are held against each other: what the programs were told (one that sleeps and one that does not),
 * what core makes of the environment, and what the new process found as its environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "conformance/bpf/env_io.h"
#include "fuzz/guest/agent.h"
#include "fuzz/guest/job.h"
#include "reference/linux/uapi.h"

#define HOOK_FILE KRSI_SECURITYFS "/process_execution"
#define BUF_MAX	  4096

extern const char env_object[], env_object_end[];

/* One of the two programs. */
struct prog {
	const char *name;
	struct env_io *io;
	int fd;
	bool attached;
};

static struct prog progs[] = { { .name = "plain" }, { .name = "sleepable" } };
#define NR_PROGS 2

static char want[BUF_MAX];
static int hook, arrangement = -1;

static void load(struct prog *p)
{
	struct bpf_object *o = bpf_object__open_mem(env_object, env_object_end - env_object, NULL);
	struct bpf_program *program, *chosen = NULL;

	if (!o)
		agent_die(p->name);
	bpf_object__for_each_program(program, o)
	{
		bool wanted = !strcmp(bpf_program__name(program), p->name);

		bpf_program__set_type(program, (enum bpf_prog_type)BPF_PROG_TYPE_KRSI);
		bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)BPF_KRSI);
		bpf_program__set_autoload(program, wanted);
		if (!wanted)
			continue;
		chosen = program;
		if (!strcmp(p->name, "sleepable"))
			bpf_program__set_flags(program, BPF_F_SLEEPABLE);
	}
	if (!chosen || bpf_object__load(o))
		agent_die(p->name);
	p->io = mmap(NULL, sizeof(*p->io), PROT_READ | PROT_WRITE, MAP_SHARED,
		     bpf_object__find_map_fd_by_name(o, "io"), 0);
	if (p->io == MAP_FAILED)
		agent_die(p->name);
	p->fd = bpf_program__fd(chosen);
}

/* Which are attached, and which of two comes first. */
static void arrange(int wanted)
{
	static const struct {
		int n, which[NR_PROGS];
	} ways[EXEC_ARRANGEMENTS] = {
		[EXEC_BOTH] = { 2, { 0, 1 } },
		[EXEC_PLAIN] = { 1, { 0 } },
		[EXEC_SLEEPABLE] = { 1, { 1 } },
		[EXEC_SLEEPABLE_FIRST] = { 2, { 1, 0 } },
	};

	if (wanted == arrangement)
		return;
	for (int i = 0; i < NR_PROGS; i++) {
		if (progs[i].attached &&
		    bpf_prog_detach2(progs[i].fd, hook, (enum bpf_attach_type)BPF_KRSI))
			agent_say("detach of %s: %s", progs[i].name, strerror(errno));
		progs[i].attached = false;
	}
	for (int i = 0; i < ways[wanted].n; i++) {
		struct prog *p = &progs[ways[wanted].which[i]];

		if (bpf_prog_attach(p->fd, hook, (enum bpf_attach_type)BPF_KRSI, 0))
			agent_say("attach of %s: %s", p->name, strerror(errno));
		p->attached = true;
	}
	arrangement = wanted;
}

static void set_up(void)
{
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	job_set_up();
	hook = open(HOOK_FILE, O_RDWR | O_CLOEXEC);
	if (hook < 0)
		agent_die(HOOK_FILE);
	for (int i = 0; i < NR_PROGS; i++)
		load(&progs[i]);
}

static void prepare(struct env_io *io)
{
	io->session = getsid(0);
	io->verdict = 0;
	io->all = job.head.all & 1;
	io->name_len = job.head.name_len;
	io->buf_len = job.head.buf_len % (BUF_MAX + 1);
	io->calls = 0;
	memcpy(io->name, job.name, sizeof(job.name));
	memset(io->buf, '#', io->buf_len + ENV_GUARD);
}

static void compare(const struct prog *p)
{
	const struct krsi_env_block env = job_environment();
	const struct env_io *io = p->io;
	u64 expected, got;

	if (!p->attached) {
		if (io->calls)
			agent_say("%s was called, and is not attached", p->name);
		return;
	}
	if (!io->calls || io->calls > ENV_CALLS) {
		agent_say("%s was called %u times", p->name, io->calls);
		return;
	}
	got = io->result[io->calls - 1];
	if (io->all)
		expected = krsi_env_get_all(&env, want, io->buf_len);
	else
		expected = krsi_env_get(&env, io->name, io->name_len, want, io->buf_len);
	if (got != expected)
		agent_say("%s: count %u, low %d; the process has count %u, low %d", p->name,
			  krsi_env_count(got), krsi_env_bytes(got), krsi_env_count(expected),
			  krsi_env_bytes(expected));
	else if (memcmp(io->buf, want, io->buf_len))
		agent_say("%s: other values than the process has", p->name);
	for (int i = 0; i < ENV_GUARD; i++)
		if (io->buf[io->buf_len + i] != '#')
			agent_say("%s: byte %d behind the buffer", p->name, i);
}

/* Where the kernel tells no edges, classes of results stand for them. */
static void tell_results(void)
{
	for (int p = 0; p < NR_PROGS; p++) {
		u64 r = progs[p].io->calls ? progs[p].io->result[0] : 0;
		s32 low = krsi_env_bytes(r);
		u32 count = krsi_env_count(r);

		agent_edge(10 + p, low > 0 ? 32u - __builtin_clz(low) : (u32)low);
		agent_edge(20 + p, count ? 32 - __builtin_clz(count) : 0);
		agent_edge(30 + p, progs[p].io->all << 8 | progs[p].io->calls);
	}
}

static void run(void)
{
	bool ran;

	if (!job_read())
		return;
	arrange(job.head.all >> 1 & (EXEC_ARRANGEMENTS - 1));
	for (int i = 0; i < NR_PROGS; i++)
		prepare(progs[i].io);
	ran = !job_run();
	for (int i = 0; i < NR_PROGS; i++)
		progs[i].io->session = 0;
	for (int i = 0; i < NR_PROGS && ran; i++)
		compare(&progs[i]);
	if (!agent_shared->kcov)
		tell_results();
}

const struct agent_target target_exec = { "exec", set_up, run };
