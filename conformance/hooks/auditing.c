// SPDX-License-Identifier: GPL-2.0-only
#include <linux/audit.h>
#include <stdio.h>
#include <unistd.h>

#include "conformance/harness/test.h"
#include "conformance/hooks/auditing.h"
#include "conformance/hooks/nl_talk.h"

/* The value of `enabled` that forbids changes until the next boot (kernel/audit.c). */
#define LOCKED 2

/* What auditing__stop() puts back. */
static struct {
	int fd;
	uint32_t enabled;
} audit;

static int get_status(int fd, struct audit_status *status)
{
	struct netlink_request request;

	netlink__start(&request, AUDIT_GET);
	return netlink__talk(fd, &request, AUDIT_GET, status, sizeof(*status));
}

static int enable(int fd, uint32_t enabled)
{
	const struct audit_status status = { .mask = AUDIT_STATUS_ENABLED, .enabled = enabled };
	struct netlink_request request;

	netlink__start(&request, AUDIT_SET);
	netlink__bytes(&request, &status, sizeof(status));
	return netlink__talk(fd, &request, 0, NULL, 0);
}

int auditing__rule(int fd, uint16_t type)
{
	const struct audit_rule_data rule = {
		.flags = AUDIT_FILTER_EXIT,
		.action = AUDIT_NEVER,
		.mask = { 1 },
		.field_count = 1,
		.fields = { AUDIT_PID },
		.values = { getpid() },
		.fieldflags = { AUDIT_EQUAL },
	};
	struct netlink_request request;

	netlink__start(&request, type);
	netlink__bytes(&request, &rule, sizeof(rule));
	return netlink__talk(fd, &request, 0, NULL, 0);
}

const char *auditing__unavailable(void)
{
	static char reason[80];
	struct audit_status status = {};
	int fd = netlink__open(NETLINK_AUDIT), err;

	if (fd < 0)
		return "the kernel has no audit";
	err = get_status(fd, &status);
	close(fd);
	if (err) {
		snprintf(reason, sizeof(reason), "auditing cannot be set up from here: %s",
			 errno__name(err));
		return reason;
	}
	return status.enabled == LOCKED ? "the audit configuration is locked" : NULL;
}

int auditing__start(void)
{
	struct audit_status status = {};
	int err;

	audit.fd = netlink__open(NETLINK_AUDIT);
	if (audit.fd < 0)
		return audit.fd;
	err = get_status(audit.fd, &status);
	if (err)
		return err;
	audit.enabled = status.enabled;
	err = enable(audit.fd, 1);
	if (err)
		return err;
	err = auditing__rule(audit.fd, AUDIT_ADD_RULE);
	if (err)
		enable(audit.fd, audit.enabled);
	return err;
}

void auditing__stop(struct subject *s)
{
	auditing__rule(audit.fd, AUDIT_DEL_RULE);
	enable(audit.fd, audit.enabled);
}
