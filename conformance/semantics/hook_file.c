// SPDX-License-Identifier: GPL-2.0-only
#include "conformance/semantics/hook_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *const hook_file__names[3] = { "first", "second", "third" };

int hook_file__bpf(int cmd, union bpf_attr *attr)
{
	return SYS(syscall(SYS_bpf, cmd, attr, sizeof(*attr)));
}

int hook_file__attach_fd(int target, int prog, uint32_t type, uint32_t flags)
{
	union bpf_attr attr = {
		.target_fd = target,
		.attach_bpf_fd = prog,
		.attach_type = type,
		.attach_flags = flags,
	};

	return hook_file__bpf(BPF_PROG_ATTACH, &attr);
}

int hook_file__detach_fd(int target, int prog, uint32_t type)
{
	union bpf_attr attr = { .target_fd = target, .attach_bpf_fd = prog, .attach_type = type };

	return hook_file__bpf(BPF_PROG_DETACH, &attr);
}

struct target hook_file__load(struct krsi_run *t, const char *hook, const char *name,
			      bool sleepable)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = hook,
		.sleepable = sleepable,
		.name = name,
	};
	struct target to = {};
	int err = t->adapter->load(t->inst, &spec, &to.prog);

	test__errno(t, 0, err, "load");
	test__errno(t, 0, t->adapter->hook_file(to.prog, &to.file), "the hook's file");
	to.fd = open(to.file.path, O_RDWR | O_CLOEXEC);
	if (to.fd < 0)
		test__fail(t, "success", errno__name(-errno), "open %s", to.file.path);
	return to;
}

int hook_file__attach(const struct target *to, uint32_t flags)
{
	return hook_file__attach_fd(to->fd, to->file.prog_fd, to->file.attach_type, flags);
}

int hook_file__detach(const struct target *to)
{
	return hook_file__detach_fd(to->fd, to->file.prog_fd, to->file.attach_type);
}

void hook_file__load_all(struct krsi_run *t, struct target *to, const char *const *names, int n)
{
	scene__begin(t);
	for (int i = 0; i < n; i++)
		to[i] = hook_file__load(t, SCENE_HOOK, names[i], false);
}

void hook_file__expect(struct krsi_run *t, const char *path, const char *want, const char *what)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	test__true(t, n >= 0, "the hook's file can be read");
	close(fd);
	text[n] = '\0';
	if (strcmp(text, want))
		test__fail(t, want, text, "%s", what);
}

int hook_file__query(int fd, uint32_t type, uint32_t *ids, uint32_t *n, uint32_t flags)
{
	union bpf_attr attr = {
		.query = { .target_fd = fd,
			   .attach_type = type,
			   .query_flags = flags,
			   .prog_ids = (unsigned long)ids,
			   .prog_cnt = *n },
	};
	int err = hook_file__bpf(BPF_PROG_QUERY, &attr);

	*n = attr.query.prog_cnt;
	return err;
}

void hook_file__await_end(struct krsi_run *t, uint32_t id)
{
	test__true(t, scene__await_program_end(id, 10) != 0,
		   "a program that nothing holds is freed");
}
