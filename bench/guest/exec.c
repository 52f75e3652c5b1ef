// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* One sample; false if something was not executed, or not logged. */
static bool sample(const struct exec_way *w, uint64_t *value, unsigned int *logged)
{
	uint64_t start = clock__now();

	for (unsigned int i = 0; i < settings.execs; i++)
		if (exec__once(EXEC_PATH) != NOOP_STATUS)
			return false;
	*logged = w->collect ? w->collect(settings.execs) : settings.execs;
	*value = clock__now() - start;
	return *logged == settings.execs;
}

static void measure(const struct exec_way *w)
{
	unsigned int logged = 0, all = 0;
	uint64_t value;

	clock__settle();
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
	const char *why = w->start ? w->start() : NULL;

	if (why) {
		out__absent(w->name, "%s", why);
		return;
	}
	out__unit(w->name, settings.execs, "mean");
	why = w->prove ? w->prove() : NULL;
	if (why)
		out__failed(w->name, "%s", why);
	else
		measure(w);
	if (w->stop)
		w->stop();
}

/* What cannot be undone ends with a child; its lines go out before it does. */
static void run_apart(const struct exec_way *w)
{
	int status;
	pid_t pid;

	out__flush();
	pid = fork();
	if (!pid) {
		run_way(w);
		out__flush();
		_exit(out__failures() ? 1 : 0);
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
