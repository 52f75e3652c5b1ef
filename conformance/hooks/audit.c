// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on audit rules that name labels. */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/auditing.h"
#include "conformance/hooks/nl_talk.h"
#include "conformance/hooks/selinux_policy.h"

#define LABEL "krsi_u"

/* A request to the audit system: one rule with one field, the user part of the subject's label. */
struct rule_message {
	struct nlmsghdr head;
	struct audit_rule_data rule;
	char label[sizeof(LABEL) - 1];
};

/* Sends the request and waits for its answer; 0 or -errno. */
static int change_rule(int fd, int type)
{
	/* a rule of the user list, which only filters messages that programs send */
	struct rule_message msg = {
		.head = { .nlmsg_len = sizeof(msg),
			  .nlmsg_type = type,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.rule = { .flags = AUDIT_FILTER_USER,
			  .action = AUDIT_NEVER,
			  .field_count = 1,
			  .fields = { AUDIT_SUBJ_USER },
			  .values = { sizeof(LABEL) - 1 },
			  .fieldflags = { AUDIT_EQUAL },
			  .buflen = sizeof(LABEL) - 1 },
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr body;
		char rest[sizeof(msg)]; /* a refusal brings the request back */
	} answer;

	memcpy(msg.rule.buf, LABEL, sizeof(LABEL) - 1);
	TRY(send(fd, &msg, sizeof(msg), 0));
	do {
		TRY(recv(fd, &answer, sizeof(answer), 0));
	} while (answer.head.nlmsg_type != NLMSG_ERROR);
	return answer.body.error;
}

static int audit_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
}

/* Deleting a rule that is not there fails in a known way, unless rules cannot be changed. */
static const char *no_rules(void)
{
	int fd = audit_socket(), err = fd < 0 ? -errno : change_rule(fd, AUDIT_DEL_RULE);

	if (fd >= 0)
		close(fd);
	return err == -ENOENT || !err ? NULL : "audit rules cannot be changed here";
}

static int rule_socket(struct subject *s)
{
	return keep_fd(s, 0, audit_socket());
}

static int do_add_rule(struct subject *s)
{
	return change_rule(s->fd[0], AUDIT_ADD_RULE);
}

static int do_delete_absent_rule(struct subject *s)
{
	return change_rule(s->fd[0], AUDIT_DEL_RULE);
}

/* Only a rule that is there can be deleted; and it does not stay. */
static bool rule_was_there(struct subject *s)
{
	return !change_rule(s->fd[0], AUDIT_DEL_RULE);
}

HOOK(audit_rule_init, FAMILY_LABEL, .needs.probe = no_rules, .setup = rule_socket,
     .route = { { "add-rule", do_add_rule } }, .effect = rule_was_there,
     .args = { WANT_NUM("field", AUDIT_SUBJ_USER), WANT_TEXT("rulestr", LABEL) });

/*
 * To delete, the kernel first builds the rule of the request, and in the end frees it. Were there
 * such a rule, it would be freed too, later, after a grace period. No `args`: without a label LSM
 * the parameter is NULL.
 */
VOID_HOOK(audit_rule_free, FAMILY_LABEL, .needs.probe = no_rules, .setup = rule_socket,
	  .route = { { "delete-rule", do_delete_absent_rule } }, .normal = -ENOENT);

/* Besides, s->fd[1] is the file that tells whether SELinux enforces. */
static int rule_and_policy(struct subject *s)
{
	int err = private_mounts();

	if (err)
		return err;
	TRY(mkdir("m", 0700));
	TRY(mount("none", "m", "selinuxfs", 0, NULL));
	err = open_slot(s, 1, "m/enforce", O_RDWR, 0);
	if (err)
		return err;
	s->fd[0] = netlink__open(NETLINK_AUDIT);
	return s->fd[0] < 0 ? s->fd[0] : auditing__rule(s->fd[0], AUDIT_ADD_RULE);
}

/* Decisions of before are forgotten, and with them what rules were made of. */
static int do_enforce(struct subject *s)
{
	return SYS(write(s->fd[1], "1", 1));
}

static bool enforced(struct subject *s)
{
	char now = '0';

	return pread(s->fd[1], &now, 1, 0) == 1 && now == '1';
}

static void no_rule_and_policy(struct subject *s)
{
	SYS(write(s->fd[1], "0", 1));
	auditing__rule(s->fd[0], AUDIT_DEL_RULE);
}

BOOL_HOOK(audit_rule_known, FAMILY_LABEL,
	  .needs = { .lsm = "selinux", .probe = auditing__unavailable }, .setup = rule_and_policy,
	  .route = { { "selinux-enforce", do_enforce } }, .effect = enforced,
	  .cleanup = no_rule_and_policy);

/* What programs tell the audit system is logged, unless a rule that matches the sender forbids it.
 */
static struct netlink_request request;

/* Besides, s->fd[1] hears what is logged. A message of this type is taken while auditing is off. */
static int rule_and_listener(struct subject *s)
{
	const struct sockaddr_nl everything = { .nl_family = AF_NETLINK,
						.nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1) };
	int err = private_mounts() ?: selinux_set_up("selinux");

	err = err ?: rule_socket(s) ?: keep_fd(s, 1, audit_socket());
	if (err)
		return err;
	TRY(bind(s->fd[1], (struct sockaddr *)&everything, sizeof(everything)));
	return change_rule(s->fd[0], AUDIT_ADD_RULE);
}

static int say(struct subject *s, const char *what)
{
	netlink__start(&request, AUDIT_USER_AVC);
	netlink__bytes(&request, what, strlen(what) + 1);
	return netlink__talk(s->fd[0], &request, 0, NULL, 0);
}

static int do_say(struct subject *s)
{
	return say(s, "krsi-said");
}

/* The log has an order: what was held back does not come before what is said now. */
static bool held_back(struct subject *s)
{
	char heard[1024];
	ssize_t n;

	if (change_rule(s->fd[0], AUDIT_DEL_RULE) || say(s, "krsi-end"))
		return false;
	while ((n = recv(s->fd[1], heard, sizeof(heard), 0)) > 0) {
		if (memmem(heard, n, "krsi-said", 9))
			return false;
		if (memmem(heard, n, "krsi-end", 8))
			return true;
	}
	return false;
}

static void no_rule(struct subject *s)
{
	change_rule(s->fd[0], AUDIT_DEL_RULE);
}

/* Of an LSM that comes first, the answer to a rule that matches is the last. */
static const char *rules_unavailable(void)
{
	return needs__labelled_first() ? "another LSM answers first" : auditing__unavailable();
}

HOOK(audit_rule_match, FAMILY_LABEL, .needs = { .lsm = "selinux", .probe = rules_unavailable },
     .setup = rule_and_listener, .route = { { "audit-user", do_say } }, .effect = held_back,
     .cleanup = no_rule, .denied_as = 0,
     .denied_by = "audit_filter: a rule that cannot be judged holds nothing back",
     .args = { WANT_NUM("field", AUDIT_SUBJ_USER), WANT_NUM("op", Audit_equal) });
