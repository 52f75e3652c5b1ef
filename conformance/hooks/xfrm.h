/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IPsec over netlink, for the entries about policies and states. The states are of Mobile IPv6,
 * which needs neither keys nor a module beyond the netlink interface.
 */
#ifndef KRSI_HOOKS_XFRM_H
#define KRSI_HOOKS_XFRM_H

#include "conformance/harness/subject.h"

#define XFRM_NEEDS .needs = { .module = { "xfrm_user" } }
/* States of destination options, which nothing but mobile IPv6 has. */
#define XFRM_STATE_NEEDS .needs = { .module = { "xfrm_user", "mip6" } }

/* The first eight bytes of the security context that requests carry, as a program sees them. */
#define XFRM_LABEL_HEAD 0x0008010100080010ULL

/* A network of the subject's own and a netlink socket in slot 0, which the functions below ask;
 * s->val[0] is the reqid of every state they make, which no other subject has. 0 or -errno. */
int xfrm_socket(struct subject *s);

/* Each is one request and returns the kernel's answer: 0 or -errno. */

/* Adds a policy for UDP from ::1 to ::1 that lets it pass; ... that asks for a state of Mobile
 * IPv6; ... that has a security context besides. */
int xfrm_add_policy(struct subject *s);
int xfrm_add_policy_of_state(struct subject *s);
int xfrm_add_labelled_policy(struct subject *s);
int xfrm_get_policy(struct subject *s);
int xfrm_delete_policy(struct subject *s);

/* The state that the policy asks for. */
int xfrm_add_state(struct subject *s);
int xfrm_get_state(struct subject *s);
int xfrm_delete_state(struct subject *s);
/* A state with a security context, which is never used: of AH, as Mobile IPv6 takes no context. */
int xfrm_add_labelled_state(struct subject *s);
int xfrm_get_labelled_state(struct subject *s);

/* A sender in slot 1 and a receiver in slot 2, over ::1, its port in s->val[2] in network order. */
int xfrm_udp_sockets(struct subject *s);
/* Sends text from one to the other; its length or -errno. */
int xfrm_send(struct subject *s, const char *text);

#endif
