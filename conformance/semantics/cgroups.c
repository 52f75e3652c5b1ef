// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conformance/semantics/cgroups.h"

#define ROOT "cgroups"

void cgroups__begin(struct krsi_run *t)
{
	int err;

	scene__begin(t);
	err = private_mounts();
	if (!err)
		err = SYS(mkdir(ROOT, 0700));
	if (!err)
		err = SYS(mount("krsi", ROOT, "cgroup2", 0, NULL));
	if (err)
		test__broken(t, "cgroup2: %s", errno__name(err));
}

struct cgroup cgroups__make(struct krsi_run *t, const struct cgroup *parent, const char *name)
{
	struct cgroup cgroup;
	int n;

	if (parent)
		n = snprintf(cgroup.path, sizeof(cgroup.path), "%s/%s", parent->path, name);
	else
		/* the hierarchy is the machine's */
		n = snprintf(cgroup.path, sizeof(cgroup.path), ROOT "/krsi.%d.%s", getpid(), name);
	if (n >= (int)sizeof(cgroup.path) || mkdir(cgroup.path, 0700))
		test__broken(t, "mkdir %s: %s", cgroup.path, strerror(errno));
	cgroup.fd = open(cgroup.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup.fd < 0)
		test__broken(t, "open %s: %s", cgroup.path, strerror(errno));
	return cgroup;
}

int cgroups__join(const struct cgroup *cgroup)
{
	char path[CGROUP_PATH + 16];
	int fd, err;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : SYS(write(fd, "0", 1));
	close(fd);
	return err < 0 ? err : 0;
}

/* Forks into a cgroup: moving there afterwards would wait for a grace period. */
static pid_t fork_into(const struct cgroup *cgroup)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup->fd,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

int cgroups__run(struct krsi_run *t, const struct cgroup *cgroup, int (*act)(void *data),
		 void *data)
{
	pid_t pid = fork_into(cgroup);
	int status = 0;

	if (!pid)
		_exit(-act(data) & 0xff);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		test__broken(t, "a process in %s: %s", cgroup->path, strerror(errno));
	return -WEXITSTATUS(status);
}

static int make_directory(void *name)
{
	return scene__mkdir(name);
}

int cgroups__mkdir(struct krsi_run *t, const struct cgroup *cgroup, const char *name)
{
	return cgroups__run(t, cgroup, make_directory, (void *)name);
}

void cgroups__tick(void)
{
	nanosleep(&(const struct timespec){ .tv_nsec = 10000000 }, NULL);
}

void cgroups__settle(void)
{
	/* to read it is to put work on every CPU and wait for its end */
	FILE *file = fopen("/proc/sys/vm/stat_refresh", "re");

	if (!file)
		return;
	fgetc(file);
	fclose(file);
}

void cgroups__remove(struct krsi_run *t, struct cgroup *cgroup)
{
	int err = SYS(rmdir(cgroup->path));

	close(cgroup->fd);
	/* a task that has been waited for may be a member still for a moment */
	for (int i = 0; err == -EBUSY && i < CGROUP_TICKS; i++) {
		cgroups__tick();
		err = SYS(rmdir(cgroup->path));
	}
	if (err)
		test__broken(t, "rmdir %s: %s", cgroup->path, errno__name(err));
}
