// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on netlink messages to the kernel. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
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
	return own_network() ?: socket_slot(s, 0, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static int do_request(struct subject *s)
{
	return SYS(send(s->fd[0], &get_loopback, sizeof(get_loopback), 0));
}

static bool answered(struct subject *s)
{
	struct nlmsghdr head = {};

	return recv(s->fd[0], &head, sizeof(head), MSG_DONTWAIT | MSG_TRUNC) > 0 &&
	       head.nlmsg_type == RTM_NEWLINK;
}

HOOK(netlink_send, FAMILY_NETWORK, .setup = route_socket, .route = { { "sendto", do_request } },
     .effect = answered,
     .args = { WANT_SOCKET("sk", 0), WANT_WORD("skb", KRSI_A, sizeof(get_loopback)) });
