/* SPDX-License-Identifier: GPL-2.0-only */
/* What the entries about sockets and packets share: a network of the subject's own. */
#ifndef KRSI_HOOKS_NET_H
#define KRSI_HOOKS_NET_H

#include <netinet/in.h>
#include <sys/un.h>

#include "conformance/harness/subject.h"

/* The words that identify a socket in a captured struct sock or socket: see WIRE_SOCK_ID. */
#define SOCK_ID(family, type, protocol)                                                            \
	((uint64_t)(family) << 32 | (uint64_t)(type) << 16 | (uint64_t)(protocol))

/* The word that identifies a packet in a captured struct sk_buff: see WIRE_PORTS. */
#define PORTS(source, dest) ((long)(source) << 16 | (dest))

/* The message that tests send, without its NUL. */
#define MESSAGE	    "krsi"
#define MESSAGE_LEN (sizeof(MESSAGE) - 1)

/* A network namespace of the subject's own, with its loopback device up; 0 or -errno. */
int own_network(void);
/* The address 127.0.0.1 and a port, as the two arguments of bind or connect. */
#define LOOPBACK(port)                                                                             \
	(struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET,                           \
						  .sin_port = htons(port),                         \
						  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },     \
		sizeof(struct sockaddr_in)
/* The path of a UNIX socket, in the same way. */
#define UNIX_PATH(path)                                                                            \
	(struct sockaddr *)&(struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = path },       \
		sizeof(struct sockaddr_un)

/* Opens a socket (close-on-exec) in s->fd[i]; 0 or -errno. */
int socket_slot(struct subject *s, int i, int family, int type, int protocol);
/* As socket_slot, AF_INET, bound to a free port of 127.0.0.1 that s->val[i] then holds. */
int inet_slot(struct subject *s, int i, int type, int protocol);
/* As socket_slot, AF_UNIX, bound to `path` anew. */
int unix_slot(struct subject *s, int i, int type, const char *path);
/* A connected pair of AF_UNIX sockets in s->fd[0] and s->fd[1]; 0 or -errno. */
int unix_pair(struct subject *s, int type);

/* Is exactly MESSAGE the next thing to be read from fd, now? */
bool has_message(int fd);
/* Waits until something can be read or accepted from fd (true), or until the kernel has counted
 * a packet for it as dropped (false). Needs no clock: one of the two must come. */
bool delivered(int fd);

#endif
