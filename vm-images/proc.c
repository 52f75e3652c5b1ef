// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"

#define PROC_MAX (1u << 20)

struct stream {
	int fd;
	char *buf;
	size_t len;
};

void proc_die_with(int parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* the parent may have died before the line above */
	if (getppid() != parent)
		_exit(127);
}

static void child(const struct proc_opts *o, const char *program, int parent, int out, int errors)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	proc_die_with(parent);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(errors, 2);
	for (size_t i = 0; o->env && o->env[i]; i++)
		putenv((char *)o->env[i]);
	if (!o->cwd || !chdir(o->cwd))
		execv(program, (char *const *)o->argv);
	dprintf(2, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

static void drain(struct stream *s, size_t max)
{
	char buf[1 << 14];
	ssize_t n = read(s->fd, buf, sizeof(buf));
	size_t keep;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		return;
	}
	keep = (size_t)n < max - s->len ? (size_t)n : max - s->len;
	s->buf = xreallocarray(s->buf, s->len + keep + 1, 1);
	memcpy(s->buf + s->len, buf, keep);
	s->len += keep;
	s->buf[s->len] = '\0';
}

double proc_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void collect(struct stream s[2], const struct proc_opts *o, pid_t pid, struct proc_result *r)
{
	double start = proc_seconds();

	while (s[0].fd >= 0 || s[1].fd >= 0) {
		struct pollfd p[2] = { { s[0].fd, POLLIN, 0 }, { s[1].fd, POLLIN, 0 } };
		int wait = o->deadline > 0 ? 50 : o->tick ? 250 : -1;

		if (poll(p, 2, wait) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < 2; i++)
			if (p[i].fd >= 0 && p[i].revents)
				drain(&s[i], o->max ? o->max : PROC_MAX);
		if (o->tick)
			o->tick(o->ctx);
		if (o->deadline > 0 && proc_seconds() - start > o->deadline && !r->timed_out) {
			r->timed_out = true;
			kill(pid, SIGKILL);
		}
	}
	r->seconds = proc_seconds() - start;
}

int proc_run(struct proc_result *r, const struct proc_opts *o, struct krsi_err *err)
{
	struct stream s[2] = { { .buf = xcalloc(1, 1) }, { .buf = xcalloc(1, 1) } };
	int pipes[2][2] = { { -1, -1 }, { -1, -1 } }, status, parent = getpid(), rc = -1;
	char *program = fs_find_program(o->argv[0]);
	pid_t pid;

	*r = (struct proc_result){ 0 };
	if (!program) {
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s not found%s%s", o->argv[0],
			     o->package ? ": apt-get install " : "", o->package ? o->package : "");
		goto out;
	}
	if (pipe2(pipes[0], O_CLOEXEC) || pipe2(pipes[1], O_CLOEXEC)) {
		krsi_err_sys(err, "cannot run %s", program);
		goto out;
	}
	pid = fork();
	if (pid < 0) {
		krsi_err_sys(err, "cannot run %s", program);
		goto out;
	}
	if (!pid)
		child(o, program, parent, pipes[0][1], pipes[1][1]);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][1]);
		pipes[i][1] = -1;
		s[i].fd = pipes[i][0];
		pipes[i][0] = -1;
	}
	collect(s, o, pid, r);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	r->out = s[0].buf;
	r->errors = s[1].buf;
	free(program);
	return 0;
out:
	for (int i = 0; i < 4; i++)
		if (pipes[i / 2][i % 2] >= 0)
			close(pipes[i / 2][i % 2]);
	free(s[0].buf);
	free(s[1].buf);
	free(program);
	return rc;
}

void proc_result_free(struct proc_result *r)
{
	free(r->out);
	free(r->errors);
	*r = (struct proc_result){ 0 };
}
