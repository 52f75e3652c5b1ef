// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "conformance/harness/subject.h"
#include "conformance/hooks/nfs_xdr.h"

/* The word before a record: its length, and that no other part of it follows. */
#define LAST_FRAGMENT 0x80000000u

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

void xdr__put_fixed(struct xdr *x, const void *data, size_t len)
{
	if (x->len + padded(len) > sizeof(x->bytes))
		abort();
	memset(x->bytes + x->len, 0, padded(len));
	memcpy(x->bytes + x->len, data, len);
	x->len += padded(len);
}

void xdr__put(struct xdr *x, uint32_t word)
{
	word = htonl(word);
	xdr__put_fixed(x, &word, sizeof(word));
}

void xdr__put64(struct xdr *x, uint64_t words)
{
	xdr__put(x, words >> 32);
	xdr__put(x, words);
}

void xdr__put_opaque(struct xdr *x, const void *data, size_t len)
{
	xdr__put(x, len);
	xdr__put_fixed(x, data, len);
}

size_t xdr__open(struct xdr *x)
{
	xdr__put(x, 0);
	return x->len;
}

void xdr__fill(struct xdr *x, size_t mark, uint32_t word)
{
	word = htonl(word);
	memcpy(x->bytes + mark - sizeof(word), &word, sizeof(word));
}

void xdr__close(struct xdr *x, size_t mark)
{
	xdr__fill(x, mark, x->len - mark);
}

const unsigned char *xdr__get_fixed(struct xdr *x, size_t len)
{
	const unsigned char *here = x->bytes + x->at;

	if (x->bad || len > x->len - x->at || padded(len) > x->len - x->at) {
		x->bad = true;
		return NULL;
	}
	x->at += padded(len);
	return here;
}

uint32_t xdr__get(struct xdr *x)
{
	const unsigned char *here = xdr__get_fixed(x, 4);
	uint32_t word = 0;

	if (here)
		memcpy(&word, here, sizeof(word));
	return ntohl(word);
}

const unsigned char *xdr__get_opaque(struct xdr *x, uint32_t *len)
{
	*len = xdr__get(x);
	return xdr__get_fixed(x, *len);
}

void xdr__put_bitmap(struct xdr *x, const struct nfs_bitmap *map)
{
	xdr__put(x, ATTR_WORDS);
	for (int i = 0; i < ATTR_WORDS; i++)
		xdr__put(x, map->word[i]);
}

struct nfs_bitmap xdr__get_bitmap(struct xdr *x)
{
	uint32_t n = xdr__get(x), word;
	struct nfs_bitmap map = {};

	for (uint32_t i = 0; i < n && !x->bad; i++) {
		word = xdr__get(x);
		if (i < ATTR_WORDS)
			map.word[i] = word;
	}
	return map;
}

static int receive_whole(int fd, void *data, size_t len)
{
	ssize_t n = recv(fd, data, len, MSG_WAITALL);

	return n == (ssize_t)len ? 0 : n < 0 ? -errno : -ECONNRESET;
}

int xdr__send(int fd, const struct xdr *x)
{
	uint32_t head = htonl(LAST_FRAGMENT | x->len);
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)x->bytes, x->len } };
	/* at once: a second segment would wait until the first is acknowledged */
	ssize_t n =
		sendmsg(fd, &(struct msghdr){ .msg_iov = parts, .msg_iovlen = 2 }, MSG_NOSIGNAL);

	return n == (ssize_t)(sizeof(head) + x->len) ? 0 : n < 0 ? -errno : -EMSGSIZE;
}

int xdr__receive(int fd, struct xdr *x)
{
	uint32_t head;
	int err = receive_whole(fd, &head, sizeof(head));

	if (err)
		return err;
	head = ntohl(head);
	*x = (struct xdr){ .len = head & ~LAST_FRAGMENT };
	if (!(head & LAST_FRAGMENT) || x->len > sizeof(x->bytes))
		return -EMSGSIZE;
	return receive_whole(fd, x->bytes, x->len);
}
