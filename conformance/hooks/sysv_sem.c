// SPDX-License-Identifier: GPL-2.0-only
/* System V semaphores. */
#include <time.h>

#include "conformance/hooks/sysv.h"

/* The value that operations give the semaphore. */
#define VALUE 5

/* What the route that ran should have left behind. */
static bool (*left)(struct subject *s);

static bool as_left(struct subject *s)
{
	return left(s);
}

static int create(struct subject *s)
{
	return SYS(semget(s->val[SYSV_KEY], 1, IPC_CREAT | 0600));
}

static bool created(struct subject *s)
{
	return semget(s->val[SYSV_KEY], 0, 0) >= 0;
}

HOOK(sem_alloc_security, FAMILY_IPC, .setup = sysv_space, .route = { { "semget", create } },
     .effect = created, .args = { WANT_VAL("perm", KRSI_B, SYSV_KEY) });

static int associate(struct subject *s)
{
	s->val[SYSV_OUT] = semget(s->val[SYSV_KEY], 1, 0600);
	return SYS(s->val[SYSV_OUT]);
}

static bool associated(struct subject *s)
{
	return s->val[SYSV_OUT] == s->val[SYSV_ID];
}

HOOK(sem_associate, FAMILY_IPC, .setup = sysv_semaphore, .route = { { "semget", associate } },
     .effect = associated,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("semflg", 0600) });

static bool removed(struct subject *s)
{
	return !created(s);
}

static int ctl_rmid(struct subject *s)
{
	left = removed;
	return SYS(semctl(s->val[SYSV_ID], 0, IPC_RMID));
}

/* sem_rcu_free() calls the hook after a grace period. */
VOID_HOOK(sem_free_security, FAMILY_IPC, .setup = sysv_semaphore,
	  .route = { { "ipc_rmid", ctl_rmid } }, .effect = as_left, .anyone = true, .async = true,
	  .only = WANT_VAL("perm", KRSI_B, SYSV_KEY),
	  .args = { WANT_VAL("perm", KRSI_A, SYSV_ID) });

static bool has_value(struct subject *s)
{
	return semctl(s->val[SYSV_ID], 0, GETVAL) == VALUE;
}

static int ctl_setall(struct subject *s)
{
	unsigned short values[] = { VALUE };

	left = has_value;
	return SYS(semctl(s->val[SYSV_ID], 0, SETALL, (union semun){ .array = values }));
}

static int ctl_setval(struct subject *s)
{
	left = has_value;
	return SYS(semctl(s->val[SYSV_ID], 0, SETVAL, (union semun){ .val = VALUE }));
}

static bool mode_changed(struct subject *s)
{
	struct semid_ds ds;

	return !semctl(s->val[SYSV_ID], 0, IPC_STAT, (union semun){ .buf = &ds }) &&
	       ds.sem_perm.mode == 0640;
}

static int ctl_set(struct subject *s)
{
	struct semid_ds ds = { .sem_perm.mode = 0640 };

	left = mode_changed;
	return SYS(semctl(s->val[SYSV_ID], 0, IPC_SET, (union semun){ .buf = &ds }));
}

static struct semid_ds out_ds;
static struct seminfo out_info;
static unsigned short out_values[1] = { 0xffff };

static bool wrote_ds(struct subject *s)
{
	return out_ds.sem_perm.__key == s->val[SYSV_KEY];
}

static int ctl_stat(struct subject *s)
{
	left = wrote_ds;
	return SYS(semctl(s->val[SYSV_ID], 0, IPC_STAT, (union semun){ .buf = &out_ds }));
}

static bool wrote_values(struct subject *s)
{
	return out_values[0] == 0;
}

static int ctl_getall(struct subject *s)
{
	left = wrote_values;
	return SYS(semctl(s->val[SYSV_ID], 0, GETALL, (union semun){ .array = out_values }));
}

static bool wrote_info(struct subject *s)
{
	return out_info.semmni > 0;
}

static int ctl_info(struct subject *s)
{
	left = wrote_info;
	return SYS(semctl(s->val[SYSV_ID], 0, IPC_INFO, (union semun){ .info = &out_info }));
}

HOOK(sem_semctl, FAMILY_IPC, .setup = sysv_semaphore,
     .route = { { "setall", ctl_setall },
		{ "setval", ctl_setval, .denied_as = EACCES, .denied_by = "semctl_setval" },
		{ "getall", ctl_getall },
		{ "ipc_set", ctl_set },
		{ "ipc_stat", ctl_stat },
		{ "ipc_info", ctl_info },
		{ "ipc_rmid", ctl_rmid } },
     .effect = as_left,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("cmd", SETALL) });

static int op(struct subject *s)
{
	struct sembuf add = { .sem_op = VALUE, .sem_flg = IPC_NOWAIT };

	return SYS(semop(s->val[SYSV_ID], &add, 1));
}

static int timed_op(struct subject *s)
{
	struct sembuf add = { .sem_op = VALUE, .sem_flg = IPC_NOWAIT };
	const struct timespec limit = { .tv_sec = 1 };

	return SYS(semtimedop(s->val[SYSV_ID], &add, 1, &limit));
}

HOOK(sem_semop, FAMILY_IPC, .setup = sysv_semaphore,
     .route = { { "semop", op }, { "semtimedop", timed_op } }, .effect = has_value,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("nsops", 1), WANT_NUM("alter", 1) });
