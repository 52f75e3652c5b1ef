// SPDX-License-Identifier: GPL-2.0-only
/* Whatever way a process starts: what a program sees is what the new process gets. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/semantics/env_scene.h"

#define PAGE 4096

/* The arguments look like the variable that is looked for; so do those that scripts add. */
static char *const argv[] = { "NAME=argv0", "NAME=argv1", NULL };
static char *const envp[] = {
	"FIRST=1", "NAME=the value", "NAME_X=2", "NAME=again", "LAST=", NULL
};

static int put_script(const char *path, const char *first_line)
{
	return put_file(path, first_line) ?: SYS(chmod(path, 0700));
}

/* ./script runs ./report, ./outer runs ./script, ./outermost runs ./outer. */
static void put_scripts(struct krsi_run *t)
{
	int err = put_script("script", "#!./report\n") ?:
		  put_script("argument", "#!./report NAME=script\n") ?:
		  put_script("outer", "#!./script\n") ?:
		  put_script("outermost", "#!./outer NAME=outer\n");

	if (err)
		test__broken(t, "scripts: %s", strerror(-err));
}

static int by_execve(const struct env_exec *e)
{
	return execve(e->path, e->argv, e->envp);
}

static int by_execveat(const struct env_exec *e)
{
	return syscall(SYS_execveat, AT_FDCWD, e->path, e->argv, e->envp, 0);
}

static int by_descriptor(const struct env_exec *e)
{
	return syscall(SYS_execveat, e->fd, "", e->argv, e->envp, AT_EMPTY_PATH);
}

static const struct way {
	const char *title, *path;
	int (*act)(const struct env_exec *e);
	unsigned int calls; /* of the hook: one for each file */
} ways[] = {
	{ "execve", "./report", by_execve, 1 },
	{ "execveat", "./report", by_execveat, 1 },
	{ "a descriptor", "report", by_descriptor, 1 },
	{ "a memory file", NULL, by_descriptor, 1 },
	{ "a script", "./script", by_execve, 2 },
	{ "a script by execveat", "./script", by_execveat, 2 },
	{ "a script whose interpreter has an argument", "./argument", by_execve, 2 },
	{ "a script of a script", "./outer", by_execve, 3 },
	{ "a script of a script of a script", "./outermost", by_execve, 4 },
};

/* The reporting executable in a memory file; not open for writing, or it would be busy. */
static int memory_file(struct krsi_run *t)
{
	char self[64];
	int fd = memfd_create("report", MFD_CLOEXEC), err, again;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	err = fd < 0 ? -errno : env__put_report(self, false);
	again = open(self, O_RDONLY | O_CLOEXEC);
	if (err || again < 0)
		test__broken(t, "a memory file: %s", strerror(err ? -err : errno));
	close(fd);
	return again;
}

static int open_way(struct krsi_run *t, const struct way *way)
{
	if (way->act != by_descriptor)
		return -1;
	return way->path ? open(way->path, O_PATH | O_CLOEXEC) : memory_file(t);
}

/* The strings of a report as a vector; they stay where they are. */
static void split(struct krsi_run *t, const struct env_report *report, char **strings, size_t max)
{
	size_t n = 0;

	test__true(t, !report->len || !report->strings[report->len - 1], "the report is whole");
	for (size_t at = 0; at < report->len; at += strlen(report->strings + at) + 1) {
		if (n == max - 1)
			test__broken(t, "the report has too many strings");
		strings[n++] = report->strings + at;
	}
	strings[n] = NULL;
}

/* Executes and holds what programs saw against what the new process got. */
static void compare(struct env_scene *s, const struct env_query *query, const struct env_exec *e)
{
	struct env_report report;
	char *got[64];

	env__ask(s, query);
	test__errno(s->t, 0, env__run(e, &report), query->title);
	split(s->t, &report, got, 64);
	env__expect(s, query, got);
	free(report.strings);
}

static void each_way(struct env_scene *s, const char *name, const struct way *way, size_t n)
{
	put_scripts(s->t);
	for (; n; n--, way++) {
		const struct env_query query = {
			.title = way->title,
			.name = name,
			.buf_len = 256,
			.calls = way->calls,
		};
		const struct env_exec e = {
			.act = way->act,
			.path = way->path,
			.argv = argv,
			.envp = envp,
			.fd = open_way(s->t, way),
		};

		compare(s, &query, &e);
		/* what the process got is what it was given */
		env__expect(s, &query, envp);
		close(e.fd);
	}
}

ENV_TEST(routes, "routes", "however a process starts, programs see its environment",
	 KRSI_CAP_PROCESS, "ENV-001", "ENV-021")
{
	each_way(s, "NAME", ways, 4);
}

ENV_TEST(scripts, "scripts", "for a script, the environment is that of the process that will run",
	 KRSI_CAP_PROCESS, "ENV-027", "ENV-021")
{
	each_way(s, "NAME", &ways[4], sizeof(ways) / sizeof(ways[0]) - 4);
	each_way(s, NULL, &ways[8], 1);
}

static const char *probe_compat(void)
{
	char path[] = "/tmp/krsi-compat.XXXXXX", *const args[] = { path, NULL };
	const struct env_exec e = {
		.act = by_execve, .path = path, .argv = args, .envp = &args[1]
	};
	int fd = mkstemp(path), err;

	if (fd < 0)
		return "no file for a compat executable";
	close(fd);
	err = env__put_report(path, true) ?: SYS(chmod(path, 0700)) ?: env__run(&e, NULL);
	unlink(path);
	return err ? "the kernel runs no compat executables" : NULL;
}

/* The last arguments of the exec that an executable makes itself. */
static void compat(struct env_scene *s)
{
	char *const alone[] = { "report32", NULL };
	char *const on[] = { "report32", "exec", "./report", "NAME=argv", NULL };
	char *const back[] = { "report", "exec", "./report32", "NAME=argv", NULL };
	const struct env_exec execs[] = {
		{ .act = by_execve, .path = "./report32", .argv = alone, .envp = envp },
		{ .act = by_execve, .path = "./report32", .argv = on, .envp = envp },
		{ .act = by_execve, .path = "./report", .argv = back, .envp = envp },
	};

	if (env__put_report("report32", true))
		test__broken(s->t, "report32: %s", strerror(errno));
	for (int i = 0; i < 3; i++) {
		const struct env_query query = {
			.title = "a compat executable",
			.name = "NAME",
			.buf_len = 64,
			.calls = i ? 2 : 1,
		};

		compare(s, &query, &execs[i]);
		env__expect(s, &query, envp);
	}
}

#define COMPAT_TEST(how, which, more, ...)                                                         \
	KRSI_TEST(compat_##how, .id = "env/" #how "/compat",                                       \
		  .summary =                                                                       \
			  "processes of the compat ABI and their execs are read like any other",   \
		  .requirements = { "ENV-001", "ENV-021", ##__VA_ARGS__ }, .hook = { ENV_HOOK },   \
		  .needs = { .capabilities = KRSI_CAP_ENV | KRSI_CAP_PROCESS | (more),             \
			     .probe = probe_compat })                                              \
	{                                                                                          \
		struct env_scene s = env__begin(t, which);                                         \
                                                                                                   \
		compat(&s);                                                                        \
	}
COMPAT_TEST(plain, ENV_PLAIN, 0)
COMPAT_TEST(sleepable, ENV_SLEEPABLE, KRSI_CAP_SLEEPABLE)
COMPAT_TEST(both, ENV_BOTH, KRSI_CAP_SLEEPABLE | KRSI_CAP_MULTI, "ENV-033")

/* Memory that the kernel must ask for: exec copies the environment first and then waits for its
 * arguments, which lie there. */
struct late_page {
	int fd;
	char *page;	/* not there until it is served */
	char *variable; /* rewritten before it is served */
	bool served;
};

static void *serve(void *data)
{
	static const char string[PAGE] = "late";
	struct late_page *late = data;
	struct pollfd ready = { .fd = late->fd, .events = POLLIN };
	struct uffd_msg msg;
	struct uffdio_copy copy = {
		.dst = (unsigned long)late->page,
		.src = (unsigned long)string,
		.len = PAGE,
	};

	if (poll(&ready, 1, -1) != 1 || read(late->fd, &msg, sizeof(msg)) != sizeof(msg))
		return NULL;
	memset(late->variable + strlen("NAME="), 'y', 3);
	late->served = !ioctl(late->fd, UFFDIO_COPY, &copy);
	return NULL;
}

static void withhold(struct krsi_run *t, struct late_page *late)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	late->fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	late->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (late->fd < 0 || late->page == MAP_FAILED || ioctl(late->fd, UFFDIO_API, &api))
		test__broken(t, "userfaultfd: %s", strerror(errno));
	area.range.start = (unsigned long)late->page;
	area.range.len = PAGE;
	if (ioctl(late->fd, UFFDIO_REGISTER, &area))
		test__broken(t, "userfaultfd: %s", strerror(errno));
}

/* In the middle of the exec, after its environment was copied, the original changes. */
static void rewritten(struct env_scene *s)
{
	char variable[] = "NAME=xxx";
	struct late_page late = { .variable = variable };
	char *const strings[] = { "A=1", variable, NULL };
	char *args[] = { "report", NULL, NULL };
	const struct env_query query = { .title = "rewritten", .name = "NAME", .buf_len = 64 };
	const struct env_exec e = {
		.act = by_execve, .path = "./report", .argv = args, .envp = strings
	};
	pthread_t thread;

	withhold(s->t, &late);
	args[1] = late.page;
	if (pthread_create(&thread, NULL, serve, &late))
		test__broken(s->t, "no thread");
	compare(s, &query, &e);
	pthread_join(thread, NULL);
	test__true(s->t, late.served, "the page was asked for and came");
	test__true(s->t, !strcmp(variable, "NAME=yyy"), "the original was rewritten");
	test__true(s->t, !strcmp(s->io[0]->buf, "xxx"), "the value is what the process got");
}

static const char *probe_userfaultfd(void)
{
	return needs__syscall(SYS_userfaultfd) ? NULL : "no userfaultfd";
}

#define RACE_TEST(name_, how, which, more, text, body_, probe_, ...)                               \
	KRSI_TEST(body_##_##how, .id = "env/" #how "/" name_, .summary = text,                     \
		  .requirements = { "ENV-032", ##__VA_ARGS__ }, .hook = { ENV_HOOK },              \
		  .needs = { .capabilities = KRSI_CAP_ENV | KRSI_CAP_PROCESS | (more),             \
			     .probe = probe_ })                                                    \
	{                                                                                          \
		struct env_scene s = env__begin(t, which);                                         \
                                                                                                   \
		body_(&s);                                                                         \
	}
#define REWRITTEN "what was copied counts, even where the original changes during the exec"
RACE_TEST("rewritten", plain, ENV_PLAIN, 0, REWRITTEN, rewritten, probe_userfaultfd)
RACE_TEST("rewritten", sleepable, ENV_SLEEPABLE, KRSI_CAP_SLEEPABLE, REWRITTEN, rewritten,
	  probe_userfaultfd)
RACE_TEST("rewritten", both, ENV_BOTH, KRSI_CAP_SLEEPABLE | KRSI_CAP_MULTI, REWRITTEN, rewritten,
	  probe_userfaultfd, "ENV-033")

/* A value that another thread keeps changing while it is copied. */
struct writer {
	char *value;
	size_t len;
	volatile bool stop;
};

static void *keep_writing(void *data)
{
	struct writer *writer = data;

	for (unsigned char c = 'a'; !writer->stop; c = c == 'z' ? 'a' : c + 1)
		for (size_t i = 0; i < writer->len; i++)
			((volatile char *)writer->value)[i] = c;
	return NULL;
}

static void storm(struct env_scene *s)
{
	static char variable[16 * PAGE] = "NAME=";
	struct writer writer = { .value = variable + 5, .len = sizeof(variable) - 6 };
	const struct env_query query = {
		.title = "a value that changes all the time",
		.name = "NAME",
		.buf_len = sizeof(variable),
	};
	char *const strings[] = { "A=1", variable, NULL }, *const args[] = { "report", NULL };
	const struct env_exec e = {
		.act = by_execve, .path = "./report", .argv = args, .envp = strings
	};
	pthread_t thread;

	memset(writer.value, 'a', writer.len);
	if (pthread_create(&thread, NULL, keep_writing, &writer))
		test__broken(s->t, "no thread");
	for (int i = 0; i < 20; i++)
		compare(s, &query, &e);
	writer.stop = true;
	pthread_join(thread, NULL);
}

#define STORM "what programs see is what the process gets while another thread keeps rewriting"
RACE_TEST("rewriting-thread", plain, ENV_PLAIN, 0, STORM, storm, NULL)
RACE_TEST("rewriting-thread", sleepable, ENV_SLEEPABLE, KRSI_CAP_SLEEPABLE, STORM, storm, NULL)
RACE_TEST("rewriting-thread", both, ENV_BOTH, KRSI_CAP_SLEEPABLE | KRSI_CAP_MULTI, STORM, storm,
	  NULL, "ENV-033")
