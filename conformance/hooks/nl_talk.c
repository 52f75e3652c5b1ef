// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/hooks/nl_talk.h"

/* An acknowledgement that does not come is a defect of the kernel, not a reason to hang. */
#define PATIENCE 5

void netlink__start(struct netlink_request *request, uint16_t type)
{
	memset(request, 0, sizeof(*request));
	request->head = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};
}

void netlink__bytes(struct netlink_request *request, const void *data, size_t len)
{
	size_t at = request->head.nlmsg_len;

	if (at + NLMSG_ALIGN(len) > sizeof(*request))
		abort();
	memcpy((char *)request + at, data, len);
	request->head.nlmsg_len = at + NLMSG_ALIGN(len);
}

void netlink__attribute(struct netlink_request *request, uint16_t type, const void *data,
			size_t len)
{
	const struct nlattr head = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	netlink__bytes(request, &head, sizeof(head));
	netlink__bytes(request, data, len);
}

void netlink__start_generic(struct netlink_request *request, uint16_t family, uint8_t command)
{
	const struct genlmsghdr head = { .cmd = command, .version = 1 };

	netlink__start(request, family);
	netlink__bytes(request, &head, sizeof(head));
}

int netlink__open(int protocol)
{
	const struct timeval limit = { .tv_sec = PATIENCE };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), err;

	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

int netlink__talk(int fd, const struct netlink_request *request, uint16_t reply_type, void *reply,
		  size_t size)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool acked = false, replied = !reply_type;

	if (sendto(fd, request, request->head.nlmsg_len, 0, (const void *)&kernel, sizeof(kernel)) <
	    0)
		return -errno;
	while (!acked || !replied) {
		ssize_t len = recv(fd, buf, sizeof(buf), 0);
		struct nlmsghdr *head = (void *)buf;

		/* work that a closed io_uring left for this task interrupts a wait with a limit */
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		for (; NLMSG_OK(head, len); head = NLMSG_NEXT(head, len)) {
			size_t body = NLMSG_PAYLOAD(head, 0);

			if (head->nlmsg_type == NLMSG_ERROR) {
				const struct nlmsgerr *error = NLMSG_DATA(head);

				if (error->error)
					return error->error;
				acked = true;
			} else if (reply_type && head->nlmsg_type == reply_type) {
				memcpy(reply, NLMSG_DATA(head), body < size ? body : size);
				replied = true;
			}
		}
	}
	return 0;
}

int netlink__family(int fd, const char *name)
{
	char reply[2048] __attribute__((aligned(NLA_ALIGNTO))) = {};
	struct netlink_request request;
	int err;

	netlink__start_generic(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	netlink__attribute(&request, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	err = netlink__talk(fd, &request, GENL_ID_CTRL, reply, sizeof(reply));
	if (err)
		return err;
	for (size_t at = GENL_HDRLEN; at + NLA_HDRLEN <= sizeof(reply);) {
		const struct nlattr *attr = (const void *)(reply + at);

		if (attr->nla_len < NLA_HDRLEN)
			break;
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(const uint16_t *)(attr + 1);
		at += NLA_ALIGN(attr->nla_len);
	}
	return -ENOENT;
}
