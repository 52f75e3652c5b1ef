// SPDX-License-Identifier: GPL-2.0-only
/*
 * Labels of security modules, where the kernel asks for them although no module gives any: NetLabel
 * (labels for packets that carry none) and the labels of senders on UNIX sockets.
 */
#include <arpa/inet.h>
#include <linux/audit.h>
#include <netinet/in.h>
#include <string.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/auditing.h"
#include "conformance/hooks/nl_talk.h"

/* Of the kernel's net/netlabel/netlabel_unlabeled.h. */
#define FAMILY "NLBL_UNLBL"
enum { COMMAND_ADD = 3, COMMAND_ADD_DEFAULT = 6, COMMAND_REMOVE_DEFAULT = 7 };
enum { ATTR_ADDRESS = 4, ATTR_MASK = 5, ATTR_DEVICE = 6, ATTR_LABEL = 7 };

/* Of documentation only (RFC 5737): no packet comes from there. */
#define ADDRESS "192.0.2.1"
#define LABEL	"krsi"

/* Kept in s->fd: the netlink socket, or the two ends of a pair. Index in s->val: the family, or
 * the limit that there was. */
enum { FD_NETLINK = 0, FD_SENDER = 0, FD_RECEIVER = 1 };
enum { FAMILY_ID, LIMIT = 0 };

static struct netlink_request request;

/* SELinux, Smack and AppArmor know their own labels only. */
static const char *has_labels(void)
{
	static const char *const givers[] = { "selinux", "smack", "apparmor" };
	char lsms[512] = "";
	FILE *file = fopen("/sys/kernel/security/lsm", "re");

	if (file) {
		if (!fgets(lsms, sizeof(lsms), file))
			lsms[0] = '\0';
		fclose(file);
	}
	for (int i = 0; i < 3; i++)
		if (strstr(lsms, givers[i]))
			return "another security module gives labels, and takes only its own";
	return NULL;
}

static void ask(struct subject *s, uint8_t command)
{
	const struct in_addr address = { inet_addr(ADDRESS) }, mask = { 0xffffffff };

	netlink__start_generic(&request, s->val[FAMILY_ID], command);
	netlink__attribute(&request, ATTR_ADDRESS, &address, sizeof(address));
	netlink__attribute(&request, ATTR_MASK, &mask, sizeof(mask));
}

static int netlabel(struct subject *s)
{
	s->fd[FD_NETLINK] = netlink__open(NETLINK_GENERIC);
	if (s->fd[FD_NETLINK] < 0)
		return s->fd[FD_NETLINK];
	s->val[FAMILY_ID] = netlink__family(s->fd[FD_NETLINK], FAMILY);
	return s->val[FAMILY_ID] < 0 ? s->val[FAMILY_ID] : 0;
}

static const char *no_netlabel(void)
{
	int fd = netlink__open(NETLINK_GENERIC), family = fd < 0 ? 0 : netlink__family(fd, FAMILY);

	if (fd >= 0)
		close(fd);
	return family == -ENOENT ? "no NetLabel here" : NULL;
}

static const char *no_default_label(void)
{
	return no_netlabel() ?: has_labels();
}

static int default_label(struct subject *s)
{
	int err = netlabel(s);

	if (err)
		return err;
	ask(s, COMMAND_ADD_DEFAULT);
	netlink__attribute(&request, ATTR_LABEL, LABEL, sizeof(LABEL));
	return 0;
}

/* A label for a device that is not there: it fails, but only after the kernel has asked who wants
 * it, and so it leaves nothing behind. */
static int label_of_no_device(struct subject *s)
{
	static const char device[] = "krsi-none";
	int err = netlabel(s);

	if (err)
		return err;
	ask(s, COMMAND_ADD);
	netlink__attribute(&request, ATTR_DEVICE, device, sizeof(device));
	netlink__attribute(&request, ATTR_LABEL, LABEL, sizeof(LABEL));
	return 0;
}

static int talk(struct subject *s)
{
	return netlink__talk(s->fd[FD_NETLINK], &request, 0, NULL, 0);
}

/* The entry is there if it can be removed, which also puts everything back. */
static bool was_added(struct subject *s)
{
	ask(s, COMMAND_REMOVE_DEFAULT);
	return !talk(s);
}

HOOK(secctx_to_secid, FAMILY_LABEL, .setup = default_label, .route = { { "netlabel", talk } },
     .effect = was_added,
     .args = { WANT_TEXT("secdata", LABEL), WANT_NUM("seclen", sizeof(LABEL)) },
     .needs.probe = no_default_label);

VOID_HOOK(current_getsecid_subj, FAMILY_LABEL, .needs.probe = no_netlabel,
	  .setup = label_of_no_device, .route = { { "netlabel", talk } }, .normal = -ENODEV);

VOID_HOOK(current_getlsmprop_subj, FAMILY_LABEL, .needs.probe = no_netlabel,
	  .setup = label_of_no_device, .route = { { "netlabel", talk } }, .normal = -ENODEV);

/* A message waits at a socket whose owner wants to see the sender's label. */
static int pair_with_message(struct subject *s)
{
	int on = 1;

	TRY(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s->fd));
	TRY(setsockopt(s->fd[FD_RECEIVER], SOL_SOCKET, SO_PASSSEC, &on, sizeof(on)));
	TRY(send(s->fd[FD_SENDER], LABEL, sizeof(LABEL), 0));
	return 0;
}

static int receive(struct subject *s)
{
	char control[256];
	struct iovec part = { s->text, sizeof(s->text) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	return SYS(recvmsg(s->fd[FD_RECEIVER], &message, MSG_DONTWAIT));
}

static bool received(struct subject *s)
{
	return !strcmp(s->text, LABEL);
}

HOOK(secid_to_secctx, FAMILY_LABEL, .default_ret = -EOPNOTSUPP, .setup = pair_with_message,
     .route = { { "so_passsec", receive } }, .effect = received, .ignored_by = "scm_passec",
     .needs.probe = has_labels);

static int get_status(struct subject *s, struct audit_status *status)
{
	netlink__start(&request, AUDIT_GET);
	return netlink__talk(s->fd[FD_NETLINK], &request, AUDIT_GET, status, sizeof(*status));
}

static int set_status(struct subject *s, const struct audit_status *status)
{
	netlink__start(&request, AUDIT_SET);
	netlink__bytes(&request, status, sizeof(*status));
	return talk(s);
}

/* Auditing is on. It stays so where a label LSM comes after bpf: the kernel then cannot name who
 * wants to turn it off, and refuses (audit_log_config_change). */
static int audited(struct subject *s)
{
	const struct audit_status on = { .mask = AUDIT_STATUS_ENABLED, .enabled = 1 };
	struct audit_status status = {};
	int err;

	s->fd[FD_NETLINK] = netlink__open(NETLINK_AUDIT);
	if (s->fd[FD_NETLINK] < 0)
		return s->fd[FD_NETLINK];
	err = get_status(s, &status);
	s->val[LIMIT] = status.backlog_limit;
	return err || status.enabled ? err : set_status(s, &on);
}

/* How many records may wait: a change is logged with the label of who makes it. */
static int set_limit(struct subject *s, uint32_t limit)
{
	const struct audit_status status = { .mask = AUDIT_STATUS_BACKLOG_LIMIT,
					     .backlog_limit = limit };

	return set_status(s, &status);
}

static int do_raise_limit(struct subject *s)
{
	return set_limit(s, s->val[LIMIT] + 1);
}

static bool limit_raised(struct subject *s)
{
	struct audit_status status = {};

	return !get_status(s, &status) && status.backlog_limit == s->val[LIMIT] + 1;
}

static void put_limit_back(struct subject *s)
{
	set_limit(s, s->val[LIMIT]);
}

HOOK(lsmprop_to_secctx, FAMILY_LABEL, .default_ret = -EOPNOTSUPP,
     .needs = { .lsm = "selinux", .probe = auditing__unavailable }, .setup = audited,
     .route = { { "audit-set", do_raise_limit } }, .effect = limit_raised,
     .cleanup = put_limit_back, .many = "once for each record");

/* The text of a label that was asked for is let go of. */
VOID_HOOK(release_secctx, FAMILY_LABEL, .needs.lsm = "selinux", .setup = pair_with_message,
	  .route = { { "so_passsec", receive } }, .effect = received);
