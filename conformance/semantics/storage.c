// SPDX-License-Identifier: GPL-2.0-only
/* Values that programs keep with objects: found again, on no other object, and gone with it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "conformance/bpf/storage.h"
#include "conformance/semantics/cgroups.h"
#include "conformance/semantics/kernel_btf.h"
#include "conformance/semantics/program.h"
#include "conformance/semantics/slab.h"

#define OBJECTS 2
/* New objects that take the memory of a freed one. */
#define REBIRTHS 8
/* Values that would be seen to be left over. */
#define LEAKS 800

KERNEL_FUNCTION(bpf_task_storage_get)
KERNEL_FUNCTION(bpf_cgrp_storage_get)

/* Two objects of one kind. */
struct stored {
	struct krsi_run *t;
	struct io *io;
	unsigned int calls;
	const struct kind *kind;
	int fd[OBJECTS];
	pid_t pid[OBJECTS];
	struct cgroup cgroup[OBJECTS];
};

struct kind {
	const char *program;
	void (*make)(struct stored *s, int i);
	void (*drop)(struct stored *s, int i);
	void (*touch)(struct stored *s, int i); /* passes the hook once with the object */
};

static void name_file(char *name, int i)
{
	sprintf(name, "object.%d", i);
}

static void make_file(struct stored *s, int i)
{
	char name[32];
	int fd;

	name_file(name, i);
	fd = mknod(name, S_IFREG | 0600, 0);
	if (fd < 0)
		test__broken(s->t, "%s: %s", name, strerror(errno));
}

static void drop_file(struct stored *s, int i)
{
	char name[32];

	name_file(name, i);
	unlink(name);
}

static void touch_file(struct stored *s, int i)
{
	char name[32];

	name_file(name, i);
	close(open(name, O_RDONLY | O_CLOEXEC));
}

static void make_socket(struct stored *s, int i)
{
	s->fd[i] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd[i] < 0)
		test__broken(s->t, "socket: %s", strerror(errno));
}

static void drop_socket(struct stored *s, int i)
{
	close(s->fd[i]);
}

static void touch_socket(struct stored *s, int i)
{
	int value;
	socklen_t len = sizeof(value);

	getsockopt(s->fd[i], SOL_SOCKET, SO_TYPE, &value, &len);
}

static void make_task(struct stored *s, int i)
{
	s->pid[i] = fork();
	while (!s->pid[i])
		pause();
	if (s->pid[i] < 0)
		test__broken(s->t, "fork: %s", strerror(errno));
}

static void drop_task(struct stored *s, int i)
{
	kill(s->pid[i], SIGKILL);
	waitpid(s->pid[i], NULL, 0);
}

static void touch_task(struct stored *s, int i)
{
	getpgid(s->pid[i]);
}

static void make_cgroup(struct stored *s, int i)
{
	s->cgroup[i] = cgroups__make(s->t, NULL, i ? "second" : "first");
}

static void drop_cgroup(struct stored *s, int i)
{
	cgroups__remove(s->t, &s->cgroup[i]);
}

static int ask_group(void *data)
{
	return getpgid(getpid()) < 0;
}

static void touch_cgroup(struct stored *s, int i)
{
	cgroups__run(s->t, &s->cgroup[i], ask_group, NULL);
}

/* One operation on an object; what it answered is in io->out. */
static void operate(struct stored *s, int i, enum storage_op op, __u64 value)
{
	s->io->in[0] = op;
	s->io->in[1] = value;
	s->io->out[0] = s->io->out[1] = -1;
	s->kind->touch(s, i);
	test__equal(s->t, ++s->calls, s->io->calls, "calls");
}

static void expect(struct stored *s, int i, enum storage_op op, bool found, __u64 value,
		   const char *what)
{
	operate(s, i, op, 0);
	test__equal(s->t, found, s->io->out[0], what);
	test__equal(s->t, value, s->io->out[1], what);
}

static void create(struct stored *s, int i, __u64 value)
{
	operate(s, i, STORAGE_CREATE, value);
	test__equal(s->t, 1, s->io->out[0], "create: is there a value");
	test__equal(s->t, 0, s->io->out[1], "create: a new value is 0");
}

static void delete (struct stored *s, int i, int want)
{
	operate(s, i, STORAGE_DELETE, 0);
	test__errno(s->t, want, (int)s->io->out[0], "delete");
}

static void hold_storage(struct krsi_run *t, const struct kind *kind)
{
	const __u64 first = 0x1111222233334444, second = 0x5555666677778888;
	struct stored s = { .t = t, .kind = kind };

	kind->make(&s, 0);
	kind->make(&s, 1);
	s.io = program__start(t, kind->program, NULL);
	expect(&s, 0, STORAGE_FIND, false, 0, "find before create");
	create(&s, 0, first);
	expect(&s, 0, STORAGE_FIND, true, first, "find after create");
	expect(&s, 1, STORAGE_FIND, false, 0, "find on the other object");
	create(&s, 1, second);
	expect(&s, 0, STORAGE_FIND, true, first, "find, both created");
	expect(&s, 1, STORAGE_FIND, true, second, "find on the other, both created");
	expect(&s, 0, STORAGE_FLAGS, false, 0, "find with an unknown flag");
	delete (&s, 0, 0);
	expect(&s, 0, STORAGE_FIND, false, 0, "find after delete");
	expect(&s, 1, STORAGE_FIND, true, second, "find on the other after delete");
	delete (&s, 0, -ENOENT);
	for (int i = 0; i < REBIRTHS; i++) {
		kind->drop(&s, 1);
		kind->make(&s, 1);
		expect(&s, 1, STORAGE_FIND, false, 0, "find on a new object");
		create(&s, 1, second);
	}
	s.io->session = 0;
	kind->drop(&s, 0);
	kind->drop(&s, 1);
}

KRSI_TEST(storage_inode, .id = "helper/storage-inode",
	  .summary = "a value kept with an inode is found there alone, and goes with it",
	  .requirements = { "HLP-001", "HLP-002", "HLP-006" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	static const struct kind kind = { "storage:inode", make_file, drop_file, touch_file };

	scene__begin(t);
	hold_storage(t, &kind);
}

KRSI_TEST(storage_sk, .id = "helper/storage-sk",
	  .summary = "a value kept with a socket is found there alone, and goes with it",
	  .requirements = { "HLP-004", "HLP-006" }, .hook = { "socket_getsockopt" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	static const struct kind kind = { "storage:sk", make_socket, drop_socket, touch_socket };

	scene__begin(t);
	hold_storage(t, &kind);
}

KRSI_TEST(storage_task, .id = "helper/storage-task",
	  .summary = "a value kept with a task is found there alone, and goes with it",
	  .requirements = { "HLP-003", "HLP-006" }, .hook = { "task_getpgid" },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = no_bpf_task_storage_get })
{
	static const struct kind kind = { "task_storage:task", make_task, drop_task, touch_task };

	scene__begin(t);
	hold_storage(t, &kind);
}

KRSI_TEST(storage_cgroup, .id = "helper/storage-cgroup",
	  .summary = "a value kept with a cgroup is found there alone, and goes with it",
	  .requirements = { "HLP-005", "HLP-006" }, .hook = { "task_getpgid" },
	  .needs = { .capabilities = KRSI_CAP_NAMED,
		     .filesystem = "cgroup2",
		     .probe = no_bpf_cgrp_storage_get })
{
	static const struct kind kind = {
		"cgroup_storage:cgrp",
		make_cgroup,
		drop_cgroup,
		touch_cgroup,
	};

	cgroups__begin(t);
	hold_storage(t, &kind);
}

/* Makes and drops so many objects with a value each. */
static void make_and_drop(struct stored *s, int n)
{
	for (int i = 0; i < n; i++) {
		s->kind->make(s, 0);
		operate(s, 0, STORAGE_CREATE, 1);
		test__equal(s->t, 1, s->io->out[0], "create: is there a value");
		s->kind->drop(s, 0);
	}
}

/* The values, and what leads to them, are no more than before once the objects are gone. */
static void free_storage(struct krsi_run *t, const struct kind *kind)
{
	struct stored s = { .t = t, .kind = kind };
	struct slab before;
	const char *more;

	s.io = program__start(t, kind->program, NULL);
	/* what is kept at hand for the next ones is not counted */
	make_and_drop(&s, LEAKS / 4);
	/* counting opens files */
	s.io->session = 0;
	slab__count(&before);
	if (!before.n)
		test__skip(t, "the kernel does not tell how much memory its caches hold");
	s.io->session = getpid();
	make_and_drop(&s, LEAKS);
	s.io->session = 0;
	more = slab__outgrown(&before, LEAKS / 2);
	if (more)
		test__fail(t, "about as many as before", more,
			   "objects in a cache of the kernel after %d values", LEAKS);
}

KRSI_TEST(storage_inode_freed, .id = "helper/storage-inode-freed",
	  .summary = "what is kept with inodes is freed when they go",
	  .requirements = { "HLP-043" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	static const struct kind kind = { "storage:inode", make_file, drop_file, touch_file };

	scene__begin(t);
	free_storage(t, &kind);
}

KRSI_TEST(storage_sk_freed, .id = "helper/storage-sk-freed",
	  .summary = "what is kept with sockets is freed when they go",
	  .requirements = { "HLP-043" }, .hook = { "socket_getsockopt" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	static const struct kind kind = { "storage:sk", make_socket, drop_socket, touch_socket };

	scene__begin(t);
	free_storage(t, &kind);
}

/* What userspace keeps with the file of that descriptor. */
static int update(int map, int fd, __u64 value, __u64 flags)
{
	return bpf_map_update_elem(map, &fd, &value, flags);
}

static void expect_kept(struct krsi_run *t, int map, int fd, __u64 want)
{
	__u64 value = 0;

	test__errno(t, 0, bpf_map_lookup_elem(map, &fd, &value), "lookup");
	test__equal(t, want, value, "the value");
}

KRSI_TEST(storage_update, .id = "helper/storage-update",
	  .summary =
		  "userspace makes, replaces and deletes a value kept with a file, and what must "
		  "not be there or must is refused",
	  .requirements = { "HLP-045" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	struct krsi_prog *prog;
	int map, fd;

	scene__begin(t);
	prog = program__load(t, "storage:inode");
	map = t->adapter->map(prog, "inode_values");
	test__true(t, map >= 0, "the map of the program");
	test__errno(t, 0, put_file("file", "x"), "write a file");
	fd = open("file", O_RDONLY | O_CLOEXEC);
	test__errno(t, -ENOENT, update(map, fd, 1, BPF_EXIST), "replace where there is none");
	test__errno(t, 0, update(map, fd, 2, BPF_NOEXIST), "make");
	expect_kept(t, map, fd, 2);
	test__errno(t, -EEXIST, update(map, fd, 3, BPF_NOEXIST), "make where there is one");
	expect_kept(t, map, fd, 2);
	test__errno(t, 0, update(map, fd, 4, BPF_EXIST), "replace");
	expect_kept(t, map, fd, 4);
	test__errno(t, 0, bpf_map_delete_elem(map, &fd), "delete");
	test__errno(t, -ENOENT, bpf_map_delete_elem(map, &fd), "delete again");
	test__errno(t, -ENOENT, update(map, fd, 5, BPF_EXIST), "replace what was deleted");
	close(fd);
}

KRSI_TEST(storage_wrong, .id = "helper/storage-wrong-object",
	  .summary = "a program that asks for the value of an object of another kind is refused",
	  .requirements = { "HLP-038" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	test__errno(t, -EACCES, program__try(t, "storage:wrong_object"), "load");
}
