// SPDX-License-Identifier: GPL-2.0-only
/*
 * With bpf before AppArmor in lsm=, auditing that is on cannot be turned off, nor changed: the
 * record of the change is to name the label of who makes it, and the first LSM that has the hook is
 * asked, that is bpf. No program is attached.
 */
#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "defect.h"

/* 0 or -errno, the kernel's or that of the way to it. */
static int turn(int fd, __u32 on)
{
	const struct {
		struct nlmsghdr head;
		struct audit_status status;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = AUDIT_SET,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.status = { .mask = AUDIT_STATUS_ENABLED, .enabled = on },
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[sizeof(request)];
	} answer = {};

	if (send(fd, &request, sizeof(request), 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		return -errno;
	return answer.head.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EBADMSG;
}

int main(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0)
		return defect__unclear("a socket of NETLINK_AUDIT");
	errno = -(turn(fd, 1) ?: turn(fd, 0));
	if (!errno)
		return defect__says(ABSENT, "auditing can be turned on and off");
	return errno == EOPNOTSUPP ? defect__says(PRESENT, "auditing cannot be turned off")
				   : defect__unclear("AUDIT_SET");
}
