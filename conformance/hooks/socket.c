// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the system calls that make and use sockets. */
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"

static int do_socket(struct subject *s)
{
	return socket_slot(s, 0, AF_UNIX, SOCK_DGRAM, 0);
}

static bool socket_0(struct subject *s)
{
	struct stat st;

	return !fstat(s->fd[0], &st) && S_ISSOCK(st.st_mode);
}

HOOK(socket_create, FAMILY_SOCKET, .route = { { "socket", do_socket } }, .effect = socket_0,
     .args = { WANT_NUM("family", AF_UNIX), WANT_NUM("type", SOCK_DGRAM), WANT_NUM("protocol", 0),
	       WANT_NUM("kern", 0) });

HOOK(socket_post_create, FAMILY_SOCKET, .route = { { "socket", do_socket } }, .effect = socket_0,
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
	return own_network() ?: socket_slot(s, 0, AF_INET, SOCK_DGRAM, 0);
}

static int do_bind(struct subject *s)
{
	return SYS(bind(s->fd[0], LOOPBACK(PORT)));
}

static bool has_port(struct subject *s)
{
	struct sockaddr_in addr = {};
	socklen_t len = sizeof(addr);

	return !getsockname(s->fd[0], (struct sockaddr *)&addr, &len) &&
	       addr.sin_port == htons(PORT);
}

HOOK(socket_bind, FAMILY_SOCKET, .setup = inet_socket, .route = { { "bind", do_bind } },
     .effect = has_port,
     .args = { WANT_SOCKET("sock", 0), WANT_WORD("address", KRSI_A, AF_INET),
	       WANT_WORD("address", KRSI_B, PORT),
	       WANT_NUM("addrlen", sizeof(struct sockaddr_in)) });

static int do_connect(struct subject *s)
{
	return SYS(connect(s->fd[0], LOOPBACK(PORT)));
}

static bool has_peer(struct subject *s)
{
	struct sockaddr_in addr = {};
	socklen_t len = sizeof(addr);

	return !getpeername(s->fd[0], (struct sockaddr *)&addr, &len) &&
	       addr.sin_port == htons(PORT);
}

HOOK(socket_connect, FAMILY_SOCKET, .setup = inet_socket, .route = { { "connect", do_connect } },
     .effect = has_peer,
     .args = { WANT_SOCKET("sock", 0), WANT_WORD("address", KRSI_A, AF_INET),
	       WANT_WORD("address", KRSI_B, PORT),
	       WANT_NUM("addrlen", sizeof(struct sockaddr_in)) });

static int bound_socket(struct subject *s)
{
	return unix_slot(s, 0, SOCK_STREAM, "listener");
}

static int do_listen(struct subject *s)
{
	return SYS(listen(s->fd[0], 3));
}

static bool listens(struct subject *s)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return !getsockopt(s->fd[0], SOL_SOCKET, SO_ACCEPTCONN, &value, &len) && value == 1;
}

HOOK(socket_listen, FAMILY_SOCKET, .setup = bound_socket, .route = { { "listen", do_listen } },
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

/* What the client says arrives at the socket that was accepted. */
static bool accepted(struct subject *s)
{
	return send(s->fd[1], MESSAGE, MESSAGE_LEN, MSG_NOSIGNAL) == MESSAGE_LEN &&
	       has_message(s->fd[2]);
}

HOOK(socket_accept, FAMILY_SOCKET, .setup = pending_connection,
     .route = { { "accept4", do_accept4 }, { "accept", do_accept } }, .effect = accepted,
     .args = { WANT_SOCKET("sock", 0), WANT_SOCKET("newsock", 2) });

VOID_HOOK(sock_graft, FAMILY_SOCKET, .setup = pending_connection,
	  .route = { { "accept4", do_accept4 } }, .effect = accepted,
	  .args = { WANT_SOCKET("sk", 2), WANT_SOCKET("parent", 2) });

/* A pair of sockets; a file with the message and a pipe for the routes that need them. */
static int ready_pair(struct subject *s)
{
	int err = unix_pair(s, SOCK_DGRAM) ?: put_file("message", MESSAGE);

	if (err)
		return err;
	TRY(pipe2(&s->fd[3], O_CLOEXEC));
	return open_slot(s, 2, "message", O_RDONLY, 0);
}

static struct iovec message_iov = { .iov_base = MESSAGE, .iov_len = MESSAGE_LEN };

static int do_sendto(struct subject *s)
{
	return SYS(send(s->fd[0], MESSAGE, MESSAGE_LEN, 0));
}

static int do_sendmsg(struct subject *s)
{
	const struct msghdr msg = { .msg_iov = &message_iov, .msg_iovlen = 1 };

	return SYS(sendmsg(s->fd[0], &msg, 0));
}

static int do_sendmmsg(struct subject *s)
{
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &message_iov, .msg_iovlen = 1 } };

	return SYS(sendmmsg(s->fd[0], &msg, 1, 0));
}

static int do_write(struct subject *s)
{
	return SYS(write(s->fd[0], MESSAGE, MESSAGE_LEN));
}

static int do_writev(struct subject *s)
{
	return SYS(writev(s->fd[0], &message_iov, 1));
}

static int do_sendfile(struct subject *s)
{
	return SYS(sendfile(s->fd[0], s->fd[2], NULL, MESSAGE_LEN));
}

static bool arrived(struct subject *s)
{
	return has_message(s->fd[1]);
}

HOOK(socket_sendmsg, FAMILY_SOCKET, .setup = ready_pair,
     .route = { { "sendto", do_sendto },
		{ "sendmsg", do_sendmsg },
		{ "sendmmsg", do_sendmmsg },
		{ "write", do_write },
		{ "writev", do_writev },
		{ "sendfile", do_sendfile } },
     .effect = arrived, .args = { WANT_SOCKET("sock", 0), WANT_NUM("size", MESSAGE_LEN) });

HOOK(socket_getpeersec_dgram, FAMILY_SOCKET, .setup = ready_pair,
     .route = { { "sendto", do_sendto } }, .effect = arrived, .args = { WANT_SOCKET("sock", 0) },
     .ignored_by = "unix_get_peersec_dgram");

/* A pair of sockets with a message under way from 1 to 0. */
static int message_waits(struct subject *s)
{
	int err = ready_pair(s);

	if (err)
		return err;
	TRY(send(s->fd[1], MESSAGE, MESSAGE_LEN, 0));
	return 0;
}

static int do_recvfrom(struct subject *s)
{
	return SYS(recv(s->fd[0], s->text, sizeof(s->text), MSG_DONTWAIT));
}

static struct iovec text_iov(struct subject *s)
{
	return (struct iovec){ .iov_base = s->text, .iov_len = sizeof(s->text) };
}

static int do_recvmsg(struct subject *s)
{
	struct iovec iov = text_iov(s);
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return SYS(recvmsg(s->fd[0], &msg, MSG_DONTWAIT));
}

static int do_recvmmsg(struct subject *s)
{
	struct iovec iov = text_iov(s);
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };

	return SYS(recvmmsg(s->fd[0], &msg, 1, MSG_DONTWAIT, NULL));
}

static int do_read(struct subject *s)
{
	return SYS(read(s->fd[0], s->text, sizeof(s->text)));
}

static int do_readv(struct subject *s)
{
	struct iovec iov = text_iov(s);

	return SYS(readv(s->fd[0], &iov, 1));
}

/* Into a pipe; from there the message is only fetched for `effect` to see. */
static int do_splice(struct subject *s)
{
	int ret = SYS(splice(s->fd[0], NULL, s->fd[4], NULL, sizeof(s->text), 0));

	return ret < 0 ? ret : SYS(read(s->fd[3], s->text, sizeof(s->text)));
}

static bool received(struct subject *s)
{
	return !strcmp(s->text, MESSAGE);
}

HOOK(socket_recvmsg, FAMILY_SOCKET, .setup = message_waits,
     .route = { { "recvfrom", do_recvfrom },
		{ "recvmsg", do_recvmsg },
		{ "recvmmsg", do_recvmmsg },
		{ "read", do_read },
		{ "readv", do_readv },
		{ "splice", do_splice } },
     .effect = received,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("size", sizeof(((struct subject *)0)->text)),
	       WANT_NUM("flags", MSG_DONTWAIT) });

static int stream_pair(struct subject *s)
{
	return unix_pair(s, SOCK_STREAM);
}

static int do_shutdown(struct subject *s)
{
	return SYS(shutdown(s->fd[0], SHUT_WR));
}

static bool peer_sees_end(struct subject *s)
{
	return recv(s->fd[1], s->text, 1, MSG_DONTWAIT) == 0;
}

HOOK(socket_shutdown, FAMILY_SOCKET, .setup = stream_pair, .route = { { "shutdown", do_shutdown } },
     .effect = peer_sees_end, .args = { WANT_SOCKET("sock", 0), WANT_NUM("how", SHUT_WR) });

/* The getters below write to s->text, or to s->val, which hold zeros until then. */
static int do_getsockname(struct subject *s)
{
	socklen_t len = sizeof(s->text);

	return SYS(getsockname(s->fd[0], (struct sockaddr *)s->text, &len));
}

static int do_getpeername(struct subject *s)
{
	socklen_t len = sizeof(s->text);

	return SYS(getpeername(s->fd[0], (struct sockaddr *)s->text, &len));
}

static bool name_written(struct subject *s)
{
	return ((struct sockaddr *)s->text)->sa_family == AF_UNIX;
}

HOOK(socket_getsockname, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "getsockname", do_getsockname } }, .effect = name_written,
     .args = { WANT_SOCKET("sock", 0) });

HOOK(socket_getpeername, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "getpeername", do_getpeername } }, .effect = name_written,
     .args = { WANT_SOCKET("sock", 0) });

static int do_getsockopt(struct subject *s)
{
	socklen_t len = sizeof(s->val[0]);

	return SYS(getsockopt(s->fd[0], SOL_SOCKET, SO_TYPE, &s->val[0], &len));
}

static bool type_written(struct subject *s)
{
	return s->val[0] == SOCK_STREAM;
}

HOOK(socket_getsockopt, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "getsockopt", do_getsockopt } }, .effect = type_written,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("level", SOL_SOCKET),
	       WANT_NUM("optname", SO_TYPE) });

static int do_setsockopt(struct subject *s)
{
	const int priority = 3;

	return SYS(setsockopt(s->fd[0], SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)));
}

static bool priority_set(struct subject *s)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return !getsockopt(s->fd[0], SOL_SOCKET, SO_PRIORITY, &value, &len) && value == 3;
}

HOOK(socket_setsockopt, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "setsockopt", do_setsockopt } }, .effect = priority_set,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("level", SOL_SOCKET),
	       WANT_NUM("optname", SO_PRIORITY) });

static int do_peersec(struct subject *s)
{
	socklen_t len = sizeof(s->text);

	return SYS(getsockopt(s->fd[0], SOL_SOCKET, SO_PEERSEC, s->text, &len));
}

/* No label LSM is there to answer, so there is no answer to be withheld: `effect` has nothing to
 * look at, and the call must fail as it does on a kernel without BPF LSM. */
HOOK(socket_getpeersec_stream, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "getsockopt", do_peersec } }, .normal = -ENOPROTOOPT,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("len", sizeof(((struct subject *)0)->text)) });

static int do_close(struct subject *s)
{
	return SYS(close(s->fd[0]));
}

/* Both are called where the struct sock has no socket: its kind identifies it. */
HOOK(sk_alloc_security, FAMILY_SOCKET, .route = { { "socket", do_socket } }, .effect = socket_0,
     .args = { WANT_NUM("family", AF_UNIX) }, .denied_as = ENOMEM, .denied_by = "sk_prot_alloc");

VOID_HOOK(sk_free_security, FAMILY_SOCKET, .setup = do_socket, .route = { { "close", do_close } },
	  .args = { WANT_WORD("sk", KRSI_B, SOCK_ID(AF_UNIX, SOCK_DGRAM, 0)) });
