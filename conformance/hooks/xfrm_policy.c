// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks on IPsec policies. Where a request has a security context, the kernel takes any: BPF LSM
 * does not look at it. With no label LSM the kernel's context stays NULL, so the arguments of most
 * of these hooks do not tell one policy from another.
 */
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* relies on what the above declare */
#include <linux/xfrm.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"
#include "conformance/hooks/xfrm.h"

static bool policy_exists(struct subject *s)
{
	return !xfrm_get_policy(s);
}

HOOK(xfrm_policy_alloc_security, FAMILY_NETWORK, .setup = xfrm_socket,
     .route = { { "newpolicy", xfrm_add_labelled_policy } }, .effect = policy_exists, XFRM_NEEDS,
     .args = { WANT_WORD("sec_ctx", KRSI_A, XFRM_LABEL_HEAD) });

static int some_policy(struct subject *s)
{
	return xfrm_socket(s) ?: xfrm_add_policy(s);
}

static bool policy_is_gone(struct subject *s)
{
	return xfrm_get_policy(s) == -ENOENT;
}

HOOK(xfrm_policy_delete_security, FAMILY_NETWORK, .setup = some_policy,
     .route = { { "delpolicy", xfrm_delete_policy } }, .effect = policy_is_gone, XFRM_NEEDS);

VOID_HOOK(xfrm_policy_free_security, FAMILY_NETWORK, .setup = some_policy,
	  .route = { { "getpolicy", xfrm_get_policy } }, XFRM_NEEDS,
	  .many = "once for the context that the request may have; policies of earlier networks "
		  "may be freed in softirq at the same time");

/* Packets from two CPUs may overtake each other: before 6.4 a CPU whose ksoftirqd is about to run
 * leaves them to it. */
static int policy_and_sockets(struct subject *s)
{
	return some_policy(s) ?: xfrm_udp_sockets(s) ?: pin_to_cpu(sched_getcpu());
}

static int do_sendto(struct subject *s)
{
	return xfrm_send(s, MESSAGE);
}

/* The message is the first to arrive, ahead of one that nobody holds up. */
static bool received(struct subject *s)
{
	char buf[MESSAGE_LEN + 1] = {};

	return xfrm_send(s, "end") > 0 && recv(s->fd[2], buf, sizeof(buf), 0) > 0 &&
	       !strcmp(buf, MESSAGE);
}

HOOK(xfrm_policy_lookup, FAMILY_NETWORK, .setup = policy_and_sockets,
     .route = { { "sendto", do_sendto } }, .effect = received, XFRM_NEEDS,
     .args = { WANT_NUM("fl_secid", 0) });

/* A TCP listener in slot 0 that has a policy of its own, and a client in slot 1. */
static int listener_with_policy(struct subject *s)
{
	const struct xfrm_userpolicy_info policy = { .sel = { .family = AF_INET },
						     .lft = { .hard_byte_limit = XFRM_INF,
							      .hard_packet_limit = XFRM_INF },
						     .dir = XFRM_POLICY_OUT };
	int err = own_network() ?: inet_slot(s, 0, SOCK_STREAM, 0) ?:
				     inet_slot(s, 1, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (err)
		return err;
	TRY(setsockopt(s->fd[0], IPPROTO_IP, IP_XFRM_POLICY, &policy, sizeof(policy)));
	TRY(listen(s->fd[0], 1));
	return 0;
}

static int do_connect(struct subject *s)
{
	int ret = SYS(connect(s->fd[1], LOOPBACK(s->val[0])));

	return ret == -EINPROGRESS ? 0 : ret;
}

static bool connected(struct subject *s)
{
	return delivered(s->fd[0]);
}

/* Else the end of the client's half-open connection would make the listener try once more. */
static void stop_listening(struct subject *s)
{
	close(s->fd[0]);
}

/* In softirq, where only the absence of a label can be asked for. */
HOOK(xfrm_policy_clone_security, FAMILY_NETWORK, .setup = listener_with_policy,
     .route = { { "connect", do_connect } }, .effect = connected, .cleanup = stop_listening,
     XFRM_NEEDS, .anyone = true, .async = true, .only = WANT_NUM("old_ctx", 0),
     .args = { WANT_NUM("old_ctx", 0) }, .denied_by = "sk_clone_lock");
