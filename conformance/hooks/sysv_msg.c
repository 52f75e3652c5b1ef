// SPDX-License-Identifier: GPL-2.0-only
/* System V message queues. */
#include "conformance/hooks/sysv.h"

/* What the route that ran should have left behind. */
static bool (*left)(struct subject *s);

static bool as_left(struct subject *s)
{
	return left(s);
}

static int create(struct subject *s)
{
	return SYS(msgget(s->val[SYSV_KEY], IPC_CREAT | 0600));
}

static bool created(struct subject *s)
{
	return msgget(s->val[SYSV_KEY], 0) >= 0;
}

HOOK(msg_queue_alloc_security, FAMILY_IPC, .setup = sysv_space, .route = { { "msgget", create } },
     .effect = created, .args = { WANT_VAL("perm", KRSI_B, SYSV_KEY) });

static int associate(struct subject *s)
{
	s->val[SYSV_OUT] = msgget(s->val[SYSV_KEY], 0600);
	return SYS(s->val[SYSV_OUT]);
}

static bool associated(struct subject *s)
{
	return s->val[SYSV_OUT] == s->val[SYSV_ID];
}

HOOK(msg_queue_associate, FAMILY_IPC, .setup = sysv_queue, .route = { { "msgget", associate } },
     .effect = associated,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("msqflg", 0600) });

static bool removed(struct subject *s)
{
	return !created(s);
}

static int ctl_rmid(struct subject *s)
{
	left = removed;
	return SYS(msgctl(s->val[SYSV_ID], IPC_RMID, NULL));
}

/* msg_rcu_free() calls the hook after a grace period. */
VOID_HOOK(msg_queue_free_security, FAMILY_IPC, .setup = sysv_queue,
	  .route = { { "ipc_rmid", ctl_rmid } }, .effect = as_left, .anyone = true, .async = true,
	  .only = WANT_VAL("perm", KRSI_B, SYSV_KEY),
	  .args = { WANT_VAL("perm", KRSI_A, SYSV_ID) });

static bool mode_changed(struct subject *s)
{
	struct msqid_ds ds;

	return !msgctl(s->val[SYSV_ID], IPC_STAT, &ds) && ds.msg_perm.mode == 0640;
}

static int ctl_set(struct subject *s)
{
	struct msqid_ds ds = { .msg_perm.mode = 0640, .msg_qbytes = 1024 };

	left = mode_changed;
	return SYS(msgctl(s->val[SYSV_ID], IPC_SET, &ds));
}

static struct msqid_ds out_ds;
static struct msginfo out_info;

static bool wrote_ds(struct subject *s)
{
	return out_ds.msg_perm.__key == s->val[SYSV_KEY];
}

static int ctl_stat(struct subject *s)
{
	left = wrote_ds;
	return SYS(msgctl(s->val[SYSV_ID], IPC_STAT, &out_ds));
}

static int ctl_stat_any(struct subject *s)
{
	left = wrote_ds;
	return SYS(msgctl(s->val[SYSV_ID], MSG_STAT_ANY, &out_ds));
}

static bool wrote_info(struct subject *s)
{
	return out_info.msgmax > 0;
}

static int ctl_info(struct subject *s)
{
	left = wrote_info;
	return SYS(msgctl(s->val[SYSV_ID], IPC_INFO, (struct msqid_ds *)&out_info));
}

HOOK(msg_queue_msgctl, FAMILY_IPC, .setup = sysv_queue,
     .route = { { "ipc_set", ctl_set },
		{ "ipc_stat", ctl_stat },
		{ "msg_stat_any", ctl_stat_any },
		{ "ipc_info", ctl_info },
		{ "ipc_rmid", ctl_rmid } },
     .effect = as_left,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("cmd", IPC_SET) });

HOOK(msg_queue_msgsnd, FAMILY_IPC, .setup = sysv_queue, .route = { { "msgsnd", sysv_send } },
     .effect = sysv_queued,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_WORD("msg", KRSI_A, SYSV_TYPE),
	       WANT_WORD("msg", KRSI_B, sizeof(SYSV_TEXT)), WANT_NUM("msqflg", IPC_NOWAIT) });

/* The type is set only after load_msg() has called the hook: nothing identifies the message. */
HOOK(msg_msg_alloc_security, FAMILY_IPC, .setup = sysv_queue, .route = { { "msgsnd", sysv_send } },
     .effect = sysv_queued);

static int queue_with_message(struct subject *s)
{
	int err = sysv_queue(s);

	return err < 0 ? err : sysv_send(s);
}

static bool received(struct subject *s)
{
	return !strcmp(s->text, SYSV_TEXT) && !sysv_queued(s);
}

static int receive(struct subject *s)
{
	struct sysv_message message = {};
	int ret =
		SYS(msgrcv(s->val[SYSV_ID], &message, sizeof(message.text), SYSV_TYPE, IPC_NOWAIT));

	left = received;
	memcpy(s->text, message.text, sizeof(message.text));
	return ret;
}

HOOK(msg_queue_msgrcv, FAMILY_IPC, .setup = queue_with_message, .route = { { "msgrcv", receive } },
     .effect = received, .denied_as = ENOMSG, .denied_by = "find_msg",
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_WORD("msg", KRSI_A, SYSV_TYPE),
	       WANT_WORD("msg", KRSI_B, sizeof(SYSV_TEXT)), WANT_VAL("target", KRSI_A, SYSV_PID),
	       WANT_NUM("type", SYSV_TYPE) });

VOID_HOOK(msg_msg_free_security, FAMILY_IPC, .setup = queue_with_message,
	  .route = { { "msgrcv", receive }, { "ipc_rmid", ctl_rmid } }, .effect = as_left,
	  .args = { WANT_WORD("msg", KRSI_A, SYSV_TYPE),
		    WANT_WORD("msg", KRSI_B, sizeof(SYSV_TEXT)) });
