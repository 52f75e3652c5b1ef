// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks on marking packets with labels, by an object of nftables. Only a label that a security
 * module translates will do. SELinux without a policy takes any for that of the kernel.
 */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"
#include "conformance/hooks/nl_talk.h"
#include "conformance/hooks/selinux_policy.h"

#define TABLE "krsi"
#define MARK  "mark"

/* Messages that nftables takes or leaves as one. */
static struct {
	char bytes[1024];
	size_t len;
} batch;

static void start(struct netlink_request *request, uint16_t type, uint16_t flags)
{
	struct nfgenmsg head = { .nfgen_family = NFPROTO_IPV4, .version = NFNETLINK_V0 };

	if (type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END)
		head.res_id = htons(NFNL_SUBSYS_NFTABLES);
	else
		type |= NFNL_SUBSYS_NFTABLES << 8;
	netlink__start(request, type);
	request->head.nlmsg_flags = NLM_F_REQUEST | flags;
	netlink__bytes(request, &head, sizeof(head));
}

static void append(const struct netlink_request *request)
{
	memcpy(batch.bytes + batch.len, request, request->head.nlmsg_len);
	batch.len += request->head.nlmsg_len;
}

static void name_object(struct netlink_request *request, const char *name)
{
	const uint32_t type = htonl(NFT_OBJECT_SECMARK);

	netlink__attribute(request, NFTA_OBJ_TABLE, TABLE, sizeof(TABLE));
	netlink__attribute(request, NFTA_OBJ_NAME, name, strlen(name) + 1);
	netlink__attribute(request, NFTA_OBJ_TYPE, &type, sizeof(type));
}

/* A table with a mark. */
static void start_batch(void)
{
	struct {
		struct nlattr head;
		char context[NLA_ALIGN(sizeof(SELINUX_LABEL))];
	} data = { { NLA_HDRLEN + sizeof(SELINUX_LABEL), NFTA_SECMARK_CTX }, SELINUX_LABEL };
	struct netlink_request request;

	batch.len = 0;
	start(&request, NFNL_MSG_BATCH_BEGIN, 0);
	append(&request);
	start(&request, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
	netlink__attribute(&request, NFTA_TABLE_NAME, TABLE, sizeof(TABLE));
	append(&request);
	start(&request, NFT_MSG_NEWOBJ, NLM_F_CREATE | NLM_F_ACK);
	name_object(&request, MARK);
	netlink__attribute(&request, NFTA_OBJ_DATA | NLA_F_NESTED, &data, sizeof(data));
	append(&request);
}

static void end_batch(void)
{
	struct netlink_request request;

	start(&request, NFNL_MSG_BATCH_END, 0);
	append(&request);
}

static int nftables(struct subject *s)
{
	int err = own_network();

	if (err)
		return err;
	s->fd[0] = netlink__open(NETLINK_NETFILTER);
	start_batch();
	return s->fd[0] < 0 ? s->fd[0] : 0;
}

static int mark_only(struct subject *s)
{
	int err = nftables(s);

	end_batch();
	return err;
}

/* What comes last fails, so that all is undone. */
static int mark_in_vain(struct subject *s)
{
	int err = nftables(s);
	struct netlink_request request;

	start(&request, NFT_MSG_DELOBJ, NLM_F_ACK);
	name_object(&request, "none");
	append(&request);
	end_batch();
	return err;
}

/* All answers are there when the call returns: the first error, or 0. */
static int do_batch(struct subject *s)
{
	char buf[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	int err = 0, answers = 0;
	ssize_t len;

	TRY(send(s->fd[0], batch.bytes, batch.len, 0));
	while ((len = recv(s->fd[0], buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		for (struct nlmsghdr *head = (void *)buf; NLMSG_OK(head, len);
		     head = NLMSG_NEXT(head, len)) {
			const struct nlmsgerr *answer = NLMSG_DATA(head);

			answers += head->nlmsg_type == NLMSG_ERROR;
			if (head->nlmsg_type == NLMSG_ERROR && !err)
				err = answer->error;
		}
	return answers ? err : -ENODATA;
}

static bool mark_is_there(struct subject *s)
{
	struct netlink_request request;

	start(&request, NFT_MSG_GETOBJ, NLM_F_ACK);
	name_object(&request, MARK);
	return !netlink__talk(s->fd[0], &request, 0, NULL, 0);
}

#define NFTABLES .needs = { .module = { "nf_tables" }, .lsm = "selinux" }

/* No `args`: the number of the label is SELinux's secret, and depends on its policy. */
HOOK(secmark_relabel_packet, FAMILY_NETWORK, NFTABLES, .setup = mark_only,
     .route = { { "nft-object", do_batch } }, .effect = mark_is_there);

/* No parameters. */
VOID_HOOK(secmark_refcount_inc, FAMILY_NETWORK, NFTABLES, .setup = mark_only,
	  .route = { { "nft-object", do_batch } }, .effect = mark_is_there);

VOID_HOOK(secmark_refcount_dec, FAMILY_NETWORK, NFTABLES, .setup = mark_in_vain,
	  .route = { { "nft-abort", do_batch } }, .normal = -ENOENT);
