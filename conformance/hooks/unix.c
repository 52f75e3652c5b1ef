// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on UNIX sockets: who may connect and send to whom. */
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/uring.h"
#include "conformance/hooks/net.h"

/* A listener at "listener" in slot 0, and a client in slot 1 that has a name of its own. */
static int listener_and_client(struct subject *s)
{
	int err = unix_slot(s, 0, SOCK_STREAM, "listener");

	if (err)
		return err;
	TRY(listen(s->fd[0], 1));
	err = uring__open();
	return err ?: socket_slot(s, 1, AF_UNIX, SOCK_STREAM, 0);
}

static int do_connect(struct subject *s)
{
	return SYS(connect(s->fd[1], UNIX_PATH("listener")));
}

static const struct sockaddr_un listener = { .sun_family = AF_UNIX, .sun_path = "listener" };

URING_ROUTE(connect, CONNECT, .fd = s->fd[1], .addr = URING_ADDR(&listener),
	    .off = sizeof(listener))

/* What the client says arrives at the socket that the listener accepts. */
static bool connected(struct subject *s)
{
	return send(s->fd[1], MESSAGE, MESSAGE_LEN, MSG_NOSIGNAL) == MESSAGE_LEN &&
	       !keep_fd(s, 2, accept4(s->fd[0], NULL, NULL, SOCK_CLOEXEC)) && has_message(s->fd[2]);
}

HOOK(unix_stream_connect, FAMILY_SOCKET, .setup = listener_and_client,
     .route = { { "connect", do_connect },
		{ "io_uring", uring_connect, .probe = no_uring_connect } },
     .effect = connected,
     .args = { WANT_SOCKET("sock", 1), WANT_SOCKET("other", 0),
	       WANT_WORD("newsk", KRSI_B, SOCK_ID(AF_UNIX, 0, 0)) });

HOOK(unix_find, FAMILY_SOCKET, .setup = listener_and_client,
     .route = { { "connect", do_connect },
		{ "io_uring", uring_connect, .probe = no_uring_connect } },
     .effect = connected, .args = { WANT_FILE("path", "listener"), WANT_SOCKET("other", 0) });

static int receiver_and_sender(struct subject *s)
{
	return unix_slot(s, 0, SOCK_DGRAM, "receiver") ?:
		       socket_slot(s, 1, AF_UNIX, SOCK_DGRAM, 0) ?: uring__open();
}

static int do_sendto(struct subject *s)
{
	return SYS(sendto(s->fd[1], MESSAGE, MESSAGE_LEN, 0, UNIX_PATH("receiver")));
}

static int do_dgram_connect(struct subject *s)
{
	return SYS(connect(s->fd[1], UNIX_PATH("receiver")));
}

static struct sockaddr_un receiver = { .sun_family = AF_UNIX, .sun_path = "receiver" };
static struct iovec message_iov = { MESSAGE, MESSAGE_LEN };
static struct mmsghdr message = { .msg_hdr = { .msg_name = &receiver,
					       .msg_namelen = sizeof(receiver),
					       .msg_iov = &message_iov,
					       .msg_iovlen = 1 } };

static int do_sendmsg(struct subject *s)
{
	return SYS(sendmsg(s->fd[1], &message.msg_hdr, 0));
}

static int do_sendmmsg(struct subject *s)
{
	return SYS(sendmmsg(s->fd[1], &message, 1, 0));
}

URING_ROUTE(sendmsg, SENDMSG, .fd = s->fd[1], .addr = URING_ADDR(&message.msg_hdr), .len = 1)

/* The message arrived, or the sender has a peer. */
static bool may_send(struct subject *s)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	return has_message(s->fd[0]) || !getpeername(s->fd[1], (struct sockaddr *)&addr, &len);
}

HOOK(unix_may_send, FAMILY_SOCKET, .setup = receiver_and_sender,
     .route = { { "sendto", do_sendto },
		{ "connect", do_dgram_connect },
		{ "sendmsg", do_sendmsg },
		{ "sendmmsg", do_sendmmsg },
		{ "io_uring_sendmsg", uring_sendmsg, .probe = no_uring_sendmsg } },
     .effect = may_send, .args = { WANT_SOCKET("sock", 1), WANT_SOCKET("other", 0) });
