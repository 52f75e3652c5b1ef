// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the making of sockets, their addresses and connections. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/compat.h"
#include "conformance/hooks/net.h"
#include "conformance/hooks/ring.h"

static int do_socket(struct subject *s)
{
	return socket_slot(s, 0, AF_UNIX, SOCK_DGRAM, 0);
}

/* io_uring is a way around every system call, and must not be one around the hooks. */
static int ring_ready(struct subject *s)
{
	ring_open();
	return 0;
}

RING_PROBE(SOCKET)

static int do_ring_socket(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_SOCKET,
		.fd = AF_UNIX,
		.off = SOCK_DGRAM | SOCK_CLOEXEC,
	};

	s->fd[0] = ring_run(&request);
	return s->fd[0];
}

static bool socket_0(struct subject *s)
{
	struct stat st;

	return !fstat(s->fd[0], &st) && S_ISSOCK(st.st_mode);
}

enum { CALL_SOCKET = 1, CALL_BIND, CALL_CONNECT };

static uint32_t compat_args[3];

static int socketcall(int number)
{
	return compat_call(COMPAT_SOCKETCALL, number, COMPAT_POINTER(compat_args), 0, 0, 0, 0);
}

static int do_compat_socket(struct subject *s)
{
	compat_args[0] = AF_UNIX;
	compat_args[1] = SOCK_DGRAM;
	compat_args[2] = 0;
	s->fd[0] = socketcall(CALL_SOCKET);
	return s->fd[0];
}

HOOK(socket_create, FAMILY_SOCKET, .setup = ring_ready,
     .route = { { "socket", do_socket },
		{ "io_uring", do_ring_socket, .probe = lacks_ring_SOCKET },
		{ "int80-socketcall", do_compat_socket, .probe = no_compat } },
     .effect = socket_0,
     .args = { WANT_NUM("family", AF_UNIX), WANT_NUM("type", SOCK_DGRAM), WANT_NUM("protocol", 0),
	       WANT_NUM("kern", 0) });

HOOK(socket_post_create, FAMILY_SOCKET, .setup = ring_ready,
     .route = { { "socket", do_socket },
		{ "io_uring", do_ring_socket, .probe = lacks_ring_SOCKET } },
     .effect = socket_0,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("family", AF_UNIX), WANT_NUM("type", SOCK_DGRAM),
	       WANT_NUM("kern", 0) });

static int do_socketpair(struct subject *s)
{
	return unix_pair(s, SOCK_STREAM);
}

HOOK(socket_socketpair, FAMILY_SOCKET, .route = { { "socketpair", do_socketpair } },
     .effect = socket_0, .args = { WANT_SOCKET("socka", 0), WANT_SOCKET("sockb", 1) });

#define PORT 4242

static int inet_socket(struct subject *s)
{
	ring_open();
	return own_network() ?: socket_slot(s, 0, AF_INET, SOCK_DGRAM, 0);
}

static int do_bind(struct subject *s)
{
	return SYS(bind(s->fd[0], LOOPBACK(PORT)));
}

static const struct sockaddr_in port_of_loopback = {
	.sin_family = AF_INET,
	.sin_port = __builtin_bswap16(PORT),
	.sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK),
};

RING_PROBE(BIND)

static int do_ring_bind(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_BIND,
		.fd = s->fd[0],
		.addr = (uintptr_t)&port_of_loopback,
		.addr2 = sizeof(port_of_loopback),
	};

	return ring_run(&request);
}

static int do_compat_bind(struct subject *s)
{
	compat_args[0] = s->fd[0];
	compat_args[1] = COMPAT_POINTER(&port_of_loopback);
	compat_args[2] = sizeof(port_of_loopback);
	return socketcall(CALL_BIND);
}

static bool has_port(struct subject *s)
{
	struct sockaddr_in addr = {};
	socklen_t len = sizeof(addr);

	return !getsockname(s->fd[0], (struct sockaddr *)&addr, &len) &&
	       addr.sin_port == htons(PORT);
}

HOOK(socket_bind, FAMILY_SOCKET, .setup = inet_socket,
     .route = { { "bind", do_bind },
		{ "io_uring", do_ring_bind, .probe = lacks_ring_BIND },
		{ "int80-socketcall", do_compat_bind, .probe = no_compat } },
     .effect = has_port,
     .args = { WANT_SOCKET("sock", 0), WANT_WORD("address", KRSI_A, AF_INET),
	       WANT_WORD("address", KRSI_B, PORT),
	       WANT_NUM("addrlen", sizeof(struct sockaddr_in)) });

static int do_connect(struct subject *s)
{
	return SYS(connect(s->fd[0], LOOPBACK(PORT)));
}

RING_PROBE(CONNECT)

static int do_ring_connect(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_CONNECT,
		.fd = s->fd[0],
		.addr = (uintptr_t)&port_of_loopback,
		.off = sizeof(port_of_loopback),
	};

	return ring_run(&request);
}

static bool peer_of(int fd)
{
	struct sockaddr_in addr = {};
	socklen_t len = sizeof(addr);

	return !getpeername(fd, (struct sockaddr *)&addr, &len) && addr.sin_port == htons(PORT);
}

static bool has_peer(struct subject *s)
{
	return peer_of(s->fd[0]) || peer_of(s->fd[1]);
}

/* Besides, a TCP client s->fd[1] and a listener s->fd[2]. */
static int inet_sockets(struct subject *s)
{
	int err = inet_socket(s) ?: socket_slot(s, 1, AF_INET, SOCK_STREAM, 0) ?:
	       socket_slot(s, 2, AF_INET, SOCK_STREAM, 0);

	if (err)
		return err;
	TRY(bind(s->fd[2], LOOPBACK(PORT)));
	TRY(listen(s->fd[2], 1));
	return 0;
}

/* To send is to connect, too: the message goes with the handshake. */
static int do_fast_open(struct subject *s)
{
	return SYS(sendto(s->fd[1], MESSAGE, MESSAGE_LEN, MSG_FASTOPEN, LOOPBACK(PORT)));
}

static int do_compat_connect(struct subject *s)
{
	compat_args[0] = s->fd[0];
	compat_args[1] = COMPAT_POINTER(&port_of_loopback);
	compat_args[2] = sizeof(port_of_loopback);
	return socketcall(CALL_CONNECT);
}

HOOK(socket_connect, FAMILY_SOCKET, .setup = inet_sockets,
     .route = { { "connect", do_connect },
		{ "io_uring", do_ring_connect, .probe = lacks_ring_CONNECT },
		{ "int80-socketcall", do_compat_connect, .probe = no_compat },
		{ "sendto-fastopen", do_fast_open } },
     .effect = has_peer,
     .args = { WANT_SOCKET("sock", 0), WANT_WORD("address", KRSI_A, AF_INET),
	       WANT_WORD("address", KRSI_B, PORT),
	       WANT_NUM("addrlen", sizeof(struct sockaddr_in)) });

static int bound_socket(struct subject *s)
{
	ring_open();
	return unix_slot(s, 0, SOCK_STREAM, "listener");
}

static int do_listen(struct subject *s)
{
	return SYS(listen(s->fd[0], 3));
}

RING_PROBE(LISTEN)

static int do_ring_listen(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_LISTEN,
		.fd = s->fd[0],
		.len = 3,
	};

	return ring_run(&request);
}

static bool listens(struct subject *s)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return !getsockopt(s->fd[0], SOL_SOCKET, SO_ACCEPTCONN, &value, &len) && value == 1;
}

HOOK(socket_listen, FAMILY_SOCKET, .setup = bound_socket,
     .route = { { "listen", do_listen },
		{ "io_uring", do_ring_listen, .probe = lacks_ring_LISTEN } },
     .effect = listens, .args = { WANT_SOCKET("sock", 0), WANT_NUM("backlog", 3) });

/* A listener with a connection that waits. */
static int pending_connection(struct subject *s)
{
	int err = bound_socket(s) ?: socket_slot(s, 1, AF_UNIX, SOCK_STREAM, 0);

	if (err)
		return err;
	TRY(listen(s->fd[0], 1));
	TRY(connect(s->fd[1], UNIX_PATH("listener")));
	return 0;
}

static int do_accept4(struct subject *s)
{
	return keep_fd(s, 2, accept4(s->fd[0], NULL, NULL, SOCK_CLOEXEC));
}

static int do_accept(struct subject *s)
{
	return keep_fd(s, 2, accept(s->fd[0], NULL, NULL));
}

RING_PROBE(ACCEPT)

static int do_ring_accept(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_ACCEPT,
		.fd = s->fd[0],
		.accept_flags = SOCK_CLOEXEC,
	};

	s->fd[2] = ring_run(&request);
	return s->fd[2];
}

/* What the client says arrives at the socket that was accepted. */
static bool accepted(struct subject *s)
{
	return send(s->fd[1], MESSAGE, MESSAGE_LEN, MSG_NOSIGNAL) == MESSAGE_LEN &&
	       has_message(s->fd[2]);
}

HOOK(socket_accept, FAMILY_SOCKET, .setup = pending_connection,

     .route = { { "accept4", do_accept4 },
		{ "accept", do_accept },
		{ "io_uring", do_ring_accept, .probe = lacks_ring_ACCEPT } },
     .effect = accepted, .args = { WANT_SOCKET("sock", 0), WANT_SOCKET("newsock", 2) });

VOID_HOOK(sock_graft, FAMILY_SOCKET, .setup = pending_connection,
	  .route = { { "accept4", do_accept4 } }, .effect = accepted,
	  .args = { WANT_SOCKET("sk", 2), WANT_SOCKET("parent", 2) });

/*
 * Both are called where the struct sock has no socket, so its kind must identify it; and softirq
 * work for other sockets may come by at any time.
 */
HOOK(sk_alloc_security, FAMILY_SOCKET, .route = { { "socket", do_socket } }, .effect = socket_0,
     .only = WANT_NUM("family", AF_UNIX), .args = { WANT_NUM("family", AF_UNIX) },
     .denied_as = ENOMEM, .denied_by = "sk_prot_alloc");

static int seqpacket_socket(struct subject *s)
{
	return socket_slot(s, 0, AF_UNIX, SOCK_SEQPACKET, 0);
}

static int do_close(struct subject *s)
{
	return SYS(close(s->fd[0]));
}

#define WANT_SEQPACKET WANT_WORD("sk", KRSI_B, SOCK_ID(AF_UNIX, SOCK_SEQPACKET, 0))

VOID_HOOK(sk_free_security, FAMILY_SOCKET, .setup = seqpacket_socket,
	  .route = { { "close", do_close } }, .only = WANT_SEQPACKET, .args = { WANT_SEQPACKET });
