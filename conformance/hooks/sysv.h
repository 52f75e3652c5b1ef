/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hooks of System V IPC share: an IPC namespace of the subject's own, so that nothing
 * outlives it, and keys that single out one test's objects even in calls that come late.
 */
#ifndef KRSI_HOOKS_SYSV_H
#define KRSI_HOOKS_SYSV_H

#include <sched.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* Indices in s->val. */
enum sysv_val {
	SYSV_KEY, /* of the object */
	SYSV_ID,  /* of the object, where set-up creates it */
	SYSV_OUT, /* what act got */
	SYSV_PID, /* of the subject */
};

/* What a message of these tests looks like; its length and type identify it. */
#define SYSV_TYPE 7
#define SYSV_TEXT "krsi"
struct sysv_message {
	long type;
	char text[8];
};

/* semctl's fourth argument; the caller must declare it. */
union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	struct seminfo *info;
};

/* A namespace and a key; 0 or -errno. */
static inline int sysv_space(struct subject *s)
{
	TRY(unshare(CLONE_NEWIPC));
	s->val[SYSV_PID] = getpid();
	s->val[SYSV_KEY] = 0x4b000000 | getpid();
	s->val[SYSV_OUT] = -1;
	return 0;
}

/* ... and an object in it, of the kind that the name says. */
static inline int sysv_queue(struct subject *s)
{
	int err = sysv_space(s);

	if (err)
		return err;
	s->val[SYSV_ID] = msgget(s->val[SYSV_KEY], IPC_CREAT | IPC_EXCL | 0600);
	return SYS(s->val[SYSV_ID]);
}

static inline int sysv_semaphore(struct subject *s)
{
	int err = sysv_space(s);

	if (err)
		return err;
	s->val[SYSV_ID] = semget(s->val[SYSV_KEY], 1, IPC_CREAT | IPC_EXCL | 0600);
	return SYS(s->val[SYSV_ID]);
}

static inline int sysv_segment(struct subject *s)
{
	int err = sysv_space(s);

	if (err)
		return err;
	s->val[SYSV_ID] = shmget(s->val[SYSV_KEY], 4096, IPC_CREAT | IPC_EXCL | 0600);
	return SYS(s->val[SYSV_ID]);
}

static inline int sysv_send(struct subject *s)
{
	const struct sysv_message message = { SYSV_TYPE, SYSV_TEXT };

	return SYS(msgsnd(s->val[SYSV_ID], &message, sizeof(SYSV_TEXT), IPC_NOWAIT));
}

/* Is exactly one message in the queue? */
static inline bool sysv_queued(struct subject *s)
{
	struct msqid_ds ds;

	return !msgctl(s->val[SYSV_ID], IPC_STAT, &ds) && ds.msg_qnum == 1;
}

#endif
