// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks by which the kernel's NFS server deals with labels. It needs no daemon: what it would ask
 * one for is told beforehand. Its client here is a few messages by hand, so that no label LSM has
 * to have an opinion first.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"
#include "conformance/hooks/nfs_xdr.h"

/*
 * The server takes a second to start (it waits for a daemon that would remember its clients), so
 * the first to need it leaves it running, in a network of its own. To unmount CONTROL ends it.
 */
#define HOME	"/tmp/krsi-nfsd"
#define CONTROL HOME "/control"
#define NETWORK HOME "/network"
#define EXPORT	HOME "/export"
/* Of the kernel's linux/nfsd/export.h: any port, labels, no check of subtrees, a number of ours. */
#define EXPORT_FLAGS "9346" /* 0x2 | 0x80 | 0x400 | 0x2000 */
#define NEVER	     "2147483647"

#define LABEL "krsi"

/* The connection, and what the server calls the session. */
enum { FD_SERVER };
/* What came of it, in s->val. */
enum { WENT_WELL };

static unsigned char session[NFS_SESSION];
static struct xdr message;

static int tell(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = SYS(write(fd, text, strlen(text)));
	close(fd);
	return err < 0 ? err : 0;
}

/* What a daemon would answer: whose the address is, what is at the root, and how it is shared. */
static int export_directory(void)
{
	return tell("/proc/net/rpc/auth.unix.ip/channel", "nfsd 127.0.0.1 " NEVER " krsi\n") ?:
	       tell("/proc/net/rpc/nfsd.export/channel",
		    "krsi " EXPORT " " NEVER " " EXPORT_FLAGS " 65534 65534 0\n") ?:
	       tell("/proc/net/rpc/nfsd.fh/channel", "krsi 1 \\x00000000 " NEVER " " EXPORT "\n");
}

static int start_server(void)
{
	int err = own_network(), fd;

	if (err)
		return err;
	if (mkdir(HOME, 0700) && errno != EEXIST)
		return -errno;
	if (mkdir(CONTROL, 0700) && errno != EEXIST)
		return -errno;
	if (mkdir(EXPORT, 0700) && errno != EEXIST)
		return -errno;
	fd = open(NETWORK, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
	TRY(fd);
	close(fd);
	TRY(mount("none", CONTROL, "nfsd", 0, NULL));
	err = export_directory() ?: tell(CONTROL "/versions", "-2 -3 +4 +4.1 +4.2\n");
	err = err ?: tell(CONTROL "/portlist", "tcp 2049\n");
	err = err ?: tell(CONTROL "/threads", "1\n");
	if (err) {
		umount2(CONTROL, 0);
		return err;
	}
	TRY(mount("/proc/self/ns/net", NETWORK, NULL, MS_BIND, NULL));
	return 0;
}

/* Into the network of the server. */
static int reach_server(void)
{
	int fd = open(NETWORK, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return start_server();
	err = SYS(setns(fd, CLONE_NEWNET));
	close(fd);
	return err == -EINVAL ? start_server() : err;
}

/* A compound of so many operations, which follow. */
static void start_call(unsigned int operations)
{
	message = (struct xdr){};
	xdr__put(&message, 1); /* any number of this call */
	xdr__put(&message, RPC_CALL);
	xdr__put(&message, RPC_VERSION);
	xdr__put(&message, NFS_PROGRAM);
	xdr__put(&message, NFS_VERSION);
	xdr__put(&message, NFS_COMPOUND);
	xdr__put(&message, RPC_AUTH_SYS);
	xdr__put(&message, 20);
	for (int i = 0; i < 5; i++)
		xdr__put(&message, 0); /* time, name of the machine, root, its group, no others */
	xdr__put(&message, RPC_AUTH_NONE);
	xdr__put(&message, 0);
	xdr__put_opaque(&message, "", 0);
	xdr__put(&message, NFS_MINOR);
	xdr__put(&message, operations);
}

/* The status of the compound, or -errno; the results follow. */
static int call(struct subject *s)
{
	int err = xdr__send(s->fd[FD_SERVER], &message);
	uint32_t len, status, denied;

	err = err ?: xdr__receive(s->fd[FD_SERVER], &message);
	if (err)
		return err;
	xdr__get(&message);
	xdr__get(&message);
	denied = xdr__get(&message);
	xdr__get(&message);
	xdr__get_opaque(&message, &len);
	if (denied || xdr__get(&message))
		return -EPROTO;
	status = xdr__get(&message);
	xdr__get_opaque(&message, &len);
	xdr__get(&message);
	return message.bad ? -EPROTO : (int)status;
}

/* Every result starts with the operation and its status. */
static void skip_head(void)
{
	xdr__get(&message);
	xdr__get(&message);
}

static void put_channel(void)
{
	static const uint32_t sizes[] = { 0, 4096, 4096, 1024, 8, 1, 0 };

	for (int i = 0; i < 7; i++)
		xdr__put(&message, sizes[i]);
}

static int open_session(struct subject *s)
{
	struct timespec now;
	const unsigned char *id;
	uint32_t client[2], sequence;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &now);
	start_call(1);
	xdr__put(&message, OP_EXCHANGE_ID);
	xdr__put64(&message, now.tv_nsec);
	xdr__put_opaque(&message, s->dir, strlen(s->dir));
	for (int i = 0; i < 3; i++)
		xdr__put(&message, 0); /* flags, no protection of state, no name of ours */
	err = call(s);
	if (err)
		return err < 0 ? err : -EREMOTEIO;
	skip_head();
	client[0] = xdr__get(&message);
	client[1] = xdr__get(&message);
	sequence = xdr__get(&message);

	start_call(1);
	xdr__put(&message, OP_CREATE_SESSION);
	xdr__put(&message, client[0]);
	xdr__put(&message, client[1]);
	xdr__put(&message, sequence);
	xdr__put(&message, 0);
	put_channel();
	put_channel();
	xdr__put(&message, 0x40000000); /* a program for calls back, of which there are none */
	xdr__put(&message, 1);
	xdr__put(&message, RPC_AUTH_NONE);
	err = call(s);
	if (err)
		return err < 0 ? err : -EREMOTEIO;
	skip_head();
	id = xdr__get_fixed(&message, NFS_SESSION);
	if (!id)
		return -EPROTO;
	memcpy(session, id, NFS_SESSION);
	return 0;
}

static int connected(struct subject *s)
{
	int err = reach_server() ?: socket_slot(s, FD_SERVER, AF_INET, SOCK_STREAM, 0);

	if (err)
		return err;
	TRY(connect(s->fd[FD_SERVER], LOOPBACK(NFS_PORT)));
	return open_session(s);
}

/* One operation on the exported directory. */
static void start_operation(enum nfs_op op)
{
	start_call(3);
	xdr__put(&message, OP_SEQUENCE);
	xdr__put_fixed(&message, session, NFS_SESSION);
	xdr__put(&message, 1);
	for (int i = 0; i < 3; i++)
		xdr__put(&message, 0); /* slot, highest slot, no need to keep the answer */
	xdr__put(&message, OP_PUTROOTFH);
	xdr__put(&message, op);
}

/* As the errors of NFS are others than those of the kernel, any is EREMOTEIO. */
static int finish_operation(struct subject *s)
{
	int err = call(s);

	s->val[WENT_WELL] = !err;
	return err > 0 ? -EREMOTEIO : err;
}

static struct nfs_bitmap with(unsigned int attribute)
{
	struct nfs_bitmap map = {};

	nfs_bitmap__add(&map, attribute);
	return map;
}

static int do_getattr(struct subject *s)
{
	const struct nfs_bitmap label = with(ATTR_SECURITY_LABEL);

	start_operation(OP_GETATTR);
	xdr__put_bitmap(&message, &label);
	return finish_operation(s);
}

static int do_setattr(struct subject *s)
{
	const struct nfs_bitmap label = with(ATTR_SECURITY_LABEL);
	const unsigned char anonymous[NFS_STATEID] = {};
	size_t values;

	start_operation(OP_SETATTR);
	xdr__put_fixed(&message, anonymous, sizeof(anonymous));
	xdr__put_bitmap(&message, &label);
	values = xdr__open(&message);
	xdr__put64(&message, 0); /* the label's format: unknown */
	xdr__put_opaque(&message, LABEL, strlen(LABEL));
	xdr__close(&message, values);
	return finish_operation(s);
}

static bool answered(struct subject *s)
{
	return s->val[WENT_WELL];
}

#define NFSD                                                                                       \
	.setup = connected, .anyone = true, .effect = answered, .denied_as = EREMOTEIO,            \
	.denied_by = "nfserrno: the protocol has errors of its own", .needs.module = { "nfsd" }

/* No label LSM has a label to give, and the attribute is left out of the answer. */
HOOK(inode_getsecctx, FAMILY_LABEL, NFSD, .default_ret = -EOPNOTSUPP,
     .route = { { "nfs-getattr", do_getattr } }, .only = WANT_FILE("inode", EXPORT),
     .args = { WANT_FILE("inode", EXPORT) });

/* ... nor takes one. */
HOOK(inode_setsecctx, FAMILY_LABEL, NFSD, .route = { { "nfs-setattr", do_setattr } },
     .only = WANT_FILE("dentry", EXPORT),
     .args = { WANT_FILE("dentry", EXPORT), WANT_NUM("ctxlen", sizeof(LABEL) - 1) });
