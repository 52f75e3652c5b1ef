// SPDX-License-Identifier: GPL-2.0-only
/* Executions that audit reports, with this process in the place of its daemon. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/guest/exec.h"

/* Records of a sample wait in the socket until they are read. */
#define ROOM (16 << 20)

static int audit = -1;

struct message {
	struct nlmsghdr head;
	char data[8970];
};

static int send_message(uint16_t type, const void *data, size_t len)
{
	static unsigned int sequence;
	struct message m = {
		.head = { .nlmsg_len = NLMSG_LENGTH(len),
			  .nlmsg_type = type,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
			  .nlmsg_seq = ++sequence },
	};

	memcpy(m.data, data, len);
	if (send(audit, &m, m.head.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(audit, &m, sizeof(m), 0);
		int err;

		if (n < (ssize_t)NLMSG_LENGTH(sizeof(int)))
			return n < 0 ? -errno : -EBADMSG;
		if (m.head.nlmsg_type != NLMSG_ERROR || m.head.nlmsg_seq != sequence)
			continue;
		memcpy(&err, m.data, sizeof(err));
		return err;
	}
}

/* A rule is a fixed part without text here. */
static int rule(uint16_t type)
{
	struct audit_rule_data r = { .flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS };

	r.mask[AUDIT_WORD(SYS_execve)] |= AUDIT_BIT(SYS_execve);
	return send_message(type, &r, sizeof(r));
}

static int listen_to_audit(void)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const struct audit_status status = {
		.mask = AUDIT_STATUS_PID | AUDIT_STATUS_BACKLOG_LIMIT | AUDIT_STATUS_RATE_LIMIT,
		.pid = (uint32_t)getpid(),
		.backlog_limit = 8192,
	};
	const struct timeval patience = { .tv_sec = 10 };
	int room = ROOM;

	audit = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (audit < 0 || connect(audit, (const struct sockaddr *)&kernel, sizeof(kernel)) ||
	    setsockopt(audit, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(audit, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		return -errno;
	return send_message(AUDIT_SET, &status, sizeof(status));
}

static void stop(void)
{
	const struct audit_status status = { .mask = AUDIT_STATUS_PID };

	rule(AUDIT_DEL_RULE);
	send_message(AUDIT_SET, &status, sizeof(status));
	close(audit);
	audit = -1;
}

static const char *start(void)
{
	static char why[128];
	int err = listen_to_audit();

	err = err ?: rule(AUDIT_ADD_RULE);
	if (!err)
		return NULL;
	snprintf(why, sizeof(why), "audit: %s", strerror(-err));
	if (audit >= 0)
		close(audit);
	audit = -1;
	return why;
}

/*
 * Reads until the records of so many executions are complete: each has several, one after the
 * other, and the last says that it is. What else was reported meanwhile does not count.
 */
static unsigned int collect(unsigned int expected)
{
	unsigned int complete = 0;
	int have = 0;
	struct message m;

	while (complete < expected) {
		ssize_t n = recv(audit, &m, sizeof(m) - 1, 0);

		if (n < NLMSG_HDRLEN)
			break;
		m.data[n - NLMSG_HDRLEN] = '\0';
		if (m.head.nlmsg_type == AUDIT_SYSCALL)
			have = strstr(m.data, " syscall=59 success=yes ") != NULL;
		else if (m.head.nlmsg_type == AUDIT_EXECVE)
			have *= 2;
		else if (m.head.nlmsg_type == AUDIT_EOE)
			complete += have == 2, have = 0;
	}
	return complete;
}

EXEC_WAY(audit_on) = { .name = "exec/audit", .boot = "audit" };
EXEC_WAY(audit_rule) = {
	.name = "exec/audit-rule",
	.boot = "audit",
	.start = start,
	.collect = collect,
	.proof = "SYSCALL, EXECVE and end of record were read for every execution",
	.stop = stop,
};
