// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/subject.h"

/* The no-op executable; see noop_image.S. */
extern const char noop_image[], noop_image_end[];

bool exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static int put_bytes(const char *path, const void *bytes, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, bytes, len) != (ssize_t)len)
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

int put_file(const char *path, const char *content)
{
	return put_bytes(path, content, strlen(content), 0600);
}

bool file_is(const char *path, const char *content)
{
	char buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, buf, sizeof(buf));
	close(fd);
	return n == (ssize_t)strlen(content) && !memcmp(buf, content, n);
}

int keep_fd(struct subject *s, int i, int fd)
{
	if (fd < 0)
		return -errno;
	s->fd[i] = fd;
	return 0;
}

int open_slot(struct subject *s, int i, const char *path, int flags, mode_t mode)
{
	return keep_fd(s, i, open(path, flags | O_CLOEXEC, mode));
}

/* The value that fn returned travels as an exit status: errnos as their number above 127. */
int in_child(struct subject *s, int (*fn)(struct subject *s))
{
	int status, ret;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ret = fn(s);
		_exit(ret < 0 ? (ret > -128 ? 128 - ret : 128 + 127) : ret & 127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status))
		return -ECHILD;
	ret = WEXITSTATUS(status);
	return ret > 128 ? 128 - ret : ret;
}

int start_sleeper(struct subject *s)
{
	s->child = fork();
	if (s->child < 0) {
		s->child = 0;
		return -errno;
	}
	if (!s->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return 0;
}

static _Noreturn void helper_main(struct subject *s, int in, int out,
				  int (*prepare)(struct subject *s), int (*fn)(struct subject *s))
{
	int ret = prepare ? prepare(s) : 0;
	char request;

	/* a change of credentials clears it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (write(out, &ret, sizeof(ret)) == sizeof(ret) && read(in, &request, 1) == 1)
		ret = fn ? fn(s) : 0;
	_exit(0);
}

static int hear_helper(struct subject *s)
{
	int ret;

	return read(s->helper[0], &ret, sizeof(ret)) == sizeof(ret) ? ret : -ECHILD;
}

int start_helper(struct subject *s, int (*prepare)(struct subject *s), int (*fn)(struct subject *s))
{
	int request[2], answer[2], err;

	TRY(pipe2(request, O_CLOEXEC));
	TRY(pipe2(answer, O_CLOEXEC));
	s->child = fork();
	if (s->child < 0) {
		s->child = 0;
		return -errno;
	}
	if (!s->child) {
		close(request[1]);
		close(answer[0]);
		helper_main(s, request[0], answer[1], prepare, fn);
	}
	close(request[0]);
	close(answer[1]);
	s->helper[0] = answer[0];
	s->helper[1] = request[1];
	err = hear_helper(s);
	return err < 0 ? err : 0;
}

int ask_helper(struct subject *s)
{
	if (write(s->helper[1], "", 1) != 1)
		return -errno;
	return hear_helper(s);
}

void stop_child(struct subject *s)
{
	if (s->child <= 0)
		return;
	kill(s->child, SIGKILL);
	waitpid(s->child, NULL, 0);
	s->child = 0;
}

int put_noop(const char *path)
{
	return put_bytes(path, noop_image, noop_image_end - noop_image, 0755);
}

int run_program(const char *path, char *const argv[], char *const envp[])
{
	int report[2], err = 0, status;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(report[0]);
		close(report[1]);
		return err;
	}
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execve(path, argv, envp);
		err = errno;
		/* the pipe closes by itself where exec succeeds */
		_exit(write(report[1], &err, sizeof(err)) == sizeof(err) ? 0 : 1);
	}
	close(report[1]);
	if (read(report[0], &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(report[0]);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	if (err)
		return -err;
	return WIFEXITED(status) && WEXITSTATUS(status) == NOOP_STATUS ? 0 : -ECHILD;
}

int private_mounts(void)
{
	TRY(unshare(CLONE_NEWNS));
	TRY(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	return 0;
}

int mount_tmpfs(const char *path)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	TRY(mount("none", path, "tmpfs", 0, NULL));
	return 0;
}

int pin_to_cpu(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return SYS(sched_setaffinity(0, sizeof(one), &one));
}
