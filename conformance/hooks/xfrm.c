// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* relies on what the above declare */
#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "conformance/hooks/net.h"
#include "conformance/hooks/xfrm.h"

#define LOCALHOST6                                                                                 \
	{                                                                                          \
		.in6 = IN6ADDR_LOOPBACK_INIT                                                       \
	}
#define ATTRIBUTE(type, value)                                                                     \
	{                                                                                          \
		.nla_len = sizeof(struct nlattr) + sizeof(value), .nla_type = type                 \
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

static_assert(XFRM_LABEL_HEAD ==
		      (sizeof(struct label) | (uint64_t)XFRMA_SEC_CTX << 16 |
		       (uint64_t)XFRM_SC_ALG_SELINUX << 32 | (uint64_t)XFRM_SC_DOI_LSM << 40 |
		       (uint64_t)sizeof(((struct label *)0)->text) << 48),
	      "the header knows LABEL");

/* A request may end before any of its attributes. */
static struct {
	struct nlmsghdr head;
	struct xfrm_userpolicy_info info;
	struct nlattr tmpl_head;
	struct xfrm_user_tmpl tmpl;
	struct nlattr label_head;
	struct label label;
} new_policy = {
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
} policy_id = { .id = { .sel = UDP6, .dir = XFRM_POLICY_OUT } };

static struct {
	struct nlmsghdr head;
	struct xfrm_usersa_info info;
	struct nlattr care_of_head;
	xfrm_address_t care_of;
} new_state = {
	.info = { .sel = UDP6,
		  .id = { .daddr = LOCALHOST6, .proto = IPPROTO_DSTOPTS },
		  .saddr = LOCALHOST6,
		  .lft = FOREVER,
		  .family = AF_INET6,
		  .mode = XFRM_MODE_ROUTEOPTIMIZATION },
	.care_of_head = ATTRIBUTE(XFRMA_COADDR, new_state.care_of),
	.care_of = LOCALHOST6,
};

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
} state_id = {
	.id = { .daddr = LOCALHOST6, .family = AF_INET6, .proto = IPPROTO_DSTOPTS },
	.source_head = ATTRIBUTE(XFRMA_SRCADDR, state_id.source),
	.source = LOCALHOST6,
};

static struct {
	struct nlmsghdr head;
	struct xfrm_usersa_id id;
} labelled_state_id = {
	.id = { .daddr.a4 = 1, .spi = 1, .family = AF_INET, .proto = IPPROTO_AH },
};

/* The kernel's answer to a request: 0 (what was asked for, or success) or -errno. */
static int ask(struct subject *s, int type, struct nlmsghdr *request, size_t len)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} answer = {};

	request->nlmsg_len = len;
	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	TRY(send(s->fd[0], request, len, 0));
	TRY(recv(s->fd[0], &answer, sizeof(answer), MSG_TRUNC));
	return answer.head.nlmsg_type == NLMSG_ERROR ? answer.error.error : 0;
}

int xfrm_socket(struct subject *s)
{
	s->val[0] = getpid();
	new_state.info.reqid = labelled_state.info.reqid = new_policy.tmpl.reqid = getpid();
	return own_network() ?: socket_slot(s, 0, AF_NETLINK, SOCK_RAW, NETLINK_XFRM);
}

int xfrm_add_policy(struct subject *s)
{
	return ask(s, XFRM_MSG_NEWPOLICY, &new_policy.head,
		   offsetof(typeof(new_policy), tmpl_head));
}

int xfrm_add_policy_of_state(struct subject *s)
{
	return ask(s, XFRM_MSG_NEWPOLICY, &new_policy.head,
		   offsetof(typeof(new_policy), label_head));
}

int xfrm_add_labelled_policy(struct subject *s)
{
	return ask(s, XFRM_MSG_NEWPOLICY, &new_policy.head, sizeof(new_policy));
}

int xfrm_get_policy(struct subject *s)
{
	return ask(s, XFRM_MSG_GETPOLICY, &policy_id.head, sizeof(policy_id));
}

int xfrm_delete_policy(struct subject *s)
{
	return ask(s, XFRM_MSG_DELPOLICY, &policy_id.head, sizeof(policy_id));
}

int xfrm_add_state(struct subject *s)
{
	return ask(s, XFRM_MSG_NEWSA, &new_state.head, sizeof(new_state));
}

int xfrm_get_state(struct subject *s)
{
	return ask(s, XFRM_MSG_GETSA, &state_id.head, sizeof(state_id));
}

int xfrm_delete_state(struct subject *s)
{
	return ask(s, XFRM_MSG_DELSA, &state_id.head, sizeof(state_id));
}

int xfrm_add_labelled_state(struct subject *s)
{
	return ask(s, XFRM_MSG_NEWSA, &labelled_state.head, sizeof(labelled_state));
}

int xfrm_get_labelled_state(struct subject *s)
{
	return ask(s, XFRM_MSG_GETSA, &labelled_state_id.head, sizeof(labelled_state_id));
}

int xfrm_udp_sockets(struct subject *s)
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

int xfrm_send(struct subject *s, const char *text)
{
	const struct sockaddr_in6 addr = { .sin6_family = AF_INET6,
					   .sin6_port = s->val[2],
					   .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	return SYS(sendto(s->fd[1], text, strlen(text), 0, (struct sockaddr *)&addr, sizeof(addr)));
}
