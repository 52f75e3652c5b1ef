// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the use of sockets: messages, shutdown, names and options. */
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/compat.h"
#include "conformance/hooks/net.h"
#include "conformance/hooks/ring.h"
#include "conformance/hooks/running.h"

/* Of headers newer than Linux 6.7: the operation, its commands, and where the value's address is.
 */
enum { RING_OP_COMMAND = 46, COMMAND_GETSOCKOPT = 2, COMMAND_SETSOCKOPT = 3, OPTVAL_OFFSET = 48 };

/* A pair of sockets; a file with the message and a pipe for the routes that need them. */
static int ready_pair(struct subject *s)
{
	int err = unix_pair(s, SOCK_DGRAM) ?: put_file("message", MESSAGE);

	ring_open();
	if (err)
		return err;
	TRY(pipe2(&s->fd[3], O_CLOEXEC));
	TRY(write(s->fd[4], MESSAGE, MESSAGE_LEN));
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

RING_PROBE(SEND)
RING_PROBE(SENDMSG)

static int do_ring_send(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_SEND,
		.fd = s->fd[0],
		.addr = (uintptr_t)MESSAGE,
		.len = MESSAGE_LEN,
	};

	return ring_run(&request);
}

static int do_ring_sendmsg(struct subject *s)
{
	const struct msghdr msg = { .msg_iov = &message_iov, .msg_iovlen = 1 };
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_SENDMSG,
		.fd = s->fd[0],
		.addr = (uintptr_t)&msg,
		.len = 1,
	};

	return ring_run(&request);
}

RING_PROBE(WRITE)
RING_PROBE(WRITEV)

static int do_ring_write(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_WRITE,
		.fd = s->fd[0],
		.addr = (uintptr_t)MESSAGE,
		.len = MESSAGE_LEN,
	};

	return ring_run(&request);
}

static int do_ring_writev(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_WRITEV,
		.fd = s->fd[0],
		.addr = (uintptr_t)&message_iov,
		.len = 1,
	};

	return ring_run(&request);
}

static int do_pwritev2(struct subject *s)
{
	return SYS(pwritev2(s->fd[0], &message_iov, 1, -1, 0));
}

static int do_splice_to(struct subject *s)
{
	return SYS(splice(s->fd[3], NULL, s->fd[0], NULL, MESSAGE_LEN, 0));
}

/* The numbers of the calls behind socketcall(2), as in <linux/net.h>. */
enum { CALL_SEND = 9, CALL_RECV = 10, CALL_SETSOCKOPT = 14, CALL_GETSOCKOPT = 15 };

static uint32_t compat_args[5];

static int socketcall(int number)
{
	return compat_call(COMPAT_SOCKETCALL, number, COMPAT_POINTER(compat_args), 0, 0, 0, 0);
}

static int do_compat_send(struct subject *s)
{
	static char message[] = MESSAGE;

	compat_args[0] = s->fd[0];
	compat_args[1] = COMPAT_POINTER(message);
	compat_args[2] = MESSAGE_LEN;
	return socketcall(CALL_SEND);
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
		{ "sendfile", do_sendfile },
		{ "io_uring_send", do_ring_send, .probe = lacks_ring_SEND },
		{ "io_uring_sendmsg", do_ring_sendmsg, .probe = lacks_ring_SENDMSG },
		{ "io_uring_write", do_ring_write, .probe = lacks_ring_WRITE },
		{ "io_uring_writev", do_ring_writev, .probe = lacks_ring_WRITEV },
		{ "pwritev2", do_pwritev2 },
		{ "splice", do_splice_to },
		{ "int80-socketcall", do_compat_send, .probe = no_compat } },
     .effect = arrived, .args = { WANT_SOCKET("sock", 0), WANT_NUM("size", MESSAGE_LEN) });

HOOK(socket_getpeersec_dgram, FAMILY_SOCKET, .default_ret = -ENOPROTOOPT, .setup = ready_pair,
     .route = { { "sendto", do_sendto } }, .effect = arrived, .args = { WANT_SOCKET("sock", 0) },
     .ignored_by = "unix_get_peersec_dgram");

/* A pair of sockets with a message under way from 1 to 0, and the pipe empty. */
static int message_waits(struct subject *s)
{
	int err = ready_pair(s);

	if (err)
		return err;
	TRY(read(s->fd[3], s->text, MESSAGE_LEN));
	memset(s->text, 0, sizeof(s->text));
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

static int do_preadv2(struct subject *s)
{
	struct iovec iov = text_iov(s);

	return SYS(preadv2(s->fd[0], &iov, 1, -1, 0));
}

RING_PROBE(READ)
RING_PROBE(READV)

static int do_ring_read(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_READ,
		.fd = s->fd[0],
		.addr = (uintptr_t)s->text,
		.len = sizeof(s->text),
	};

	return ring_run(&request);
}

static int do_ring_readv(struct subject *s)
{
	struct iovec iov = text_iov(s);
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_READV,
		.fd = s->fd[0],
		.addr = (uintptr_t)&iov,
		.len = 1,
	};

	return ring_run(&request);
}

static int do_compat_recv(struct subject *s)
{
	static char buf[sizeof(s->text)];
	int ret;

	compat_args[0] = s->fd[0];
	compat_args[1] = COMPAT_POINTER(buf);
	compat_args[2] = sizeof(buf);
	ret = socketcall(CALL_RECV);
	memcpy(s->text, buf, sizeof(buf));
	return ret;
}

RING_PROBE(RECV)
RING_PROBE(RECVMSG)

static int do_ring_recv(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_RECV,
		.fd = s->fd[0],
		.addr = (uintptr_t)s->text,
		.len = sizeof(s->text),
	};

	return ring_run(&request);
}

static int do_ring_recvmsg(struct subject *s)
{
	struct iovec iov = text_iov(s);
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_RECVMSG,
		.fd = s->fd[0],
		.addr = (uintptr_t)&msg,
		.len = 1,
	};

	return ring_run(&request);
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
		{ "splice", do_splice },
		{ "io_uring_recv", do_ring_recv, .probe = lacks_ring_RECV },
		{ "io_uring_recvmsg", do_ring_recvmsg, .probe = lacks_ring_RECVMSG },
		{ "io_uring_read", do_ring_read, .probe = lacks_ring_READ },
		{ "io_uring_readv", do_ring_readv, .probe = lacks_ring_READV },
		{ "preadv2", do_preadv2 },
		{ "int80-socketcall", do_compat_recv, .probe = no_compat } },
     .effect = received,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("size", sizeof(((struct subject *)0)->text)),
	       WANT_NUM("flags", MSG_DONTWAIT) });

static int stream_pair(struct subject *s)
{
	ring_open();
	return unix_pair(s, SOCK_STREAM);
}

static int do_shutdown(struct subject *s)
{
	return SYS(shutdown(s->fd[0], SHUT_WR));
}

RING_PROBE(SHUTDOWN)

static int do_ring_shutdown(struct subject *s)
{
	const struct io_uring_sqe request = {
		.opcode = IORING_OP_SHUTDOWN,
		.fd = s->fd[0],
		.len = SHUT_WR,
	};

	return ring_run(&request);
}

static bool peer_sees_end(struct subject *s)
{
	return recv(s->fd[1], s->text, 1, MSG_DONTWAIT) == 0;
}

HOOK(socket_shutdown, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "shutdown", do_shutdown },
		{ "io_uring", do_ring_shutdown, .probe = lacks_ring_SHUTDOWN } },
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

/* A command to a socket, as newer headers lay it out. */
static struct io_uring_sqe option_command(struct subject *s, int command, int option, void *value)
{
	struct io_uring_sqe request = {
		.opcode = RING_OP_COMMAND,
		.fd = s->fd[0],
		.off = command,
		.addr = (uint64_t)option << 32 | SOL_SOCKET,
		.splice_fd_in = sizeof(int),
	};
	uint64_t address = (uintptr_t)value;

	memcpy((char *)&request + OPTVAL_OFFSET, &address, sizeof(address));
	return request;
}

static int do_ring_getsockopt(struct subject *s)
{
	struct io_uring_sqe request = option_command(s, COMMAND_GETSOCKOPT, SO_TYPE, &s->val[0]);

	return ring_run(&request);
}

static int try_option_command(struct subject *s)
{
	int err = stream_pair(s);

	return err ?: do_ring_getsockopt(s);
}

static const char *no_option_commands(void)
{
	struct subject s = {};

	if (!btf_has_name("SOCKET_URING_OP_SETSOCKOPT"))
		return "no such command of io_uring here";
	/* io_uring_cmd_sock() once asked first for an ioctl, which UNIX sockets have elsewhere */
	return in_child(&s, try_option_command) == -EOPNOTSUPP
		       ? "commands of io_uring do not reach UNIX sockets here"
		       : NULL;
}

static int do_compat_getsockopt(struct subject *s)
{
	static int value;
	static socklen_t len = sizeof(value);
	int ret;

	compat_args[0] = s->fd[0];
	compat_args[1] = SOL_SOCKET;
	compat_args[2] = SO_TYPE;
	compat_args[3] = COMPAT_POINTER(&value);
	compat_args[4] = COMPAT_POINTER(&len);
	ret = socketcall(CALL_GETSOCKOPT);
	s->val[0] = value;
	return ret;
}

static bool type_written(struct subject *s)
{
	return s->val[0] == SOCK_STREAM;
}

HOOK(socket_getsockopt, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "getsockopt", do_getsockopt },
		{ "int80-socketcall", do_compat_getsockopt, .probe = no_compat },
		{ "io_uring_cmd", do_ring_getsockopt, .probe = no_option_commands } },
     .effect = type_written,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("level", SOL_SOCKET),
	       WANT_NUM("optname", SO_TYPE) });

static int do_setsockopt(struct subject *s)
{
	const int priority = 3;

	return SYS(setsockopt(s->fd[0], SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)));
}

static int do_ring_setsockopt(struct subject *s)
{
	static int priority = 3;
	struct io_uring_sqe request = option_command(s, COMMAND_SETSOCKOPT, SO_PRIORITY, &priority);

	return ring_run(&request);
}

static int do_compat_setsockopt(struct subject *s)
{
	static int priority = 3;

	compat_args[0] = s->fd[0];
	compat_args[1] = SOL_SOCKET;
	compat_args[2] = SO_PRIORITY;
	compat_args[3] = COMPAT_POINTER(&priority);
	compat_args[4] = sizeof(priority);
	return socketcall(CALL_SETSOCKOPT);
}

static bool priority_set(struct subject *s)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return !getsockopt(s->fd[0], SOL_SOCKET, SO_PRIORITY, &value, &len) && value == 3;
}

HOOK(socket_setsockopt, FAMILY_SOCKET, .setup = stream_pair,
     .route = { { "setsockopt", do_setsockopt },
		{ "int80-socketcall", do_compat_setsockopt, .probe = no_compat },
		{ "io_uring_cmd", do_ring_setsockopt, .probe = no_option_commands } },
     .effect = priority_set,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("level", SOL_SOCKET),
	       WANT_NUM("optname", SO_PRIORITY) });

static int do_peersec(struct subject *s)
{
	socklen_t len = sizeof(s->text);

	return SYS(getsockopt(s->fd[0], SOL_SOCKET, SO_PEERSEC, s->text, &len));
}

/* No label LSM is there to answer, so there is no answer to be withheld: `effect` has nothing to
 * look at, and the call must fail as it does on a kernel without BPF LSM. */
HOOK(socket_getpeersec_stream, FAMILY_SOCKET, .default_ret = -ENOPROTOOPT, .setup = stream_pair,
     .route = { { "getsockopt", do_peersec } }, .normal = -ENOPROTOOPT,
     .args = { WANT_SOCKET("sock", 0), WANT_NUM("len", sizeof(((struct subject *)0)->text)) });
