// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks on the way of a packet and on TCP's handshake. The work behind them runs in softirq: on
 * the loopback device mostly in the sender's context, but not always; hence `anyone` and `only`.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* relies on what the above declare */
#include <linux/xfrm.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"

/* A receiver in slot 0, its port in val[0], and a sender in slot 1. */
static int udp_sockets(struct subject *s)
{
	return own_network() ?: inet_slot(s, 0, SOCK_DGRAM, 0) ?: inet_slot(s, 1, SOCK_DGRAM, 0);
}

static int do_sendto(struct subject *s)
{
	return SYS(sendto(s->fd[1], MESSAGE, MESSAGE_LEN, 0, LOOPBACK(s->val[0])));
}

static bool received(struct subject *s)
{
	return delivered(s->fd[0]) && has_message(s->fd[0]);
}

#define UDP_HEADER 8

HOOK(socket_sock_rcv_skb, FAMILY_NETWORK, .setup = udp_sockets,
     .route = { { "sendto", do_sendto } }, .effect = received, .only = WANT_SOCKET("sk", 0),
     .anyone = true, .async = true,
     .args = { WANT_SOCKET("sk", 0), WANT_WORD("skb", KRSI_A, UDP_HEADER + MESSAGE_LEN) },
     .denied_by = "udp_queue_rcv_one_skb");

VOID_HOOK(sk_getsecid, FAMILY_NETWORK, .setup = udp_sockets, .route = { { "sendto", do_sendto } },
	  .effect = received, .only = WANT_SOCKET("sk", 1), .args = { WANT_SOCKET("sk", 1) });

/* A listener in slot 0, its port in val[0], and a client in slot 1 with its port in val[1]. */
static int tcp_sockets(struct subject *s)
{
	int err = own_network() ?: inet_slot(s, 0, SOCK_STREAM, 0) ?:
				     inet_slot(s, 1, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (err)
		return err;
	TRY(listen(s->fd[0], 1));
	return 0;
}

/* The handshake is under way when connect returns; `effect` waits for how it ends. */
static int do_connect(struct subject *s)
{
	int ret = SYS(connect(s->fd[1], LOOPBACK(s->val[0])));

	return ret == -EINPROGRESS ? 0 : ret;
}

static bool connected(struct subject *s)
{
	return delivered(s->fd[0]);
}

#define TCP_ENTRY                                                                                  \
	.setup = tcp_sockets, .route = { { "connect", do_connect } }, .effect = connected,         \
	.anyone = true, .async = true

HOOK(inet_conn_request, FAMILY_NETWORK, TCP_ENTRY, .only = WANT_SOCKET("sk", 0),
     .args = { WANT_SOCKET("sk", 0), WANT_VAL("req", KRSI_A, 1), WANT_VAL("req", KRSI_B, 0) },
     .denied_by = "tcp_conn_request");

/* Once for the way back of the SYN-ACK, once for that of the new socket. */
VOID_HOOK(req_classify_flow, FAMILY_NETWORK, TCP_ENTRY, .only = WANT_VAL("req", KRSI_A, 1),
	  .args = { WANT_VAL("req", KRSI_A, 1), WANT_VAL("req", KRSI_B, 0) }, .count = 2);

VOID_HOOK(sk_clone_security, FAMILY_NETWORK, TCP_ENTRY, .only = WANT_SOCKET("sk", 0),
	  .args = { WANT_SOCKET("sk", 0),
		    WANT_WORD("sk", KRSI_B, SOCK_ID(AF_INET, SOCK_STREAM, IPPROTO_TCP)) });

VOID_HOOK(inet_csk_clone, FAMILY_NETWORK, TCP_ENTRY, .only = WANT_VAL("req", KRSI_A, 1),
	  .args = { WANT_WORD("newsk", KRSI_B, SOCK_ID(AF_INET, SOCK_STREAM, IPPROTO_TCP)),
		    WANT_VAL("req", KRSI_A, 1), WANT_VAL("req", KRSI_B, 0) });

VOID_HOOK(inet_conn_established, FAMILY_NETWORK, TCP_ENTRY, .only = WANT_SOCKET("sk", 1),
	  .args = { WANT_SOCKET("sk", 1) });

/*
 * The receiver has a policy of its own, for which its packets are decoded. (Where an answer is
 * labelled, security_skb_classify_flow stops the kernel when the hook denies.)
 */
static int receiver_with_policy(struct subject *s)
{
	const struct xfrm_userpolicy_info policy = { .sel = { .family = AF_INET },
						     .lft = { .hard_byte_limit = XFRM_INF,
							      .hard_packet_limit = XFRM_INF },
						     .dir = XFRM_POLICY_IN };
	int err = udp_sockets(s);

	if (err)
		return err;
	TRY(setsockopt(s->fd[0], IPPROTO_IP, IP_XFRM_POLICY, &policy, sizeof(policy)));
	s->val[2] = PORTS(s->val[1], s->val[0]);
	return 0;
}

HOOK(xfrm_decode_session, FAMILY_NETWORK, .setup = receiver_with_policy,
     .route = { { "sendto", do_sendto } }, .effect = received, .anyone = true, .async = true,
     .only = WANT_VAL("skb", KRSI_B, 2), .args = { WANT_VAL("skb", KRSI_B, 2) },
     .denied_by = "__xfrm_policy_check", .needs.module = { "xfrm_user" });

static int mptcp_socket(struct subject *s)
{
	return own_network() ?: socket_slot(s, 0, AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
}

static const char *no_mptcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP), err = SYS(fd);

	if (fd >= 0)
		close(fd);
	return err == -EPROTONOSUPPORT ? "no multipath TCP here" : NULL;
}

static int do_bind(struct subject *s)
{
	return SYS(bind(s->fd[0], LOOPBACK(0)));
}

static bool has_port(struct subject *s)
{
	struct sockaddr_in addr = {};
	socklen_t len = sizeof(addr);

	return !getsockname(s->fd[0], (struct sockaddr *)&addr, &len) && addr.sin_port;
}

/* The first subflow is made when the socket needs one: here, to bind it. */
HOOK(mptcp_add_subflow, FAMILY_NETWORK, .needs.probe = no_mptcp, .setup = mptcp_socket,
     .route = { { "bind", do_bind } }, .effect = has_port,
     .args = { WANT_SOCKET("sk", 0),
	       WANT_WORD("ssk", KRSI_B, SOCK_ID(AF_INET, SOCK_STREAM, IPPROTO_TCP)) });
