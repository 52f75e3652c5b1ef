// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/guest/bench.h"
#include "bench/guest/exec.h"

/* What noop.c exits with. */
#define NOOP_STATUS 42

extern const char noop_image[], noop_image_end[];
extern const struct exec_way *const __start_exec_ways[], *const __stop_exec_ways[];

static char *const arguments[] = { (char *)"noop", NULL };
static char *const environment[] = {
	(char *)"SHELL=/bin/sh",
	(char *)"PWD=/root",
	(char *)"HOME=/root",
	(char *)"LANG=C.UTF-8",
	(char *)"TERM=xterm-256color",
	(char *)"USER=root",
	(char *)"SHLVL=1",
	(char *)EXEC_VALUE,
	(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	NULL,
};

int exec__once(const char *path)
{
	pid_t pid = vfork();
	int status;

	if (!pid) {
		execve(path, arguments, environment);
		_exit(errno & 0x7f);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (!WIFEXITED(status))
		return -ECHILD;
	return WEXITSTATUS(status) == NOOP_STATUS ? NOOP_STATUS : -WEXITSTATUS(status);
}

const char *exec__denied(void)
{
	static char text[128];
	int denied = exec__once(EXEC_DENIED), allowed = exec__once(EXEC_PATH);

	if (denied == -EACCES && allowed == NOOP_STATUS)
		return NULL;
	snprintf(text, sizeof(text), "%s: %d, %s: %d", EXEC_DENIED, denied, EXEC_PATH, allowed);
	return text;
}

static bool write_noop(const char *directory, const char *path)
{
	size_t len = (size_t)(noop_image_end - noop_image);
	int fd;
	bool ok;

	mkdir(directory, 0755);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ok = fd >= 0 && write(fd, noop_image, len) == (ssize_t)len;
	return fd >= 0 && !close(fd) && ok;
}

/*
 * A process is forked with a copy of all descriptors, and each costs: the loop runs in a process
 * that has three, whatever the way that is measured needs. It is forked once that is set up.
 */
static struct {
	pid_t pid;
	int order, answer;
} runner;

/*
 * Programs on the system call read the strings where the caller has them, and cannot wait for a
 * page that a new process has not touched yet: they would miss its first execution.
 */
static void touch(char *const *strings)
{
	for (; *strings; strings++)
		(void)*(volatile char *)*strings;
}

static _Noreturn void serve(int order, int answer)
{
	uint32_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(order, 0) || dup2(answer, 1) != 1 || syscall(SYS_close_range, 3, ~0U, 0))
		_exit(1);
	touch(environment);
	while (read(0, &n, sizeof(n)) == sizeof(n)) {
		uint32_t done = 0;

		while (done < n && exec__once(EXEC_PATH) == NOOP_STATUS)
			done++;
		if (write(1, &done, sizeof(done)) != sizeof(done))
			break;
	}
	_exit(0);
}

bool exec__start_runner(void)
{
	int order[2], answer[2];

	if (pipe2(order, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		return false;
	runner.pid = fork();
	if (!runner.pid)
		serve(order[0], answer[1]);
	close(order[0]);
	close(answer[1]);
	runner.order = order[1];
	runner.answer = answer[0];
	return runner.pid > 0;
}

void exec__stop_runner(void)
{
	if (runner.pid <= 0)
		return;
	close(runner.order);
	close(runner.answer);
	waitpid(runner.pid, NULL, 0);
	runner.pid = 0;
}

bool exec__run(uint32_t n)
{
	uint32_t done = 0;

	return write(runner.order, &n, sizeof(n)) == sizeof(n) &&
	       read(runner.answer, &done, sizeof(done)) == sizeof(done) && done == n;
}

/* One sample; false if something was not executed, or not logged. */
static bool sample(const struct exec_way *w, uint64_t *value, unsigned int *logged)
{
	uint64_t start = clock__now();

	if (!exec__run(settings.execs))
		return false;
	*logged = w->collect ? w->collect(settings.execs) : settings.execs;
	*value = clock__now() - start;
	return *logged == settings.execs;
}

static void measure(const struct exec_way *w)
{
	unsigned int logged = 0, all = 0;
	uint64_t value;

	quiet__begin();
	/* the first sample finds nothing in its place yet: it is not one */
	for (unsigned int i = 0; i <= settings.samples; i++) {
		if (!sample(w, &value, &logged)) {
			out__failed(w->name, "%u of %u executions were logged", logged,
				    settings.execs);
			return;
		}
		if (i)
			out__sample(w->name, value);
		all += logged;
	}
	if (w->proof)
		out__proof(w->name, "%s (%u executions)", w->proof, all);
}

static void run_way(const struct exec_way *w)
{
	const char *why;

	/* what the way before left is gone: its holes would take in this one's things */
	clock__settle();
	why = w->start ? w->start() : NULL;
	if (why) {
		out__absent(w->name, "%s", why);
		return;
	}
	out__unit(w->name, settings.execs, "mean");
	why = w->prove ? w->prove() : NULL;
	if (why)
		out__failed(w->name, "%s", why);
	else if (!exec__start_runner())
		out__failed(w->name, "no process to execute from: %s", strerror(errno));
	else
		measure(w);
	quiet__end();
	exec__stop_runner();
	if (w->stop)
		w->stop();
}

/* What cannot be undone ends with a child; its lines go out before it does. */
static void run_apart(const struct exec_way *w)
{
	unsigned int before = out__failures();
	int status;
	pid_t pid;

	out__flush();
	pid = fork();
	if (!pid) {
		run_way(w);
		out__flush();
		_exit(out__failures() > before ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		out__failed(w->name, "its process did not end well");
}

bool exec__prepare(void)
{
	return write_noop("/bench", EXEC_PATH) && write_noop("/bench-denied", EXEC_DENIED);
}

static void run_exec(const struct bench *b)
{
	if (!exec__prepare()) {
		out__failed(b->name, "cannot write %s: %s", EXEC_PATH, strerror(errno));
		return;
	}
	for (const struct exec_way *const *w = __start_exec_ways; w < __stop_exec_ways; w++) {
		if (strcmp((*w)->boot, settings.boot) || !bench__wanted((*w)->name))
			continue;
		if ((*w)->lasting)
			run_apart(*w);
		else
			run_way(*w);
		out__flush();
	}
}

static void list_exec(void)
{
	for (const struct exec_way *const *w = __start_exec_ways; w < __stop_exec_ways; w++)
		if (bench__wanted((*w)->name))
			printf("%s %s\n", (*w)->name, (*w)->boot);
}

BENCH(exec) = { "exec/", "plain audit bpf landlock apparmor krsi", run_exec, list_exec };

/* A kernel boots with `bpf` in lsm= also if it has no BPF LSM. */
static const char *bpf_active(void)
{
	char lsms[512] = "";
	int fd = open("/sys/kernel/security/lsm", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, lsms, sizeof(lsms) - 1) < 0)
		lsms[0] = '\0';
	close(fd);
	return strstr(lsms, "bpf") ? NULL : "no BPF LSM in this kernel";
}

EXEC_WAY(vanilla) = { .name = "exec/vanilla", .boot = "plain" };
EXEC_WAY(bpf_enabled) = { .name = "exec/bpf-enabled", .boot = "bpf", .start = bpf_active };
