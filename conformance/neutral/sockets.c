// SPDX-License-Identifier: GPL-2.0-only
/* Sockets: which can be made, what they are asked, and how they talk within the machine. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

#define NB SOCK_NONBLOCK

static const struct call socket_calls[] = {
	OK("unix-stream", socket, AF_UNIX, SOCK_STREAM, 0),
	OK("unix-dgram", socket, AF_UNIX, SOCK_DGRAM, 0),
	OK("unix-seqpacket", socket, AF_UNIX, SOCK_SEQPACKET, 0),
	OK("unix-protocol", socket, AF_UNIX, SOCK_STREAM, 77),
	OK("tcp", socket, AF_INET, SOCK_STREAM, 0),
	OK("udp", socket, AF_INET, SOCK_DGRAM, 0),
	OK("icmp", socket, AF_INET, SOCK_DGRAM, IPPROTO_ICMP),
	OK("raw", socket, AF_INET, SOCK_RAW, IPPROTO_RAW),
	OK("raw-icmp", socket, AF_INET, SOCK_RAW, IPPROTO_ICMP),
	OK("udplite", socket, AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE),
	OK("inet-mismatch", socket, AF_INET, SOCK_STREAM, IPPROTO_UDP),
	OK("tcp6", socket, AF_INET6, SOCK_STREAM, 0),
	OK("udp6", socket, AF_INET6, SOCK_DGRAM, 0),
	OK("raw6", socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6),
	OK("packet", socket, AF_PACKET, SOCK_RAW, 0),
	OK("packet-dgram", socket, AF_PACKET, SOCK_DGRAM, 0),
	OK("route", socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	OK("audit", socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT),
	OK("uevent", socket, AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT),
	OK("generic", socket, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC),
	OK("selinux", socket, AF_NETLINK, SOCK_RAW, NETLINK_SELINUX),
	OK("netlink-wrong", socket, AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE),
	OK("no-family", socket, 99, SOCK_STREAM, 0),
	OK("unspec", socket, AF_UNSPEC, SOCK_STREAM, 0),
	OK("no-type", socket, AF_INET, 77, 0),
	OK("flags-wrong", socket, AF_INET, SOCK_STREAM | 0x70000000, 0),
	NUM("pair-unix", socketpair, AF_UNIX, SOCK_STREAM, 0, out),
	NUM("pair-inet", socketpair, AF_INET, SOCK_STREAM, 0, out),
};
WORKLOAD(socket, socket_calls, .name = "socket", .as = AS_ANYONE);

#define SOL SOL_SOCKET
static int one = 1, many = 1 << 30, wrong = -77;
static struct timeval short_time = { 1, 0 };
static struct linger no_linger = { 0, 0 };

static const struct call sockopt_calls[] = {
	KEEP(0, "tcp", socket, AF_INET, SOCK_STREAM, 0),
	KEEP(1, "udp", socket, AF_INET, SOCK_DGRAM, 0),
	KEEP(2, "unix", socket, AF_UNIX, SOCK_STREAM, 0),
	LEN("type", getsockopt, SLOT(0), SOL, SO_TYPE, out, &out_length),
	LEN("domain", getsockopt, SLOT(0), SOL, SO_DOMAIN, out, &out_length),
	LEN("protocol", getsockopt, SLOT(0), SOL, SO_PROTOCOL, out, &out_length),
	LEN("accepts", getsockopt, SLOT(0), SOL, SO_ACCEPTCONN, out, &out_length),
	LEN("error", getsockopt, SLOT(0), SOL, SO_ERROR, out, &out_length),
	LEN("send-buffer", getsockopt, SLOT(0), SOL, SO_SNDBUF, out, &out_length),
	LEN("receive-buffer", getsockopt, SLOT(1), SOL, SO_RCVBUF, out, &out_length),
	LEN("credentials", getsockopt, SLOT(2), SOL, SO_PEERCRED, out, &out_length),
	LEN("groups", getsockopt, SLOT(2), SOL, SO_PEERGROUPS, out, &out_length),
	NUM("filter", getsockopt, SLOT(0), SOL, SO_GET_FILTER, out, &out_length),
	NUM("no-option", getsockopt, SLOT(0), SOL, 7777, out, &out_length),
	NUM("no-level", getsockopt, SLOT(0), 7777, 1, out, &out_length),
	NUM("set-reuse", setsockopt, SLOT(0), SOL, SO_REUSEADDR, &one, 4),
	NUM("set-short", setsockopt, SLOT(0), SOL, SO_REUSEADDR, &one, 2),
	NUM("set-broadcast", setsockopt, SLOT(1), SOL, SO_BROADCAST, &one, 4),
	NUM("set-keepalive", setsockopt, SLOT(0), SOL, SO_KEEPALIVE, &one, 4),
	NUM("set-linger", setsockopt, SLOT(0), SOL, SO_LINGER, &no_linger, sizeof(no_linger)),
	NUM("set-timeout", setsockopt, SLOT(0), SOL, SO_RCVTIMEO, &short_time, sizeof(short_time)),
	NUM("set-mark", setsockopt, SLOT(0), SOL, SO_MARK, &one, 4),
	NUM("set-priority-high", setsockopt, SLOT(0), SOL, SO_PRIORITY, &many, 4),
	NUM("set-priority", setsockopt, SLOT(0), SOL, SO_PRIORITY, &one, 4),
	NUM("set-debug", setsockopt, SLOT(0), SOL, SO_DEBUG, &one, 4),
	NUM("force-buffer", setsockopt, SLOT(0), SOL, SO_SNDBUFFORCE, &one, 4),
	NUM("set-device", setsockopt, SLOT(1), SOL, SO_BINDTODEVICE, "lo", 3),
	NUM("set-no-device", setsockopt, SLOT(1), SOL, SO_BINDTODEVICE, "nodev", 6),
	NUM("set-busy-poll", setsockopt, SLOT(1), SOL, SO_BUSY_POLL, &one, 4),
	NUM("set-busy-poll-wrong", setsockopt, SLOT(1), SOL, SO_BUSY_POLL, &wrong, 4),
	NUM("set-pass-cred", setsockopt, SLOT(2), SOL, SO_PASSCRED, &one, 4),
	NUM("set-pass-security", setsockopt, SLOT(2), SOL, SO_PASSSEC, &one, 4),
	NUM("attach-bpf", setsockopt, SLOT(0), SOL, SO_ATTACH_BPF, &wrong, 4),
	NUM("attach-filter", setsockopt, SLOT(0), SOL, SO_ATTACH_FILTER, out, 16),
	NUM("lock-filter", setsockopt, SLOT(0), SOL, SO_LOCK_FILTER, &one, 4),
	LEN("nodelay", getsockopt, SLOT(0), IPPROTO_TCP, TCP_NODELAY, out, &out_length),
	NUM("set-nodelay", setsockopt, SLOT(0), IPPROTO_TCP, TCP_NODELAY, &one, 4),
	NUM("set-repair", setsockopt, SLOT(0), IPPROTO_TCP, TCP_REPAIR, &one, 4),
	NUM("set-transparent", setsockopt, SLOT(0), IPPROTO_IP, IP_TRANSPARENT, &one, 4),
	NUM("set-congestion", setsockopt, SLOT(0), IPPROTO_TCP, TCP_CONGESTION, "reno", 4),
	NUM("set-upper-layer", setsockopt, SLOT(0), IPPROTO_TCP, TCP_ULP, "none", 4),
	NUM("set-options", setsockopt, SLOT(0), IPPROTO_IP, IP_OPTIONS, "", 0),
	NUM("set-policy", setsockopt, SLOT(0), IPPROTO_IP, IP_XFRM_POLICY, out, 16),
	NUM("tables", setsockopt, SLOT(0), IPPROTO_IP, 64, out, 16),
};
WORKLOAD(sockopt, sockopt_calls, .name = "sockopt", .as = AS_ANYONE);

static struct sockaddr_un un_path = { AF_UNIX, "socket" }, un_none = { AF_UNIX, "none" };
static struct sockaddr_un un_public = { AF_UNIX, "public" }, un_closed = { AF_UNIX, "closed/s" };
static struct sockaddr_un un_dgram = { AF_UNIX, "dgram" };
static struct sockaddr_un un_roots = { AF_UNIX, "roots" };
#define UN sizeof(struct sockaddr_un)

/* A socket of root's that only root may connect to. */
static int make_roots_socket(void)
{
	int err = make_objects(), fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (err)
		return err;
	TRY(bind(fd, (struct sockaddr *)&un_roots, UN));
	TRY(listen(fd, 5));
	return SYS(chmod("roots", 0600));
}

static int pair(void)
{
	int fds[2], ret = SYS(socketpair(AF_UNIX, SOCK_DGRAM | NB, 0, fds));

	slot[8] = ret ? -1 : fds[0];
	slot[9] = ret ? -1 : fds[1];
	return ret;
}

/* Sends a descriptor over the pair; what arrives is open on the same file. */
static int pass_descriptor(void)
{
	char control[CMSG_SPACE(sizeof(int))] = "", c = 'x';
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fd = open("public", O_RDONLY | O_CLOEXEC);

	*cmsg = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	TRY(sendmsg(slot[8], &msg, 0));
	TRY(recvmsg(slot[9], &msg, MSG_CMSG_CLOEXEC));
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return msg.msg_controllen ? SYS(read(fd, out, 64)) : -ENOMSG;
}

static const struct call unix_calls[] = {
	KEEP(0, "stream", socket, AF_UNIX, SOCK_STREAM | NB, 0),
	NUM("bind", bind, SLOT(0), &un_path, UN),
	NUM("bind-again", bind, SLOT(0), &un_none, UN),
	NUM("listen", listen, SLOT(0), 4),
	LEN("name", getsockname, SLOT(0), out, &out_length),
	KEEP(1, "client", socket, AF_UNIX, SOCK_STREAM | NB, 0),
	NUM("bind-exists", bind, SLOT(1), &un_public, UN),
	NUM("bind-closed", bind, SLOT(1), &un_closed, UN),
	NUM("connect-none", connect, SLOT(1), &un_none, UN),
	NUM("connect-file", connect, SLOT(1), &un_public, UN),
	NUM("connect-closed", connect, SLOT(1), &un_closed, UN),
	NUM("connect-roots", connect, SLOT(1), &un_roots, UN),
	KEEP(2, "second-client", socket, AF_UNIX, SOCK_STREAM | NB, 0),
	NUM("connect", connect, SLOT(2), &un_path, UN),
	NUM("connect-again", connect, SLOT(2), &un_path, UN),
	KEEP(3, "accept", accept4, SLOT(0), 0, 0, SOCK_CLOEXEC),
	OK("accept-none", accept4, SLOT(0), 0, 0, SOCK_CLOEXEC),
	LEN("peer", getpeername, SLOT(2), out, &out_length),
	NUM("send", sendto, SLOT(2), "hello", 5, 0, 0, 0),
	BYTES("receive", recvfrom, SLOT(3), out, 64, MSG_DONTWAIT, 0, 0),
	NUM("receive-none", recvfrom, SLOT(3), out, 64, MSG_DONTWAIT, 0, 0),
	NUM("send-urgent", sendto, SLOT(2), "!", 1, MSG_OOB, 0, 0),
	NUM("shut-down", shutdown, SLOT(3), SHUT_RDWR),
	NUM("shut-down-wrong", shutdown, SLOT(3), 77),
	NUM("send-shut", sendto, SLOT(2), "hello", 5, MSG_NOSIGNAL, 0, 0),
	KEEP(4, "dgram", socket, AF_UNIX, SOCK_DGRAM | NB, 0),
	NUM("dgram-bind", bind, SLOT(4), &un_dgram, UN),
	NUM("dgram-send", sendto, SLOT(4), "self", 4, 0, &un_dgram, UN),
	LEN("dgram-receive-name", getsockname, SLOT(4), out, &out_length),
	BYTES("dgram-receive", recvfrom, SLOT(4), out, 64, 0, 0, 0),
	NUM("dgram-send-none", sendto, SLOT(4), "x", 1, 0, &un_none, UN),
	NUM("dgram-send-stream", sendto, SLOT(4), "x", 1, 0, &un_path, UN),
	FN("pair", pair),
	FN_MEM(8, "pass-descriptor", pass_descriptor),
};
WORKLOAD(unix, unix_calls, .name = "unix", .as = AS_ANYONE, .prepare = make_roots_socket);

static const struct call peersec_calls[] = {
	FN("pair", pair),
	KEEP(0, "tcp", socket, AF_INET, SOCK_STREAM, 0),
	KEEP(1, "udp", socket, AF_INET, SOCK_DGRAM, 0),
	KEEP(2, "netlink", socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	LEN("unix", getsockopt, SLOT(8), SOL, SO_PEERSEC, out, &out_length),
	LEN("tcp-unconnected", getsockopt, SLOT(0), SOL, SO_PEERSEC, out, &out_length),
	LEN("udp-unconnected", getsockopt, SLOT(1), SOL, SO_PEERSEC, out, &out_length),
	LEN("netlink-unconnected", getsockopt, SLOT(2), SOL, SO_PEERSEC, out, &out_length),
	NUM("bad-address", getsockopt, SLOT(8), SOL, SO_PEERSEC, 1, &out_length),
	NUM("bad-length", getsockopt, SLOT(8), SOL, SO_PEERSEC, out, 1),
};
WORKLOAD(peersec, peersec_calls, .name = "peersec", .requirement = "NEU-005", .as = AS_ANYONE);

#define HERE                                                                                       \
	{                                                                                          \
		0x0100007f                                                                         \
	}
#define PORT(p) __builtin_bswap16(p)
#define ADDRESS(p)                                                                                 \
	{                                                                                          \
		.sin_family = AF_INET, .sin_port = PORT(p), .sin_addr = HERE                       \
	}
#define IN  sizeof(struct sockaddr_in)
#define IN6 sizeof(struct sockaddr_in6)
static struct sockaddr_in in_server = ADDRESS(7001), in_free = ADDRESS(7002);
static struct sockaddr_in in_low = ADDRESS(77), in_udp = ADDRESS(7003);
static struct sockaddr_in in_elsewhere = { AF_INET, PORT(7001), { 0x07070707 }, "" };
static struct sockaddr_in in_unspec = { AF_UNSPEC, 0, { 0 }, "" };
static struct sockaddr_in6 in6_here = { .sin6_family = AF_INET6,
					.sin6_port = PORT(7001),
					.sin6_addr = { { { [15] = 1 } } } };

/* The connection of slot 2 waits in slot 0's queue once its packets have gone round. */
static int accept_one(void)
{
	slot[3] = accept4(slot[0], NULL, NULL, SOCK_CLOEXEC);
	return slot[3] < 0 ? -errno : 0;
}

static const struct call inet_calls[] = {
	KEEP(0, "server", socket, AF_INET, SOCK_STREAM, 0),
	NUM("bind", bind, SLOT(0), &in_server, IN),
	NUM("bind-again", bind, SLOT(0), &in_free, IN),
	NUM("listen", listen, SLOT(0), 4),
	LEN("name", getsockname, SLOT(0), out, &out_length),
	KEEP(1, "second", socket, AF_INET, SOCK_STREAM, 0),
	NUM("bind-taken", bind, SLOT(1), &in_server, IN),
	NUM("bind-low", bind, SLOT(1), &in_low, IN),
	NUM("bind-elsewhere", bind, SLOT(1), &in_elsewhere, IN),
	NUM("bind-short", bind, SLOT(1), &in_free, 4),
	KEEP(2, "client", socket, AF_INET, SOCK_STREAM, 0),
	NUM("connect-free", connect, SLOT(2), &in_free, IN),
	NUM("connect-elsewhere", connect, SLOT(2), &in_elsewhere, IN),
	NUM("connect", connect, SLOT(2), &in_server, IN),
	NUM("connect-again", connect, SLOT(2), &in_server, IN),
	FN("accept", accept_one),
	LEN("peer", getpeername, SLOT(2), out, &out_length),
	NUM("send", sendto, SLOT(2), "hello", 5, 0, 0, 0),
	BYTES("receive", recvfrom, SLOT(3), out, 5, MSG_WAITALL, 0, 0),
	NUM("receive-none", recvfrom, SLOT(3), out, 64, MSG_DONTWAIT, 0, 0),
	LEN("label", getsockopt, SLOT(2), SOL, SO_PEERSEC, out, &out_length),
	NUM("shut-down", shutdown, SLOT(2), SHUT_WR),
	NUM("shut-down-unconnected", shutdown, SLOT(1), SHUT_WR),
	KEEP(4, "udp", socket, AF_INET, SOCK_DGRAM, 0),
	NUM("udp-bind", bind, SLOT(4), &in_udp, IN),
	NUM("udp-send", sendto, SLOT(4), "self", 4, 0, &in_udp, IN),
	BYTES("udp-receive", recvfrom, SLOT(4), out, 64, MSG_WAITALL, 0, 0),
	NUM("udp-send-elsewhere", sendto, SLOT(4), "x", 1, 0, &in_elsewhere, IN),
	NUM("udp-unaddressed", sendto, SLOT(4), "x", 1, 0, 0, 0),
	NUM("udp-connect", connect, SLOT(4), &in_udp, IN),
	NUM("udp-send-connected", sendto, SLOT(4), "again", 5, 0, 0, 0),
	NUM("udp-disconnect", connect, SLOT(4), &in_unspec, IN),
	KEEP(5, "six", socket, AF_INET6, SOCK_STREAM, 0),
	NUM("six-connect", connect, SLOT(5), &in6_here, IN6),
	NUM("six-bind", bind, SLOT(5), &in6_here, IN6),
	NUM("six-bind-four", bind, SLOT(5), &in_free, IN),
};
WORKLOAD(inet, inet_calls, .name = "inet", .as = AS_ROOT | AS_NOBODY, .apart = CLONE_NEWNET,
	 .prepare = loopback_up);

static struct sockaddr_nl nl_kernel = { .nl_family = AF_NETLINK };
static struct sockaddr_nl nl_group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
static struct {
	struct nlmsghdr head;
	struct ifinfomsg info;
} new_link = {
	{ sizeof(new_link), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
	{ .ifi_index = 1 },
}, get_link = {
	{ sizeof(get_link), RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 2, 0 },
	{ .ifi_index = 77 },
};
static struct {
	struct nlmsghdr head;
	uint32_t words[10];
} audit_get = { { 16, 1000, NLM_F_REQUEST | NLM_F_ACK, 3, 0 }, { 0 } },
  audit_set = { { 56, 1001, NLM_F_REQUEST | NLM_F_ACK, 4, 0 }, { 0 } },
  audit_on = { { 56, 1001, NLM_F_REQUEST | NLM_F_ACK, 6, 0 }, { 1, 1 } },
  audit_off = { { 56, 1001, NLM_F_REQUEST | NLM_F_ACK, 7, 0 }, { 1, 0 } },
  audit_user = { { 20, 1107, NLM_F_REQUEST | NLM_F_ACK, 5, 0 }, { 0 } };

/* Sends a request to the kernel; the error in its answer, 0 for an acknowledgement. What it asked
 * for comes apart from that, and at any time. */
static int ask(long fd, const void *request, size_t size)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[2048];
	} answer = {};

	TRY(sendto(fd, request, size, 0, (void *)&nl_kernel, sizeof(nl_kernel)));
	do
		TRY(recv(fd, &answer, sizeof(answer), MSG_DONTWAIT));
	while (answer.head.nlmsg_type != NLMSG_ERROR);
	return answer.error.error;
}

static int route_new_link(void)
{
	return ask(slot[0], &new_link, sizeof(new_link));
}

static int route_get_link(void)
{
	return ask(slot[0], &get_link, sizeof(get_link));
}

static int audit_status(void)
{
	return ask(slot[1], &audit_get, audit_get.head.nlmsg_len);
}

static int audit_change(void)
{
	return ask(slot[1], &audit_set, audit_set.head.nlmsg_len);
}

/* A change is logged, with the label of who makes it, only while auditing is on. */
static int audit_turn_on(void)
{
	return ask(slot[1], &audit_on, audit_on.head.nlmsg_len);
}

static int audit_turn_off(void)
{
	return ask(slot[1], &audit_off, audit_off.head.nlmsg_len);
}

static int audit_message(void)
{
	return ask(slot[1], &audit_user, audit_user.head.nlmsg_len);
}

static const struct call netlink_calls[] = {
	KEEP(0, "route", socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	NUM("bind", bind, SLOT(0), &nl_kernel, sizeof(nl_kernel)),
	FN("new-link", route_new_link),
	FN("get-link", route_get_link),
	KEEP(1, "audit", socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT),
	FN("audit-status", audit_status),
	FN("audit-change", audit_change),
	FN("audit-on", audit_turn_on),
	FN("audit-off", audit_turn_off),
	FN("audit-message", audit_message),
	NUM("audit-bind", bind, SLOT(1), &nl_group, sizeof(nl_group)),
	KEEP(2, "uevent", socket, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT),
	NUM("uevent-bind", bind, SLOT(2), &nl_group, sizeof(nl_group)),
	NUM("uevent-send", sendto, SLOT(2), "x", 1, 0, &nl_group, sizeof(nl_group)),
	KEEP(3, "generic", socket, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC),
	NUM("generic-short", sendto, SLOT(3), "x", 1, 0, &nl_kernel, sizeof(nl_kernel)),
	NUM("bind-short", bind, SLOT(3), &nl_kernel, 2),
};
WORKLOAD(netlink, netlink_calls, .name = "netlink", .as = AS_ANYONE);
