// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on IPsec states, which the arguments tell apart by their reqid. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* relies on what the above declare */
#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"
#include "conformance/hooks/xfrm.h"

#define WANT_STATE WANT_VAL("x", KRSI_A, 0), WANT_WORD("x", KRSI_B, IPPROTO_DSTOPTS)

static bool labelled_state_exists(struct subject *s)
{
	return !xfrm_get_labelled_state(s);
}

HOOK(xfrm_state_alloc, FAMILY_NETWORK, .setup = xfrm_socket,
     .route = { { "newsa", xfrm_add_labelled_state } }, .effect = labelled_state_exists,
     .args = { WANT_VAL("x", KRSI_A, 0), WANT_WORD("x", KRSI_B, IPPROTO_AH),
	       WANT_WORD("sec_ctx", KRSI_A, XFRM_LABEL_HEAD) },
     .needs = { .module = { "xfrm_user", "ah4" } });

static int some_state(struct subject *s)
{
	return xfrm_socket(s) ?: xfrm_add_state(s);
}

static bool state_is_gone(struct subject *s)
{
	return xfrm_get_state(s) == -ESRCH;
}

HOOK(xfrm_state_delete_security, FAMILY_NETWORK, .setup = some_state,
     .route = { { "delsa", xfrm_delete_state } }, .effect = state_is_gone, XFRM_STATE_NEEDS,
     .args = { WANT_STATE });

/* By a worker, some time after the state was deleted. */
VOID_HOOK(xfrm_state_free_security, FAMILY_NETWORK, .setup = some_state,
	  .route = { { "delsa", xfrm_delete_state } }, .effect = state_is_gone, XFRM_STATE_NEEDS,
	  .anyone = true, .async = true, .only = WANT_VAL("x", KRSI_A, 0), .args = { WANT_STATE });

/* A policy that asks for a state, and sockets. */
static int transformed(struct subject *s)
{
	return xfrm_socket(s) ?: xfrm_add_policy_of_state(s) ?: xfrm_udp_sockets(s);
}

static int do_sendto(struct subject *s)
{
	return xfrm_send(s, MESSAGE);
}

static int transformed_with_state(struct subject *s)
{
	return transformed(s) ?: xfrm_add_state(s);
}

BOOL_HOOK(xfrm_state_pol_flow_match, FAMILY_NETWORK, .default_ret = 1,
	  .setup = transformed_with_state, .route = { { "sendto", do_sendto } }, XFRM_STATE_NEEDS,
	  .only = WANT_VAL("x", KRSI_A, 0), .args = { WANT_STATE });

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
     .route = { { "sendto", do_sendto } }, .effect = manager_was_asked, XFRM_STATE_NEEDS,
     .only = WANT_VAL("x", KRSI_A, 0), .args = { WANT_STATE });
