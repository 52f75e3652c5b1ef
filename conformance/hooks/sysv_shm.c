// SPDX-License-Identifier: GPL-2.0-only
/* System V shared memory. */
#include "conformance/hooks/sysv.h"

/* What the route that ran should have left behind. */
static bool (*left)(struct subject *s);

static bool as_left(struct subject *s)
{
	return left(s);
}

static int create(struct subject *s)
{
	return SYS(shmget(s->val[SYSV_KEY], 4096, IPC_CREAT | 0600));
}

static bool created(struct subject *s)
{
	return shmget(s->val[SYSV_KEY], 0, 0) >= 0;
}

HOOK(shm_alloc_security, FAMILY_IPC, .setup = sysv_space, .route = { { "shmget", create } },
     .effect = created, .args = { WANT_VAL("perm", KRSI_B, SYSV_KEY) });

static int associate(struct subject *s)
{
	s->val[SYSV_OUT] = shmget(s->val[SYSV_KEY], 4096, 0600);
	return SYS(s->val[SYSV_OUT]);
}

static bool associated(struct subject *s)
{
	return s->val[SYSV_OUT] == s->val[SYSV_ID];
}

HOOK(shm_associate, FAMILY_IPC, .setup = sysv_segment, .route = { { "shmget", associate } },
     .effect = associated,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("shmflg", 0600) });

static bool removed(struct subject *s)
{
	return !created(s);
}

static int ctl_rmid(struct subject *s)
{
	left = removed;
	return SYS(shmctl(s->val[SYSV_ID], IPC_RMID, NULL));
}

/* shm_rcu_free() calls the hook after a grace period. */
VOID_HOOK(shm_free_security, FAMILY_IPC, .setup = sysv_segment,
	  .route = { { "ipc_rmid", ctl_rmid } }, .effect = as_left, .anyone = true, .async = true,
	  .only = WANT_VAL("perm", KRSI_B, SYSV_KEY),
	  .args = { WANT_VAL("perm", KRSI_A, SYSV_ID) });

static bool has_mode(struct subject *s, unsigned int mask, unsigned int mode)
{
	struct shmid_ds ds;

	return !shmctl(s->val[SYSV_ID], IPC_STAT, &ds) && (ds.shm_perm.mode & mask) == mode;
}

static bool mode_changed(struct subject *s)
{
	return has_mode(s, 0777, 0640);
}

static int ctl_set(struct subject *s)
{
	struct shmid_ds ds = { .shm_perm.mode = 0640 };

	left = mode_changed;
	return SYS(shmctl(s->val[SYSV_ID], IPC_SET, &ds));
}

static bool locked(struct subject *s)
{
	return has_mode(s, SHM_LOCKED, SHM_LOCKED);
}

static int ctl_lock(struct subject *s)
{
	left = locked;
	return SYS(shmctl(s->val[SYSV_ID], SHM_LOCK, NULL));
}

static struct shmid_ds out_ds;
static struct shminfo out_info;

static bool wrote_ds(struct subject *s)
{
	return out_ds.shm_perm.__key == s->val[SYSV_KEY];
}

static int ctl_stat(struct subject *s)
{
	left = wrote_ds;
	return SYS(shmctl(s->val[SYSV_ID], IPC_STAT, &out_ds));
}

static bool wrote_info(struct subject *s)
{
	return out_info.shmmax > 0;
}

static int ctl_info(struct subject *s)
{
	left = wrote_info;
	return SYS(shmctl(s->val[SYSV_ID], IPC_INFO, (struct shmid_ds *)&out_info));
}

HOOK(shm_shmctl, FAMILY_IPC, .setup = sysv_segment,
     .route = { { "ipc_set", ctl_set },
		{ "ipc_stat", ctl_stat },
		{ "shm_lock", ctl_lock },
		{ "ipc_info", ctl_info },
		{ "ipc_rmid", ctl_rmid } },
     .effect = as_left,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("cmd", IPC_SET) });

static int attach(struct subject *s)
{
	void *at = shmat(s->val[SYSV_ID], NULL, SHM_RDONLY);

	return at == (void *)-1 ? -errno : 0;
}

static bool attached(struct subject *s)
{
	struct shmid_ds ds;

	return !shmctl(s->val[SYSV_ID], IPC_STAT, &ds) && ds.shm_nattch == 1;
}

HOOK(shm_shmat, FAMILY_IPC, .setup = sysv_segment, .route = { { "shmat", attach } },
     .effect = attached,
     .args = { WANT_VAL("perm", KRSI_A, SYSV_ID), WANT_VAL("perm", KRSI_B, SYSV_KEY),
	       WANT_NUM("shmflg", SHM_RDONLY) });
