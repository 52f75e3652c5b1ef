/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of ONC RPC (RFC 5531), XDR (RFC 4506) and NFS 4.2 (RFC 8881, RFC 7862) as both ends of a
 * conversation about security labels need. Messages are short; what does not fit aborts.
 */
#ifndef KRSI_HOOKS_NFS_XDR_H
#define KRSI_HOOKS_NFS_XDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One message while it is written or read, at `at` and before `len`. */
struct xdr {
	unsigned char bytes[4096];
	size_t len, at;
	bool bad; /* something was read that is not there */
};

void xdr__put(struct xdr *x, uint32_t word);
void xdr__put64(struct xdr *x, uint64_t words);
/* Bytes as they are, and the padding after them. */
void xdr__put_fixed(struct xdr *x, const void *data, size_t len);
/* Their length, then they. */
void xdr__put_opaque(struct xdr *x, const void *data, size_t len);
/* Leaves room for a word, which xdr__fill() fills, or xdr__close() with the number of bytes put
 * since. */
size_t xdr__open(struct xdr *x);
void xdr__fill(struct xdr *x, size_t mark, uint32_t word);
void xdr__close(struct xdr *x, size_t mark);

uint32_t xdr__get(struct xdr *x);
/* Bytes that are in the message, and NULL, with `bad` set, where they are not all there. */
const unsigned char *xdr__get_fixed(struct xdr *x, size_t len);
const unsigned char *xdr__get_opaque(struct xdr *x, uint32_t *len);

/* Sends as one record of a stream, or receives one whole; 0 or -errno. */
int xdr__send(int fd, const struct xdr *x);
int xdr__receive(int fd, struct xdr *x);

enum { RPC_CALL, RPC_REPLY };
enum { RPC_AUTH_NONE, RPC_AUTH_SYS };
enum { RPC_VERSION = 2, NFS_PROGRAM = 100003, NFS_VERSION = 4, NFS_PORT = 2049 };
enum { NFS_NULL, NFS_COMPOUND };

enum nfs_op {
	OP_ACCESS = 3,
	OP_CREATE = 6,
	OP_GETATTR = 9,
	OP_GETFH = 10,
	OP_LOOKUP = 15,
	OP_PUTFH = 22,
	OP_PUTROOTFH = 24,
	OP_SETATTR = 34,
	OP_EXCHANGE_ID = 42,
	OP_CREATE_SESSION = 43,
	OP_DESTROY_SESSION = 44,
	OP_SEQUENCE = 53,
	OP_DESTROY_CLIENTID = 57,
	OP_RECLAIM_COMPLETE = 58,
};

enum { NFS_OK, NFS_ERR_NOENT = 2, NFS_ERR_NOTSUPP = 10004 };
enum { NFS_FILE = 1, NFS_DIRECTORY = 2 };

/* Sizes that the protocol fixes, and the version in which files have labels. */
enum { NFS_SESSION = 16, NFS_STATEID = 16, NFS_VERIFIER = 8, NFS_MINOR = 2 };

/* An attribute is a bit, by its number, of up to three words. */
enum nfs_attribute {
	ATTR_SUPPORTED = 0,
	ATTR_TYPE = 1,
	ATTR_FH_EXPIRE_TYPE = 2,
	ATTR_CHANGE = 3,
	ATTR_SIZE = 4,
	ATTR_FSID = 8,
	ATTR_LEASE_TIME = 10,
	ATTR_FILEID = 20,
	ATTR_MODE = 33,
	ATTR_NUMLINKS = 35,
	ATTR_OWNER = 36,
	ATTR_OWNER_GROUP = 37,
	ATTR_SPACE_USED = 45,
	ATTR_TIME_ACCESS = 47,
	ATTR_TIME_METADATA = 52,
	ATTR_TIME_MODIFY = 53,
	ATTR_MOUNTED_ON_FILEID = 55,
	ATTR_SECURITY_LABEL = 80,
	ATTR_WORDS = 3
};

struct nfs_bitmap {
	uint32_t word[ATTR_WORDS];
};

static inline void nfs_bitmap__add(struct nfs_bitmap *map, unsigned int attribute)
{
	map->word[attribute / 32] |= 1u << attribute % 32;
}

static inline bool nfs_bitmap__has(const struct nfs_bitmap *map, unsigned int attribute)
{
	return map->word[attribute / 32] >> attribute % 32 & 1;
}

void xdr__put_bitmap(struct xdr *x, const struct nfs_bitmap *map);
struct nfs_bitmap xdr__get_bitmap(struct xdr *x);

#endif
