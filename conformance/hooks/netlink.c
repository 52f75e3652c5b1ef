// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on netlink messages to the kernel. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/uring.h"
#include "conformance/hooks/net.h"

static const struct {
	struct nlmsghdr head;
	struct ifinfomsg info;
} get_loopback = {
	.head = { .nlmsg_len = sizeof(get_loopback),
		  .nlmsg_type = RTM_GETLINK,
		  .nlmsg_flags = NLM_F_REQUEST },
	.info = { .ifi_family = AF_UNSPEC, .ifi_index = 1 },
};

static int route_socket(struct subject *s)
{
	return own_network() ?: uring__open() ?:
		       socket_slot(s, 0, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static int do_request(struct subject *s)
{
	return SYS(send(s->fd[0], &get_loopback, sizeof(get_loopback), 0));
}

static int do_write(struct subject *s)
{
	return SYS(write(s->fd[0], &get_loopback, sizeof(get_loopback)));
}

static struct iovec request_iov = { (void *)&get_loopback, sizeof(get_loopback) };

static int do_sendmsg(struct subject *s)
{
	const struct msghdr msg = { .msg_iov = &request_iov, .msg_iovlen = 1 };

	return SYS(sendmsg(s->fd[0], &msg, 0));
}

static int do_sendmmsg(struct subject *s)
{
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &request_iov, .msg_iovlen = 1 } };

	return SYS(sendmmsg(s->fd[0], &msg, 1, 0));
}

URING_ROUTE(send, SEND, .fd = s->fd[0], .addr = URING_ADDR(&get_loopback),
	    .len = sizeof(get_loopback))

static bool answered(struct subject *s)
{
	struct nlmsghdr head = {};

	return recv(s->fd[0], &head, sizeof(head), MSG_DONTWAIT | MSG_TRUNC) > 0 &&
	       head.nlmsg_type == RTM_NEWLINK;
}

HOOK(netlink_send, FAMILY_NETWORK, .setup = route_socket,
     .route = { { "sendto", do_request },
		{ "write", do_write },
		{ "sendmsg", do_sendmsg },
		{ "sendmmsg", do_sendmmsg },
		{ "io_uring_send", uring_send, .probe = no_uring_send } },
     .effect = answered,
     .args = { WANT_SOCKET("sk", 0), WANT_WORD("skb", KRSI_A, sizeof(get_loopback)) });
