// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/hooks/mounting.h"
#include "conformance/hooks/net.h"
#include "conformance/hooks/nfs_server.h"
#include "conformance/hooks/nfs_xdr.h"
#include "conformance/hooks/selinux_policy.h"

/* Index in s->fd and s->val. */
enum { FD_LISTEN, PORT = FD_LISTEN };

/* What there is; a file's number is its handle. */
enum node { ROOT = 1, FILE_F, ROOT_OF_SUB, MADE };

/* One call while it is answered. */
struct exchange {
	struct xdr in, out;
	uint32_t node; /* the current file */
};

static const unsigned char attributes[] = {
	ATTR_SUPPORTED,
	ATTR_TYPE,
	ATTR_FH_EXPIRE_TYPE,
	ATTR_CHANGE,
	ATTR_SIZE,
	ATTR_FSID,
	ATTR_LEASE_TIME,
	ATTR_FILEID,
	ATTR_MODE,
	ATTR_NUMLINKS,
	ATTR_OWNER,
	ATTR_OWNER_GROUP,
	ATTR_SPACE_USED,
	ATTR_TIME_ACCESS,
	ATTR_TIME_METADATA,
	ATTR_TIME_MODIFY,
	ATTR_MOUNTED_ON_FILEID,
	ATTR_SECURITY_LABEL,
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

static struct nfs_bitmap all_attributes(void)
{
	struct nfs_bitmap map = {};

	for (size_t i = 0; i < ATTRIBUTES; i++)
		nfs_bitmap__add(&map, attributes[i]);
	return map;
}

static void put_attribute(struct exchange *e, unsigned int attribute)
{
	const struct nfs_bitmap all = all_attributes();

	switch (attribute) {
	case ATTR_SUPPORTED:
		return xdr__put_bitmap(&e->out, &all);
	case ATTR_TYPE:
		return xdr__put(&e->out, e->node == FILE_F ? NFS_FILE : NFS_DIRECTORY);
	case ATTR_FSID:
		xdr__put64(&e->out, e->node == ROOT_OF_SUB ? 2 : 1);
		return xdr__put64(&e->out, 0);
	case ATTR_FH_EXPIRE_TYPE:
		return xdr__put(&e->out, 0);
	case ATTR_LEASE_TIME:
		return xdr__put(&e->out, 3600);
	case ATTR_FILEID:
	case ATTR_MOUNTED_ON_FILEID:
		return xdr__put64(&e->out, e->node);
	case ATTR_MODE:
		return xdr__put(&e->out, 0755);
	case ATTR_NUMLINKS:
		return xdr__put(&e->out, 1);
	case ATTR_OWNER:
	case ATTR_OWNER_GROUP:
		return xdr__put_opaque(&e->out, "0", 1);
	case ATTR_TIME_ACCESS:
	case ATTR_TIME_METADATA:
	case ATTR_TIME_MODIFY:
		xdr__put64(&e->out, 1);
		return xdr__put(&e->out, 0);
	case ATTR_SECURITY_LABEL:
		xdr__put64(&e->out, 0); /* its format: unknown */
		return xdr__put_opaque(&e->out, SELINUX_LABEL, strlen(SELINUX_LABEL));
	default: /* size, space used, number of changes */
		return xdr__put64(&e->out, NFS_SERVER_SIZE);
	}
}

static uint32_t getattr(struct exchange *e)
{
	struct nfs_bitmap asked = xdr__get_bitmap(&e->in), given = all_attributes();
	size_t values;

	for (int i = 0; i < ATTR_WORDS; i++)
		given.word[i] &= asked.word[i];
	xdr__put_bitmap(&e->out, &given);
	values = xdr__open(&e->out);
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (nfs_bitmap__has(&given, attributes[i]))
			put_attribute(e, attributes[i]);
	xdr__close(&e->out, values);
	return NFS_OK;
}

static uint32_t putrootfh(struct exchange *e)
{
	e->node = ROOT;
	return NFS_OK;
}

static uint32_t putfh(struct exchange *e)
{
	uint32_t len;
	const unsigned char *handle = xdr__get_opaque(&e->in, &len);

	if (handle && len == sizeof(e->node))
		memcpy(&e->node, handle, len);
	return NFS_OK;
}

static uint32_t getfh(struct exchange *e)
{
	xdr__put_opaque(&e->out, &e->node, sizeof(e->node));
	return NFS_OK;
}

static uint32_t lookup(struct exchange *e)
{
	uint32_t len;
	const unsigned char *name = xdr__get_opaque(&e->in, &len);

	if (e->node != ROOT || !name)
		return NFS_ERR_NOENT;
	if (len == 1 && *name == 'f')
		e->node = FILE_F;
	else if (len == 3 && !memcmp(name, "sub", len))
		e->node = ROOT_OF_SUB;
	else
		return NFS_ERR_NOENT;
	return NFS_OK;
}

static uint32_t create(struct exchange *e)
{
	uint32_t len;

	if (xdr__get(&e->in) != NFS_DIRECTORY)
		return NFS_ERR_NOTSUPP;
	xdr__get_opaque(&e->in, &len);
	xdr__get_bitmap(&e->in);
	xdr__get_opaque(&e->in, &len);
	e->node = MADE;
	/* the directory changed at once, from 1 to 2; no attributes were set */
	xdr__put(&e->out, 1);
	xdr__put64(&e->out, 1);
	xdr__put64(&e->out, 2);
	xdr__put(&e->out, 0);
	return NFS_OK;
}

/* All is supported, and all allowed. */
static uint32_t may_access(struct exchange *e)
{
	uint32_t asked = xdr__get(&e->in);

	xdr__put(&e->out, asked);
	xdr__put(&e->out, asked);
	return NFS_OK;
}

static uint32_t exchange_id(struct exchange *e)
{
	uint32_t len;

	xdr__get_fixed(&e->in, NFS_VERIFIER);
	xdr__get_opaque(&e->in, &len);
	xdr__put64(&e->out, 1);	    /* the client's number */
	xdr__put(&e->out, 1);	    /* that of its next session */
	xdr__put(&e->out, 1 << 16); /* no pNFS */
	xdr__put(&e->out, 0);	    /* no protection of state */
	xdr__put64(&e->out, 0);	    /* the server's number and names */
	xdr__put_opaque(&e->out, "krsi", 4);
	xdr__put_opaque(&e->out, "krsi", 4);
	xdr__put(&e->out, 0);
	return NFS_OK;
}

/* Both channels as the client wants them, but with one slot. */
static uint32_t create_session(struct exchange *e)
{
	static const unsigned char session[NFS_SESSION] = { 1 };
	uint32_t sequence;

	xdr__get_fixed(&e->in, 8);
	sequence = xdr__get(&e->in);
	xdr__get(&e->in);
	xdr__put_fixed(&e->out, session, sizeof(session));
	xdr__put(&e->out, sequence);
	xdr__put(&e->out, 0);
	for (int channel = 0; channel < 2; channel++) {
		for (int i = 0; i < 5; i++)
			xdr__put(&e->out, xdr__get(&e->in));
		xdr__get(&e->in);
		xdr__get(&e->in);
		xdr__put(&e->out, 1);
		xdr__put(&e->out, 0);
	}
	return NFS_OK;
}

static uint32_t sequence(struct exchange *e)
{
	const unsigned char *session = xdr__get_fixed(&e->in, NFS_SESSION);
	uint32_t number = xdr__get(&e->in), slot = xdr__get(&e->in);

	if (!session)
		return NFS_ERR_NOTSUPP;
	xdr__put_fixed(&e->out, session, NFS_SESSION);
	xdr__put(&e->out, number);
	xdr__put(&e->out, slot);
	for (int i = 0; i < 3; i++)
		xdr__put(&e->out, 0); /* highest slot, that to aim at, flags */
	xdr__get(&e->in);
	xdr__get(&e->in);
	return NFS_OK;
}

/* These take arguments that do not matter, as nothing comes after them. */
static uint32_t nothing(struct exchange *e)
{
	return NFS_OK;
}

static const struct {
	enum nfs_op op;
	uint32_t (*answer)(struct exchange *e);
} operations[] = {
	{ OP_ACCESS, may_access },
	{ OP_CREATE, create },
	{ OP_GETATTR, getattr },
	{ OP_GETFH, getfh },
	{ OP_LOOKUP, lookup },
	{ OP_PUTFH, putfh },
	{ OP_PUTROOTFH, putrootfh },
	{ OP_EXCHANGE_ID, exchange_id },
	{ OP_CREATE_SESSION, create_session },
	{ OP_DESTROY_SESSION, nothing },
	{ OP_SEQUENCE, sequence },
	{ OP_DESTROY_CLIENTID, nothing },
	{ OP_RECLAIM_COMPLETE, nothing },
};

static uint32_t perform(struct exchange *e, uint32_t op)
{
	size_t mark;
	uint32_t status = NFS_ERR_NOTSUPP;

	xdr__put(&e->out, op);
	mark = xdr__open(&e->out);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (operations[i].op == op)
			status = operations[i].answer(e);
	xdr__fill(&e->out, mark, status);
	return status;
}

static void compound(struct exchange *e)
{
	uint32_t len, n, done = 0, status = NFS_OK;
	size_t mark_status = xdr__open(&e->out), mark_done;
	const unsigned char *tag = xdr__get_opaque(&e->in, &len);

	xdr__put_opaque(&e->out, tag ?: e->in.bytes, tag ? len : 0);
	mark_done = xdr__open(&e->out);
	xdr__get(&e->in);
	n = xdr__get(&e->in);
	while (done < n && !status && !e->in.bad) {
		status = perform(e, xdr__get(&e->in));
		done++;
	}
	xdr__fill(&e->out, mark_status, status);
	xdr__fill(&e->out, mark_done, done);
}

static void answer(struct exchange *e)
{
	uint32_t len, number = xdr__get(&e->in), procedure;

	for (int i = 0; i < 4; i++)
		xdr__get(&e->in); /* a call, of which version, to which version of what */
	procedure = xdr__get(&e->in);
	for (int i = 0; i < 2; i++) {
		xdr__get(&e->in);
		xdr__get_opaque(&e->in, &len);
	}
	e->out = (struct xdr){};
	xdr__put(&e->out, number);
	xdr__put(&e->out, RPC_REPLY);
	for (int i = 0; i < 4; i++)
		xdr__put(&e->out, 0); /* accepted; no proof who we are; executed */
	if (procedure == NFS_COMPOUND)
		compound(e);
}

static _Noreturn void serve(int fd)
{
	static struct exchange e;

	while (!xdr__receive(fd, &e.in)) {
		answer(&e);
		if (xdr__send(fd, &e.out))
			break;
	}
	_exit(0);
}

static _Noreturn void serve_all(int listening)
{
	int fd;

	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listening, NULL, NULL)) >= 0) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(fd);
		}
		close(fd);
	}
	_exit(1);
}

int nfs_server__start(struct subject *s)
{
	int err = own_network() ?: inet_slot(s, FD_LISTEN, SOCK_STREAM, 0);

	if (err)
		return err;
	TRY(listen(s->fd[FD_LISTEN], 4));
	s->child = fork();
	TRY(s->child);
	if (!s->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_all(s->fd[FD_LISTEN]);
	}
	return mount_place(s);
}

int nfs_server__mount(struct subject *s, const char *path, const char *options)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "addr=127.0.0.1,clientaddr=127.0.0.1,port=%ld,vers=4.2,sec=sys,soft,timeo=50,"
		 "retrans=1%s",
		 s->val[PORT], options);
	return SYS(mount("127.0.0.1:/", path, "nfs4", 0, text));
}

void nfs_server__leave(struct subject *s)
{
	static const char *const places[] = { "m/sub", "m2", "m" };

	/* an open file would keep its mount until there is no server any more */
	for (int i = FD_LISTEN + 1; i < SUBJECT_SLOTS; i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	for (int i = 0; i < 3; i++)
		umount2(places[i], 0);
}
