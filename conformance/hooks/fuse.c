// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook that labels a file before it exists: a FUSE server may ask for the label along with the
 * request to make the file. The server here knows just enough for one mkdir.
 */
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/nfs_server.h"
#include "conformance/hooks/selinux_policy.h"

#define ROOT_NODE 1
#define NEW_NODE  2

/* A request as the kernel writes it; FUSE_MIN_READ_BUFFER is the least that it accepts. */
union request {
	struct {
		struct fuse_in_header header;
		struct fuse_init_in init;
	};
	char bytes[4 * FUSE_MIN_READ_BUFFER];
};

struct answer {
	struct fuse_out_header header;
	union {
		struct fuse_init_out init;
		struct fuse_attr_out attr;
		struct fuse_entry_out entry;
	};
};

/* Does the kernel offer to send labels? */
static bool offers_labels(const union request *request)
{
	return request->header.opcode == FUSE_INIT && request->init.flags & FUSE_INIT_EXT &&
	       request->init.flags2 & FUSE_SECURITY_CTX >> 32;
}

static struct fuse_attr directory(uint64_t node)
{
	return (struct fuse_attr){ .ino = node, .mode = S_IFDIR | 0700, .nlink = 2 };
}

/* Fills the answer; returns the length of its body, or -errno. */
static int handle(const union request *request, struct answer *answer, int *made)
{
	memset(answer, 0, sizeof(*answer));
	switch (request->header.opcode) {
	case FUSE_INIT:
		answer->init.major = FUSE_KERNEL_VERSION;
		answer->init.minor = FUSE_KERNEL_MINOR_VERSION;
		answer->init.max_write = 4096;
		answer->init.flags = FUSE_INIT_EXT;
		answer->init.flags2 = FUSE_SECURITY_CTX >> 32;
		return sizeof(answer->init);
	case FUSE_GETATTR:
		answer->attr.attr = directory(request->header.nodeid);
		return sizeof(answer->attr);
	case FUSE_LOOKUP:
		return -ENOENT;
	case FUSE_MKDIR:
		__atomic_store_n(made, 1, __ATOMIC_SEQ_CST);
		answer->entry.nodeid = NEW_NODE;
		answer->entry.attr = directory(NEW_NODE);
		return sizeof(answer->entry);
	default:
		return -ENOSYS;
	}
}

static void serve(int fd, int *made)
{
	union request request;
	struct answer answer;
	int body;

	while (read(fd, &request, sizeof(request)) > 0) {
		if (request.header.opcode == FUSE_FORGET ||
		    request.header.opcode == FUSE_BATCH_FORGET)
			continue;
		body = handle(&request, &answer, made);
		answer.header.unique = request.header.unique;
		answer.header.error = body < 0 ? body : 0;
		answer.header.len = sizeof(answer.header) + (body < 0 ? 0 : body);
		if (write(fd, &answer, answer.header.len) < 0 && errno != ENOENT)
			return;
	}
}

/* A mount on `path` whose requests come to the descriptor returned. */
static int mount_fuse(const char *path)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), err = private_mounts();
	char options[64];

	if (fd < 0 || err)
		return fd < 0 ? -errno : err;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40700,user_id=0,group_id=0", fd);
	TRY(mount("krsi", path, "fuse", 0, options));
	return fd;
}

/* In a child, for its mount namespace: 0 the kernel sends labels, 1 it does not. */
static int probe_labels(void)
{
	union request request = {};
	int fd = mount_fuse("/tmp");

	if (fd < 0 || read(fd, &request, sizeof(request)) < (ssize_t)sizeof(request.header))
		return 1;
	return !offers_labels(&request);
}

static const char *labelled_first(void)
{
	return needs__labelled_first() ? "another LSM gives the label, and the first one is taken"
				       : NULL;
}

static const char *no_labels(void)
{
	int status = 1;
	pid_t pid;

	if (labelled_first())
		return labelled_first();
	pid = fork();
	if (!pid)
		_exit(probe_labels());
	if (pid > 0 && waitpid(pid, &status, 0) == pid && !status)
		return NULL;
	return "FUSE of this kernel does not send labels";
}

static int fuse_server(struct subject *s)
{
	int fd;

	s->mem = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->mem == MAP_FAILED)
		return -errno;
	TRY(mkdir("mnt", 0700));
	fd = mount_fuse("mnt");
	if (fd < 0)
		return fd;
	s->child = fork();
	TRY(s->child);
	if (!s->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd, s->mem);
		_exit(0);
	}
	/* only the server holds the device: its end is the end of every request */
	close(fd);
	return 0;
}

static int do_mkdir(struct subject *s)
{
	return SYS(mkdir("mnt/new", 0700));
}

static bool server_made_it(struct subject *s)
{
	return __atomic_load_n((int *)s->mem, __ATOMIC_SEQ_CST);
}

/* NFS sends a label too, to a server that keeps labels, if a label LSM gives one. The program does
 * not, and its refusal is no more than that. */
static int do_mkdir_nfs(struct subject *s)
{
	int err, *made = s->mem;

	stop_child(s);
	err = nfs_server__start(s) ?: selinux_set_up("selinux") ?: nfs_server__mount(s, "m", "");
	if (err)
		return err;
	err = SYS(mkdir("m/new", 0700));
	*made = !err;
	nfs_server__leave(s);
	return err;
}

HOOK(dentry_init_security, FAMILY_LABEL, .default_ret = -EOPNOTSUPP, .setup = fuse_server,
     .route = { { "mkdir", do_mkdir },
		{ "nfs-mkdir", do_mkdir_nfs, .probe = labelled_first, .module = "nfsv4",
		  .lsm = "selinux", .ignored_by = "nfs4_label_init_security" } },
     .effect = server_made_it,
     .args = { WANT_TEXT("dentry", "new"), WANT_TEXT("name", "new"),
	       WANT_BITS("mode", S_IFMT, S_IFDIR) },
     .needs = { .module = { "fuse" }, .path = { "/dev/fuse" }, .probe = no_labels });
