// SPDX-License-Identifier: GPL-2.0-only
/* What nobody should hand to bpf(2) for a hook file, and what comes of it: an errno, no change. */
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/semantics/hook_file.h"

#define ROUNDS	100
#define NOWHERE ((uint32_t *)8)

static struct target begin(struct krsi_run *t)
{
	scene__begin(t);
	return hook_file__load(t, SCENE_HOOK, "only", false);
}

/* What bpf(2) takes for an attach and a detach, with what came after the oldest header. */
struct attach_attr {
	uint32_t target_fd, prog_fd, type, flags, replace_fd, relative_fd;
	uint64_t revision;
};

static int bpf(int cmd, const struct attach_attr *attr)
{
	return SYS(syscall(SYS_bpf, cmd, attr, sizeof(*attr)));
}

HOOK_FILE_TEST(fields, "foreign-fields", "fields of other attach types must be 0", "REF-016")
{
	struct target to = begin(t);
	const struct attach_attr good = {
		.target_fd = to.fd,
		.prog_fd = to.file.prog_fd,
		.type = to.file.attach_type,
	};
	struct attach_attr bad[] = { good, good, good, good };

	bad[0].relative_fd = to.file.prog_fd;
	bad[1].revision = 1;
	bad[2].replace_fd = to.file.prog_fd;
	bad[3].flags = BPF_F_ALLOW_OVERRIDE;
	for (int i = 0; i < 3; i++)
		test__errno(t, -EINVAL, bpf(BPF_PROG_ATTACH, &bad[i]), "attach");
	hook_file__expect(t, to.file.path, "", "after all attaches");
	test__errno(t, 0, bpf(BPF_PROG_ATTACH, &good), "attach");
	for (int i = 0; i < 4; i++)
		test__errno(t, -EINVAL, bpf(BPF_PROG_DETACH, &bad[i]), "detach");
	hook_file__expect(t, to.file.path, "only\n", "after all detaches");
	test__errno(t, 0, bpf(BPF_PROG_DETACH, &good), "detach");
}

/* Descriptors that are no hook file open for writing, and what an attach by them gives. */
static const struct {
	const char *title, *path;
	int flags, want;
} others[] = {
	{ "a hook file as a mere path", NULL, O_PATH, -EBADF },
	{ "a hook file for reading", NULL, O_RDONLY, -EBADF },
	{ "a device", "/dev/null", O_RDWR, -EINVAL },
	{ "a directory", "/", O_RDONLY, -EINVAL },
	{ "another file of securityfs", "/sys/kernel/security/lsm", O_RDONLY, -EINVAL },
	{ "a hook file for writing", NULL, O_WRONLY, 0 },
};

HOOK_FILE_TEST(descriptors, "other-descriptors", "only a hook file that can be written will do",
	       "REF-009", "REF-010")
{
	struct target to = begin(t), by = to;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		by.fd = open(others[i].path ?: to.file.path, others[i].flags | O_CLOEXEC);
		test__true(t, by.fd >= 0, others[i].title);
		test__errno(t, others[i].want, hook_file__attach(&by, 0), others[i].title);
		hook_file__expect(t, to.file.path, others[i].want ? "" : "only\n", others[i].title);
	}
	/* attached to one hook, it is not to be found at another */
	by = hook_file__load(t, "inode_rmdir", "other", false);
	by.file.prog_fd = to.file.prog_fd;
	test__errno(t, -ENOENT, hook_file__detach(&by), "detach by another hook's file");
	test__errno(t, 0, hook_file__detach(&to), "detach");
}

static int query_without_rights(struct subject *s)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint32_t n = 0;

	TRY(syscall(SYS_capget, &head, data));
	data[CAP_TO_INDEX(CAP_MAC_ADMIN)].effective &= ~CAP_TO_MASK(CAP_MAC_ADMIN);
	TRY(syscall(SYS_capset, &head, data));
	return hook_file__query(s->val[0], s->val[1], NULL, &n, 0);
}

/* A query whose answer has no place: its attributes cannot be written. */
static int query_into_nothing(const struct target *to)
{
	union bpf_attr *attr = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	TRY(attr == MAP_FAILED ? -1 : 0);
	attr->query.target_fd = to->fd;
	attr->query.attach_type = to->file.attach_type;
	TRY(mprotect(attr, sysconf(_SC_PAGESIZE), PROT_READ));
	return hook_file__bpf(BPF_PROG_QUERY, attr);
}

HOOK_FILE_TEST(queries, "query-errors", "a query that is not allowed or has no place is refused",
	       "REF-025")
{
	struct target to = begin(t);
	struct subject s = { .val = { to.fd, to.file.attach_type } };
	uint32_t n = 1, id = 0;

	test__errno(t, 0, hook_file__attach(&to, 0), "attach");
	test__errno(t, -EPERM, in_child(&s, query_without_rights), "without CAP_MAC_ADMIN");
	test__errno(t, -EFAULT, query_into_nothing(&to), "attributes that cannot be written");
	test__errno(t, -EFAULT, hook_file__query(to.fd, to.file.attach_type, NOWHERE, &n, 0),
		    "ids that go nowhere");
	n = UINT32_MAX;
	test__errno(t, 0, hook_file__query(to.fd, to.file.attach_type, &id, &n, 0),
		    "more room than there are programs");
	test__equal(t, 1, n, "programs");
	test__equal(t, t->adapter->prog_id(to.prog), id, "the program's id");
}

static void *let_go(void *data)
{
	close(*(int *)data);
	return NULL;
}

/* Attaches while another thread closes the last descriptor. */
static bool attached_dying(struct krsi_run *t, const struct target *to, uint32_t *id)
{
	struct krsi_prog *prog = scene__load_fixed(t, SCENE_HOOK, 0);
	struct target dying = *to;
	pthread_t thread;
	int err;

	*id = t->adapter->prog_id(prog);
	test__errno(t, 0, t->adapter->hook_file(prog, &dying.file), "the hook's file");
	dying.file.prog_fd = dup(dying.file.prog_fd);
	t->adapter->unload(prog);
	if (pthread_create(&thread, NULL, let_go, &dying.file.prog_fd))
		test__broken(t, "no thread");
	err = hook_file__attach(&dying, 0);
	pthread_join(thread, NULL);
	test__errno(t, err ? -EBADF : 0, err, "attach of a program that may be gone");
	return !err;
}

HOOK_FILE_TEST(dying, "dying-program", "a program attaches whole, or it was gone", "REF-015",
	       "REF-035")
{
	struct target to = begin(t);

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t id, n = 1, found = 0;
		union bpf_attr attr = {};
		bool attached = attached_dying(t, &to, &id);

		test__errno(t, 0, hook_file__query(to.fd, to.file.attach_type, &found, &n, 0),
			    "query");
		test__equal(t, attached ? 1 : 0, n, "programs");
		test__equal(t, attached ? id : 0, found, "id of the program");
		if (attached) {
			struct target dead = to;

			attr.prog_id = id;
			dead.file.prog_fd = hook_file__bpf(BPF_PROG_GET_FD_BY_ID, &attr);
			test__errno(t, 0, hook_file__detach(&dead), "detach by id");
			close(dead.file.prog_fd);
		}
		hook_file__await_end(t, id);
	}
}
