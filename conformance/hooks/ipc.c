// SPDX-License-Identifier: GPL-2.0-only
/* Hooks that all of System V IPC goes through. */
#include "conformance/hooks/auditing.h"
#include "conformance/hooks/sysv.h"

/* What the route that ran should have left behind. */
static bool (*left)(struct subject *s);

static bool as_left(struct subject *s)
{
	return left(s);
}

/* One object of each kind, with the same key; the queue's id is SYSV_ID. */
enum { SEM_ID = SYSV_PID + 1, SHM_ID };

static int objects(struct subject *s)
{
	int err = sysv_queue(s);

	if (err < 0)
		return err;
	s->val[SEM_ID] = semget(s->val[SYSV_KEY], 1, IPC_CREAT | 0600);
	s->val[SHM_ID] = shmget(s->val[SYSV_KEY], 4096, IPC_CREAT | 0600);
	return s->val[SEM_ID] < 0 || s->val[SHM_ID] < 0 ? -errno : 0;
}

static int send(struct subject *s)
{
	left = sysv_queued;
	return sysv_send(s);
}

static bool got_queue(struct subject *s)
{
	return s->val[SYSV_OUT] == s->val[SYSV_ID];
}

static int get_queue(struct subject *s)
{
	left = got_queue;
	s->val[SYSV_OUT] = msgget(s->val[SYSV_KEY], 0600);
	return SYS(s->val[SYSV_OUT]);
}

static struct msqid_ds out_ds;

static bool wrote_ds(struct subject *s)
{
	return out_ds.msg_perm.__key == s->val[SYSV_KEY];
}

static int stat_queue(struct subject *s)
{
	left = wrote_ds;
	return SYS(msgctl(s->val[SYSV_ID], IPC_STAT, &out_ds));
}

static bool raised(struct subject *s)
{
	return semctl(s->val[SEM_ID], 0, GETVAL) == 1;
}

static int raise_semaphore(struct subject *s)
{
	struct sembuf up = { .sem_op = 1 };

	left = raised;
	return SYS(semop(s->val[SEM_ID], &up, 1));
}

static int set_semaphore(struct subject *s)
{
	left = raised;
	return SYS(semctl(s->val[SEM_ID], 0, SETVAL, (union semun){ .val = 1 }));
}

static bool attached(struct subject *s)
{
	struct shmid_ds ds;

	return !shmctl(s->val[SHM_ID], IPC_STAT, &ds) && ds.shm_nattch == 1;
}

static int attach(struct subject *s)
{
	void *at;

	left = attached;
	at = shmat(s->val[SHM_ID], NULL, 0);
	return at == (void *)-1 ? -errno : 0;
}

HOOK(ipc_permission, FAMILY_IPC, .setup = objects,
     .route = { { "msgsnd", send },
		{ "msgget", get_queue },
		{ "msgctl", stat_queue },
		{ "semop", raise_semaphore },
		{ "semctl", set_semaphore },
		{ "shmat", attach } },
     .effect = as_left, .denied_as = EACCES, .denied_by = "ipcperms",
     .args = { WANT_VAL("ipcp", KRSI_A, SYSV_ID), WANT_VAL("ipcp", KRSI_B, SYSV_KEY),
	       WANT_NUM("flag", 0222) });

/* The audit system asks for the label of an IPC object that a process uses. */
static int audited_queue(struct subject *s)
{
	int err = sysv_queue(s);

	return err < 0 ? err : auditing__start();
}

static int audited_send(struct subject *s)
{
	return in_child(s, sysv_send);
}

VOID_HOOK(ipc_getsecid, FAMILY_IPC, .setup = audited_queue, .cleanup = auditing__stop,
	  .route = { { "msgsnd", audited_send } }, .effect = sysv_queued,
	  .args = { WANT_VAL("ipcp", KRSI_A, SYSV_ID), WANT_VAL("ipcp", KRSI_B, SYSV_KEY) },
	  .needs.probe = auditing__unavailable);

VOID_HOOK(ipc_getlsmprop, FAMILY_IPC, .setup = audited_queue, .cleanup = auditing__stop,
	  .route = { { "msgsnd", audited_send } }, .effect = sysv_queued,
	  .args = { WANT_VAL("ipcp", KRSI_A, SYSV_ID), WANT_VAL("ipcp", KRSI_B, SYSV_KEY) },
	  .needs.probe = auditing__unavailable);
