// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/env_scene.h"
#include "conformance/semantics/program.h"
#include "conformance/semantics/scene.h"

/* As in report.c. */
#define REPORT_FD 9
#define RAN	  NOOP_STATUS
/* What a buffer holds before a call. */
#define NOISE 0xa5

/* The reporting executables; see report_image.S. */
extern const char report_image[], report_image_end[], report32_image[], report32_image_end[];

int env__put_report(const char *path, bool compat)
{
	const char *image = compat ? report32_image : report_image;
	size_t len = compat ? report32_image_end - image : report_image_end - image;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755), err;

	if (fd < 0)
		return -errno;
	err = write(fd, image, len) == (ssize_t)len ? 0 : -EIO;
	close(fd);
	return err;
}

struct env_asked env__attach(struct krsi_run *t, const char *named)
{
	struct krsi_prog *prog = program__load_on(t, ENV_HOOK, named);
	struct krsi_link *link = scene__link(t, prog);

	return (struct env_asked){ link, program__shared(t, prog, sizeof(struct env_io)) };
}

struct env_scene env__begin(struct krsi_run *t, enum env_programs which)
{
	struct env_scene s = { .t = t };
	int err = env__put_report("report", false);

	if (err)
		test__broken(t, "report: %s", strerror(-err));
	scene__begin(t);
	if (which != ENV_SLEEPABLE)
		s.io[s.n++] = env__attach(t, "env:plain").io;
	if (which != ENV_PLAIN)
		s.io[s.n++] = env__attach(t, "env:sleepable").io;
	return s;
}

void env__ask(struct env_scene *s, const struct env_query *query)
{
	size_t len = query->name ? strlen(query->name) : 0;

	for (int i = 0; i < s->n; i++) {
		struct env_io *io = s->io[i];

		memset(io->name, NOISE, sizeof(io->name));
		if (query->name)
			memcpy(io->name, query->name, len + 1);
		io->name_len = query->no_name_len ? 0 : query->name_len ?: len + 1;
		io->all = !query->name;
		io->buf_len = query->buf_len;
		io->verdict = query->denies;
		io->calls = 0;
		memset(io->result, NOISE, sizeof(io->result));
		memset(io->buf, NOISE, query->buf_len + ENV_GUARD);
		io->session = getpid();
	}
}

static void read_report(int fd, struct env_report *report)
{
	size_t room = 1 << 16;
	ssize_t n;

	*report = (struct env_report){ .strings = malloc(room) };
	if (!report->strings || read(fd, &report->addr, sizeof(report->addr)) < 0)
		return;
	while ((n = read(fd, report->strings + report->len, room - report->len)) > 0) {
		report->len += n;
		if (report->len < room)
			continue;
		room *= 2;
		report->strings = realloc(report->strings, room);
		if (!report->strings)
			abort();
	}
}

/* The child shares this memory until it executes, so that its errno is ours. */
static __attribute__((noinline)) pid_t start(const struct env_exec *e, int out, int *err)
{
	volatile int *error = err;
	pid_t pid = vfork();

	if (pid)
		return pid;
	if (out >= 0)
		dup2(out, REPORT_FD);
	e->act(e);
	*error = errno;
	_exit(0);
}

int env__run(const struct env_exec *e, struct env_report *report)
{
	int pipe_fd[2] = { -1, -1 }, err = 0, status;
	pid_t pid;

	if (report && pipe2(pipe_fd, O_CLOEXEC))
		return -errno;
	pid = start(e, pipe_fd[1], &err);
	if (report) {
		close(pipe_fd[1]);
		read_report(pipe_fd[0], report);
		close(pipe_fd[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	if (err)
		return -err;
	return WIFEXITED(status) && WEXITSTATUS(status) == RAN ? 0 : -ECHILD;
}

static int act_execve(const struct env_exec *e)
{
	return execve(e->path, e->argv, e->envp);
}

int env__exec(struct env_scene *s, char *const argv[], char *const envp[])
{
	const struct env_exec e = {
		.act = act_execve,
		.path = "./report",
		.argv = argv,
		.envp = envp,
	};

	if (KRSI_HAS(s->t->adapter, exec))
		return s->t->adapter->exec(s->t->inst, e.path, argv, envp);
	return env__run(&e, NULL);
}

/* What a program must find. */
struct want {
	uint32_t count;
	size_t total; /* bytes, were there room for all */
	bool overflow;
	uint32_t used; /* bytes of buf that hold values or strings */
	char *buf;     /* buf_len bytes */
};

static void add(struct want *want, const struct env_query *query, const char *text)
{
	size_t len = strlen(text) + 1, room = query->buf_len - want->used;

	want->count++;
	want->overflow |= len > room;
	/* the whole environment holds whole strings only; of a variable, what fits is written */
	if (len > room && !query->name)
		return;
	if (len > room)
		len = room;
	memcpy(want->buf + want->used, text, len);
	want->used += len;
}

static void find(struct want *want, const struct env_query *query, char *const envp[])
{
	size_t len = query->name ? strlen(query->name) : 0;

	*want = (struct want){ .buf = calloc(1, query->buf_len + 1) };
	if (!want->buf)
		abort();
	for (; !query->err && *envp; envp++) {
		if (!query->name)
			add(want, query, *envp);
		else if (!strncmp(*envp, query->name, len) && (*envp)[len] == '=')
			add(want, query, *envp + len + 1);
	}
	if (query->name && want->overflow && query->buf_len)
		want->buf[query->buf_len - 1] = '\0';
}

static void expect_result(struct env_scene *s, const struct env_query *query, uint64_t want,
			  uint64_t got)
{
	char expected[64], seen[64];

	if (want == got)
		return;
	snprintf(expected, sizeof(expected), "count %u, bytes %d", (unsigned int)(want >> 32),
		 (int)want);
	snprintf(seen, sizeof(seen), "count %u, bytes %d", (unsigned int)(got >> 32), (int)got);
	test__fail(s->t, expected, seen, "result: %s", query->title);
}

static void expect_bytes(struct env_scene *s, const struct env_query *query, const char *want,
			 const char *got, size_t n, const char *what)
{
	char expected[32], seen[32];
	size_t i = 0;

	if (!memcmp(want, got, n))
		return;
	while (want[i] == got[i])
		i++;
	snprintf(expected, sizeof(expected), "0x%02x", (unsigned char)want[i]);
	snprintf(seen, sizeof(seen), "0x%02x", (unsigned char)got[i]);
	test__fail(s->t, expected, seen, "byte %zu of %s: %s", i, what, query->title);
}

void env__expect(struct env_scene *s, const struct env_query *query, char *const envp[])
{
	unsigned int calls = query->calls ?: 1;
	char guard[ENV_GUARD];
	struct want want;
	int32_t low;

	find(&want, query, envp);
	memset(guard, NOISE, sizeof(guard));
	low = query->err ?: want.overflow ? -E2BIG : (int32_t)want.used;
	for (int i = 0; i < s->n; i++) {
		struct env_io *io = s->io[i];

		io->session = 0;
		/* a denial ends the chain: those behind it are not asked */
		if (query->denies && want.count && i)
			calls = 0;
		test__equal(s->t, calls, io->calls, query->title);
		for (unsigned int call = 0; call < calls && call < ENV_CALLS; call++)
			expect_result(s, query, (uint64_t)want.count << 32 | (uint32_t)low,
				      io->result[call]);
		if (!calls)
			continue;
		expect_bytes(s, query, want.buf, io->buf, query->buf_len, "the buffer");
		expect_bytes(s, query, guard, io->buf + query->buf_len, ENV_GUARD,
			     "what lies behind the buffer");
	}
	free(want.buf);
}

void env__check(struct env_scene *s, const struct env_query *query, char *const argv[],
		char *const envp[])
{
	env__ask(s, query);
	test__errno(s->t, 0, env__exec(s, argv, envp), query->title);
	env__expect(s, query, envp);
}

void env__table(struct env_scene *s, const struct env_case *cases, size_t n)
{
	static const char *const usual[] = { "report", NULL };

	for (size_t i = 0; i < n; i++) {
		const struct env_case *c = &cases[i];
		const char *const *argv = c->argv[0] || c->no_argv ? c->argv : usual;

		env__check(s, &c->query, (char *const *)argv, (char *const *)c->env);
	}
}
