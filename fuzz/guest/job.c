// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/guest/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/guest/agent.h"

#define SCRIPT "/fuzz/script"
#define NESTED "/fuzz/nested"
/* Where the target writes its environment, after the address of its first string. */
#define REPORT_FD   9
#define REPORT_HEAD 8
#define REPORT_MAX  (INPUT_MAX + 4096)
#define RAN	    42

struct job job;

static char *report;
static size_t report_size;

static void write_script(const char *path, const char *interpreter)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0)
		agent_die(path);
	dprintf(fd, "#!%s\n", interpreter);
	close(fd);
}

void job_set_up(void)
{
	int fd;

	/* the programs are told by it who is meant */
	setsid();
	write_script(SCRIPT, JOB_TARGET);
	write_script(NESTED, SCRIPT);
	fd = memfd_create("report", 0);
	if (fd < 0 || dup2(fd, REPORT_FD) < 0)
		agent_die("report");
	close(fd);
	report = malloc(REPORT_MAX);
}

bool job_read(void)
{
	uint32_t size = agent_shared->size < INPUT_MAX ? agent_shared->size : INPUT_MAX;
	uint32_t at = sizeof(job.head), n = 0, args = 0;
	char *s, *end;

	if (size < sizeof(job.head))
		return false;
	memcpy(&job.head, agent_shared->input, sizeof(job.head));
	if (job.head.name_len > size - at)
		job.head.name_len = size - at;
	memset(job.name, 0, sizeof(job.name));
	memcpy(job.name, agent_shared->input + at, job.head.name_len);
	at += job.head.name_len;
	memcpy(job.strings, agent_shared->input + at, size - at);
	job.strings[size - at] = '\0';
	end = job.strings + (size - at);
	if (job.head.pad % EXEC_PAD_MAX) {
		memset(job.pad, 'x', job.head.pad % EXEC_PAD_MAX);
		job.pad[job.head.pad % EXEC_PAD_MAX] = '\0';
		job.env[n++] = job.pad;
	}
	for (s = job.strings; s < end && n < JOB_STRINGS - 1; s += strlen(s) + 1) {
		if (args < job.head.argc)
			job.argv[args++] = s;
		else
			job.env[n++] = s;
	}
	job.argv[args] = NULL;
	job.env[n] = NULL;
	return true;
}

/* The new process has the strings that it was given, in order. */
static void check_truth(char *const *env)
{
	size_t at = REPORT_HEAD;

	for (int i = 0; env[i]; i++) {
		size_t n = strlen(env[i]) + 1;

		if (at + n > report_size || memcmp(report + at, env[i], n)) {
			agent_say("string %d of the environment is another", i);
			return;
		}
		at += n;
	}
	if (at != report_size)
		agent_say("%zu bytes more in the environment", report_size - at);
}

int job_execute(const char *path, int fd, char *const *argv, char *const *env)
{
	volatile int err = 0;
	ssize_t n;
	int status;
	pid_t pid;

	if (ftruncate(REPORT_FD, 0) || lseek(REPORT_FD, 0, SEEK_SET))
		agent_die("report");
	/* a copy of this process with its maps would cost more than what is judged */
	pid = vfork();
	if (!pid) {
		if (!agent_kcov(true))
			syscall(SYS_execveat, fd, path, argv, env, fd >= 0 ? AT_EMPTY_PATH : 0);
		err = errno;
		agent_kcov(false);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		agent_die("vfork");
	if (err)
		return err;
	n = pread(REPORT_FD, report, REPORT_MAX, 0);
	report_size = n < 0 ? 0 : n;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != RAN || report_size < REPORT_HEAD)
		agent_say("the target did not end as it does (%x)", status);
	else
		check_truth(env);
	return 0;
}

int job_run(void)
{
	static const char *const paths[EXEC_WAYS] = { JOB_TARGET, SCRIPT, NESTED, "" };
	int way = job.head.way % EXEC_WAYS, fd = -1, err;

	if (way == EXEC_FD)
		fd = open(JOB_TARGET, O_RDONLY | O_CLOEXEC);
	err = job_execute(paths[way], fd, job.argv, job.env);
	if (fd >= 0)
		close(fd);
	agent_edge(1, err);
	agent_edge(2, way);
	return err;
}

static long read_report(void *src, unsigned long addr, const char **data)
{
	*data = report + addr;
	return report_size - addr;
}

struct krsi_env_block job_environment(void)
{
	return (struct krsi_env_block){ .read = read_report,
					.start = REPORT_HEAD,
					.end = report_size };
}
