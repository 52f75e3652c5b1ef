// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks on IPsec policies and states. The states here are of Mobile IPv6, which needs neither keys
 * nor a module beyond the netlink interface. Where the kernel takes a security context, it takes
 * any: BPF LSM does not look at it. With no label LSM the context itself stays NULL, so a policy
 * cannot be told from another by the hook's arguments; a state can, by its reqid.
 */
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* relies on what the above declare */
#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"

#define XFRM_NEEDS .needs = { .module = { "xfrm_user" } }

#define LOCALHOST6                                                                                 \
	{                                                                                          \
		.in6 = IN6ADDR_LOOPBACK_INIT                                                       \
	}
#define ATTRIBUTE(type, value)                                                                     \
	{                                                                                          \
		.nla_len = sizeof(struct nlattr) + sizeof(value), .nla_type = type                 \
	}
#define REQUEST(type, flags, len)                                                                  \
	{                                                                                          \
		.nlmsg_len = (len), .nlmsg_type = XFRM_MSG_##type,                                 \
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (flags)                                 \
	}
#define FOREVER                                                                                    \
	{                                                                                          \
		.soft_byte_limit = XFRM_INF, .hard_byte_limit = XFRM_INF,                          \
		.soft_packet_limit = XFRM_INF, .hard_packet_limit = XFRM_INF                       \
	}
/* UDP from this machine to itself. */
#define UDP6                                                                                       \
	{                                                                                          \
		.daddr = LOCALHOST6, .saddr = LOCALHOST6, .prefixlen_d = 128, .prefixlen_s = 128,  \
		.family = AF_INET6, .proto = IPPROTO_UDP                                           \
	}

struct label {
	struct xfrm_user_sec_ctx head;
	char text[8];
};
#define LABEL                                                                                      \
	{                                                                                          \
		.head = { .len = sizeof(struct label),                                             \
			  .exttype = XFRMA_SEC_CTX,                                                \
			  .ctx_alg = XFRM_SC_ALG_SELINUX,                                          \
			  .ctx_doi = XFRM_SC_DOI_LSM,                                              \
			  .ctx_len = sizeof(((struct label *)0)->text) },                          \
		.text = "krsi",                                                                    \
	}
/* The first bytes of LABEL, as a program sees them. */
#define LABEL_HEAD                                                                                 \
	((uint64_t)sizeof(struct label) | (uint64_t)XFRMA_SEC_CTX << 16 |                          \
	 (uint64_t)XFRM_SC_ALG_SELINUX << 32 | (uint64_t)XFRM_SC_DOI_LSM << 40 |                   \
	 (uint64_t)sizeof(((struct label *)0)->text) << 48)

/* A request may end before any of its attributes: nlmsg_len says where. */
static struct {
	struct nlmsghdr head;
	struct xfrm_userpolicy_info info;
	struct nlattr tmpl_head;
	struct xfrm_user_tmpl tmpl;
	struct nlattr label_head;
	struct label label;
} new_policy = {
	.head = REQUEST(NEWPOLICY, NLM_F_CREATE, offsetof(typeof(new_policy), tmpl_head)),
	.info = { .sel = UDP6, .lft = FOREVER, .dir = XFRM_POLICY_OUT },
	.tmpl_head = ATTRIBUTE(XFRMA_TMPL, new_policy.tmpl),
	.tmpl = { .id = { .daddr = LOCALHOST6, .proto = IPPROTO_DSTOPTS },
		  .family = AF_INET6,
		  .saddr = LOCALHOST6,
		  .mode = XFRM_MODE_ROUTEOPTIMIZATION,
		  .aalgos = ~0U,
		  .ealgos = ~0U,
		  .calgos = ~0U },
	.label_head = ATTRIBUTE(XFRMA_SEC_CTX, new_policy.label),
	.label = LABEL,
};

static struct {
	struct nlmsghdr head;
	struct xfrm_userpolicy_id id;
	struct nlattr label_head;
	struct label label;
} get_policy = {
	.head = REQUEST(GETPOLICY, 0, offsetof(typeof(get_policy), label_head)),
	.id = { .sel = UDP6, .dir = XFRM_POLICY_OUT },
	.label_head = ATTRIBUTE(XFRMA_SEC_CTX, get_policy.label),
	.label = LABEL,
}, del_policy;

static struct {
	struct nlmsghdr head;
	struct xfrm_usersa_info info;
	struct nlattr care_of_head;
	xfrm_address_t care_of;
} new_state = {
	.head = REQUEST(NEWSA, 0, sizeof(new_state)),
	.info = { .sel = UDP6,
		  .id = { .daddr = LOCALHOST6, .proto = IPPROTO_DSTOPTS },
		  .saddr = LOCALHOST6,
		  .lft = FOREVER,
		  .family = AF_INET6,
		  .mode = XFRM_MODE_ROUTEOPTIMIZATION },
	.care_of_head = ATTRIBUTE(XFRMA_COADDR, new_state.care_of),
	.care_of = LOCALHOST6,
};

/* Those of Mobile IPv6 take no label; this one is authenticated, and never used. */
static struct {
	struct nlmsghdr head;
	struct xfrm_usersa_info info;
	struct nlattr auth_head;
	struct {
		struct xfrm_algo algo;
		char key[32];
	} auth;
	struct nlattr label_head;
	struct label label;
} labelled_state = {
	.head = REQUEST(NEWSA, 0, sizeof(labelled_state)),
	.info = { .id = { .daddr.a4 = 1, .spi = 1, .proto = IPPROTO_AH },
		  .saddr.a4 = 1,
		  .lft = FOREVER,
		  .family = AF_INET,
		  .mode = XFRM_MODE_TRANSPORT },
	.auth_head = ATTRIBUTE(XFRMA_ALG_AUTH, labelled_state.auth),
	.auth = { .algo = { .alg_name = "hmac(sha256)",
			    .alg_key_len = 8 * sizeof(labelled_state.auth.key) } },
	.label_head = ATTRIBUTE(XFRMA_SEC_CTX, labelled_state.label),
	.label = LABEL,
};

static struct {
	struct nlmsghdr head;
	struct xfrm_usersa_id id;
	struct nlattr source_head;
	xfrm_address_t source;
} get_state = {
	.head = REQUEST(GETSA, 0, sizeof(get_state)),
	.id = { .daddr = LOCALHOST6, .family = AF_INET6, .proto = IPPROTO_DSTOPTS },
	.source_head = ATTRIBUTE(XFRMA_SRCADDR, get_state.source),
	.source = LOCALHOST6,
}, del_state;

/* The kernel's answer to a request: 0 (an answer, or success), or the -errno that it reports. */
static int ask(struct subject *s, const void *request)
{
	const struct nlmsghdr *head = request;
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} answer = {};
	int fd = s->fd[0];

	TRY(send(fd, request, head->nlmsg_len, 0));
	TRY(recv(fd, &answer, sizeof(answer), MSG_TRUNC));
	return answer.head.nlmsg_type == NLMSG_ERROR ? answer.error.error : 0;
}

static int xfrm_socket(struct subject *s)
{
	/* the number by which hooks tell this subject's states from others' */
	s->val[0] = getpid();
	new_state.info.reqid = labelled_state.info.reqid = new_policy.tmpl.reqid = getpid();
	del_policy = get_policy;
	del_policy.head.nlmsg_type = XFRM_MSG_DELPOLICY;
	del_state = get_state;
	del_state.head.nlmsg_type = XFRM_MSG_DELSA;
	return own_network() ?: socket_slot(s, 0, AF_NETLINK, SOCK_RAW, NETLINK_XFRM);
}

/* Policies. */

static int labelled_policy(struct subject *s)
{
	new_policy.head.nlmsg_len = sizeof(new_policy);
	return xfrm_socket(s);
}

static int do_new_policy(struct subject *s)
{
	return ask(s, &new_policy);
}

static bool policy_exists(struct subject *s)
{
	return !ask(s, &get_policy);
}

HOOK(xfrm_policy_alloc_security, FAMILY_NETWORK, .setup = labelled_policy,
     .route = { { "XFRM_MSG_NEWPOLICY", do_new_policy } }, .effect = policy_exists, XFRM_NEEDS,
     .args = { WANT_WORD("sec_ctx", KRSI_A, LABEL_HEAD) });

static int plain_policy(struct subject *s)
{
	return xfrm_socket(s) ?: ask(s, &new_policy);
}

static int do_del_policy(struct subject *s)
{
	return ask(s, &del_policy);
}

static bool policy_is_gone(struct subject *s)
{
	return ask(s, &get_policy) == -ENOENT;
}

HOOK(xfrm_policy_delete_security, FAMILY_NETWORK, .setup = plain_policy,
     .route = { { "XFRM_MSG_DELPOLICY", do_del_policy } }, .effect = policy_is_gone, XFRM_NEEDS);

static int do_get_policy(struct subject *s)
{
	return ask(s, &get_policy);
}

VOID_HOOK(xfrm_policy_free_security, FAMILY_NETWORK, .setup = plain_policy,
	  .route = { { "XFRM_MSG_GETPOLICY", do_get_policy } }, XFRM_NEEDS,
	  .many = "once for the context of the request; policies of earlier networks may be freed "
		  "in softirq at the same time");

/* A receiver in slot 2, its port in val[2], and a sender in slot 1. */
static int udp6_sockets(struct subject *s)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(addr);
	int err = socket_slot(s, 1, AF_INET6, SOCK_DGRAM, 0)
			  ?: socket_slot(s, 2, AF_INET6, SOCK_DGRAM, 0);

	if (err)
		return err;
	TRY(bind(s->fd[2], (struct sockaddr *)&addr, len));
	TRY(getsockname(s->fd[2], (struct sockaddr *)&addr, &len));
	s->val[2] = addr.sin6_port;
	return 0;
}

static int policy_and_sockets(struct subject *s)
{
	return plain_policy(s) ?: udp6_sockets(s);
}

static int send_to_receiver(struct subject *s, const char *text)
{
	const struct sockaddr_in6 addr = { .sin6_family = AF_INET6,
					   .sin6_port = s->val[2],
					   .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	return SYS(sendto(s->fd[1], text, strlen(text), 0, (struct sockaddr *)&addr, sizeof(addr)));
}

static int do_sendto(struct subject *s)
{
	return send_to_receiver(s, MESSAGE);
}

/* The message is the first to arrive, ahead of one that nobody holds up. */
static bool received(struct subject *s)
{
	char buf[MESSAGE_LEN + 1] = {};

	return send_to_receiver(s, "end") > 0 && recv(s->fd[2], buf, sizeof(buf), 0) > 0 &&
	       !strcmp(buf, MESSAGE);
}

HOOK(xfrm_policy_lookup, FAMILY_NETWORK, .setup = policy_and_sockets,
     .route = { { "sendto", do_sendto } }, .effect = received, XFRM_NEEDS,
     .args = { WANT_NUM("fl_secid", 0) });

/* A TCP listener in slot 0 that has a policy of its own, and a client in slot 1. */
static int listener_with_policy(struct subject *s)
{
	const struct xfrm_userpolicy_info policy = { .sel = { .family = AF_INET },
						     .lft = FOREVER,
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

/* States. */

static int do_new_state(struct subject *s)
{
	return ask(s, &labelled_state);
}

static bool labelled_state_exists(struct subject *s)
{
	const struct {
		struct nlmsghdr head;
		struct xfrm_usersa_id id;
	} get = {
		.head = REQUEST(GETSA, 0, sizeof(get)),
		.id = { .daddr.a4 = 1, .spi = 1, .family = AF_INET, .proto = IPPROTO_AH },
	};

	return !ask(s, &get);
}

HOOK(xfrm_state_alloc, FAMILY_NETWORK, .setup = xfrm_socket,
     .route = { { "XFRM_MSG_NEWSA", do_new_state } }, .effect = labelled_state_exists,
     .args = { WANT_VAL("x", KRSI_A, 0), WANT_WORD("x", KRSI_B, IPPROTO_AH),
	       WANT_WORD("sec_ctx", KRSI_A, LABEL_HEAD) },
     .needs = { .module = { "xfrm_user", "ah4" } });

static int plain_state(struct subject *s)
{
	return xfrm_socket(s) ?: ask(s, &new_state);
}

static int do_del_state(struct subject *s)
{
	return ask(s, &del_state);
}

static bool state_is_gone(struct subject *s)
{
	return ask(s, &get_state) == -ESRCH;
}

HOOK(xfrm_state_delete_security, FAMILY_NETWORK, .setup = plain_state,
     .route = { { "XFRM_MSG_DELSA", do_del_state } }, .effect = state_is_gone, XFRM_NEEDS,
     .args = { WANT_VAL("x", KRSI_A, 0), WANT_WORD("x", KRSI_B, IPPROTO_DSTOPTS) });

/* By a worker, some time after the state was deleted. */
VOID_HOOK(xfrm_state_free_security, FAMILY_NETWORK, .setup = plain_state,
	  .route = { { "XFRM_MSG_DELSA", do_del_state } }, .effect = state_is_gone, XFRM_NEEDS,
	  .anyone = true, .async = true, .only = WANT_VAL("x", KRSI_A, 0),
	  .args = { WANT_VAL("x", KRSI_A, 0), WANT_WORD("x", KRSI_B, IPPROTO_DSTOPTS) });

/* A policy that asks for a state, and sockets. */
static int transformed(struct subject *s)
{
	new_policy.head.nlmsg_len = offsetof(typeof(new_policy), label_head);
	return policy_and_sockets(s);
}

static int transformed_with_state(struct subject *s)
{
	return transformed(s) ?: ask(s, &new_state);
}

BOOL_HOOK(xfrm_state_pol_flow_match, FAMILY_NETWORK, .setup = transformed_with_state,
	  .route = { { "sendto", do_sendto } }, XFRM_NEEDS,
	  .args = { WANT_VAL("x", KRSI_A, 0), WANT_WORD("x", KRSI_B, IPPROTO_DSTOPTS) });

/* Slot 3 plays the key manager, which is asked for the state that is missing. */
static int transformed_with_manager(struct subject *s)
{
	const struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
					  .nl_groups = 1 << (XFRMNLGRP_ACQUIRE - 1) };
	int err = transformed(s) ?: socket_slot(s, 3, AF_NETLINK, SOCK_RAW, NETLINK_XFRM);

	if (err)
		return err;
	TRY(bind(s->fd[3], (struct sockaddr *)&addr, sizeof(addr)));
	return 0;
}

static bool manager_was_asked(struct subject *s)
{
	struct nlmsghdr head = {};

	return recv(s->fd[3], &head, sizeof(head), MSG_DONTWAIT | MSG_TRUNC) > 0 &&
	       head.nlmsg_type == XFRM_MSG_ACQUIRE;
}

HOOK(xfrm_state_alloc_acquire, FAMILY_NETWORK, .setup = transformed_with_manager,
     .route = { { "sendto", do_sendto } }, .effect = manager_was_asked, XFRM_NEEDS,
     .args = { WANT_VAL("x", KRSI_A, 0), WANT_WORD("x", KRSI_B, IPPROTO_DSTOPTS) });
