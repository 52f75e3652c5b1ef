// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks by which audit asks for an inode's label. It asks while a rule stands that could match
 * a system call; the rule here never does, and names a process that ends with the test.
 */
#include <linux/audit.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* Sends one request and waits for its answer: a status, or else an acknowledgement. */
static int ask(int fd, int type, const void *data, size_t len, struct audit_status *status)
{
	static char buf[8192];
	struct nlmsghdr *msg = (struct nlmsghdr *)buf;

	if (NLMSG_SPACE(len) > sizeof(buf))
		return -EMSGSIZE;
	memset(buf, 0, sizeof(*msg));
	msg->nlmsg_len = NLMSG_LENGTH(len);
	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | (status ? 0 : NLM_F_ACK);
	memcpy(NLMSG_DATA(msg), data, len);
	TRY(send(fd, buf, msg->nlmsg_len, 0));
	for (;;) {
		TRY(recv(fd, buf, sizeof(buf), 0));
		if (msg->nlmsg_type == NLMSG_ERROR)
			return ((struct nlmsgerr *)NLMSG_DATA(msg))->error;
		if (msg->nlmsg_type != AUDIT_GET || !status)
			continue;
		memcpy(status, NLMSG_DATA(msg), sizeof(*status));
		return 0;
	}
}

static int get_status(struct audit_status *status)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT), err;

	if (fd < 0)
		return -errno;
	err = ask(fd, AUDIT_GET, NULL, 0, status);
	close(fd);
	return err;
}

static int set_enabled(int fd, uint32_t enabled)
{
	const struct audit_status status = { .mask = AUDIT_STATUS_ENABLED, .enabled = enabled };

	return ask(fd, AUDIT_SET, &status, sizeof(status), NULL);
}

/* One system call, this process, never an event. */
static int change_rule(int fd, int type)
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

	return ask(fd, type, &rule, sizeof(rule), NULL);
}

static int start_audit(struct subject *s)
{
	struct audit_status status;
	int err = put_file("f", "krsi") ?: get_status(&status);

	if (err)
		return err;
	s->val[0] = status.enabled;
	err = keep_fd(s, 0, socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
	err = err ?: set_enabled(s->fd[0], 1);
	if (err)
		return err;
	err = change_rule(s->fd[0], AUDIT_ADD_RULE);
	if (err)
		set_enabled(s->fd[0], s->val[0]);
	return err;
}

static void stop_audit(struct subject *s)
{
	change_rule(s->fd[0], AUDIT_DEL_RULE);
	set_enabled(s->fd[0], s->val[0]);
}

static int stat_f(struct subject *s)
{
	struct stat st;

	return SYS(stat("f", &st));
}

/* Only a process that starts while audit is enabled has a context. */
static int do_stat(struct subject *s)
{
	return in_child(s, stat_f);
}

static const char *no_audit(void)
{
	struct audit_status status;

	if (get_status(&status))
		return "no audit in this kernel, or not for us";
	return status.enabled == 2 ? "the audit configuration is locked" : NULL;
}

VOID_HOOK(inode_getsecid, FAMILY_LABEL, .setup = start_audit, .route = { { "stat", do_stat } },
	  .cleanup = stop_audit, .only = WANT_FILE("inode", "f"),
	  .args = { WANT_FILE("inode", "f") }, .needs.probe = no_audit);

VOID_HOOK(inode_getlsmprop, FAMILY_LABEL, .setup = start_audit, .route = { { "stat", do_stat } },
	  .cleanup = stop_audit, .only = WANT_FILE("inode", "f"),
	  .args = { WANT_FILE("inode", "f") }, .needs.probe = no_audit);
