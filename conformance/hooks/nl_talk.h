/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to the kernel over netlink, for hooks that only netlink reaches. */
#ifndef KRSI_HOOKS_NL_TALK_H
#define KRSI_HOOKS_NL_TALK_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/* A request while it is built. */
struct netlink_request {
	struct nlmsghdr head;
	char body[1280];
};

/* Starts a request of a message type; it asks for an acknowledgement. */
void netlink__start(struct netlink_request *request, uint16_t type);
/* Starts a generic netlink command of a family. */
void netlink__start_generic(struct netlink_request *request, uint16_t family, uint8_t command);
/* Appends bytes, or an attribute. What does not fit aborts: requests are of fixed size. */
void netlink__bytes(struct netlink_request *request, const void *data, size_t len);
void netlink__attribute(struct netlink_request *request, uint16_t type, const void *data,
			size_t len);
/* A socket of a protocol, or -errno. */
int netlink__open(int protocol);
/* Sends, and waits for the acknowledgement: 0 or -errno. Where reply_type is not 0 it waits for
 * a message of that type too, whose body (all that fits) goes to reply. */
int netlink__talk(int fd, const struct netlink_request *request, uint16_t reply_type, void *reply,
		  size_t size);
/* The number of a generic netlink family, or -errno (-ENOENT: the kernel has none). */
int netlink__family(int fd, const char *name);

#endif
