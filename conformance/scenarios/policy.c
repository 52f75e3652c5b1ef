// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "conformance/scenarios/policy.h"

struct policy policy__start(struct krsi_run *t, const char *name, const char *list)
{
	struct policy p = { .t = t, .list = -1 };

	p.io = program__start(t, name, &p.prog);
	if (list)
		p.list = t->adapter->map(p.prog, list);
	if (list && p.list < 0)
		test__fail(t, "success", errno__name(p.list), "the program's list %s", list);
	return p;
}

void policy__add(const struct policy *p, const void *entry)
{
	const char listed = 1;

	test__errno(p->t, 0, bpf_map_update_elem(p->list, entry, &listed, BPF_NOEXIST),
		    "put on the list");
}

void policy__remove(const struct policy *p, const void *entry)
{
	test__errno(p->t, 0, bpf_map_delete_elem(p->list, entry), "take off the list");
}

int policy__exec(const char *path, char *variable)
{
	char *argv[] = { (char *)path, NULL }, *envp[] = { variable, NULL };
	int status, failed[2], err = 0;
	pid_t pid;

	if (pipe2(failed, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		execve(path, argv, envp);
		err = -errno;
		_exit(write(failed[1], &err, sizeof(err)) < 0);
	}
	close(failed[1]);
	if (read(failed[0], &err, sizeof(err)) < 0)
		err = -errno;
	close(failed[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -ECHILD;
	if (err)
		return err;
	return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}
