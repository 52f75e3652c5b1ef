// SPDX-License-Identifier: GPL-2.0-only
/* System V IPC and message queues, with objects of root's (key 1) in the same name space. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/workload.h"

#define NEW (IPC_CREAT | IPC_EXCL)

/* Slots 1 to 3: of root's, 4 to 6: of root's that anyone may use. */
static int make_ipc(void)
{
	for (int i = 0; i < 2; i++) {
		int mode = i ? 0666 : 0600;

		slot[1 + 3 * i] = shmget(1 + i, 4096, NEW | mode);
		slot[2 + 3 * i] = semget(1 + i, 2, NEW | mode);
		slot[3 + 3 * i] = msgget(1 + i, NEW | mode);
	}
	for (int i = 1; i <= 6; i++)
		if (slot[i] < 0)
			return -ENOSPC;
	return 0;
}

static const struct call shm_calls[] = {
	KEEP(0, "get", shmget, 7, 8192, NEW | 0600),
	NUM("get-again", shmget, 7, 8192, NEW | 0600),
	NUM("get-larger", shmget, 7, 16384, 0600),
	NUM("get-missing", shmget, 77, 8192, 0600),
	NUM("get-roots", shmget, 1, 4096, 0600),
	NUM("get-open", shmget, 2, 4096, 0600),
	NUM("get-zero", shmget, 78, 0, NEW | 0600),
	OK("get-huge", shmget, IPC_PRIVATE, 4096, NEW | SHM_HUGETLB | 0600),
	OK("attach", shmat, SLOT(0), 0, 0),
	OK("attach-read-only", shmat, SLOT(0), 0, SHM_RDONLY),
	OK("attach-exec", shmat, SLOT(0), 0, SHM_EXEC),
	OK("attach-roots", shmat, SLOT(1), 0, 0),
	OK("attach-open", shmat, SLOT(4), 0, 0),
	OK("attach-unaligned", shmat, SLOT(0), 77, 0),
	NUM("detach-wrong", shmdt, 77),
	NUM("stat", shmctl, SLOT(0), IPC_STAT, out),
	NUM("stat-roots", shmctl, SLOT(1), IPC_STAT, out),
	NUM("stat-any-roots", shmctl, 0, 15, out),
	NUM("info", shmctl, 0, IPC_INFO, out),
	NUM("lock", shmctl, SLOT(0), SHM_LOCK, 0),
	NUM("unlock", shmctl, SLOT(0), SHM_UNLOCK, 0),
	NUM("lock-roots", shmctl, SLOT(1), SHM_LOCK, 0),
	NUM("set-roots", shmctl, SLOT(4), IPC_SET, out),
	NUM("remove-roots", shmctl, SLOT(4), IPC_RMID, 0),
	NUM("command-wrong", shmctl, SLOT(0), 777, 0),
	NUM("remove", shmctl, SLOT(0), IPC_RMID, 0),
};
WORKLOAD(shm, shm_calls, .name = "shm", .as = AS_ANYONE, .prepare = make_ipc);

static struct sembuf up = { 0, 1, IPC_NOWAIT }, down = { 0, -1, IPC_NOWAIT };
static struct sembuf beyond = { 9, 1, IPC_NOWAIT }, zero = { 1, 0, IPC_NOWAIT };
static unsigned short values[2] = { 3, 0 };

static const struct call sem_calls[] = {
	KEEP(0, "get", semget, 7, 2, NEW | 0600),
	NUM("get-again", semget, 7, 2, NEW | 0600),
	NUM("get-more", semget, 7, 5, 0600),
	NUM("get-roots", semget, 1, 2, 0600),
	NUM("get-open", semget, 2, 2, 0600),
	NUM("up", semop, SLOT(0), &up, 1),
	NUM("down", semop, SLOT(0), &down, 1),
	NUM("down-waits", semop, SLOT(0), &down, 1),
	NUM("zero", semop, SLOT(0), &zero, 1),
	NUM("beyond", semop, SLOT(0), &beyond, 1),
	NUM("none", semop, SLOT(0), &up, 0),
	NUM("up-roots", semop, SLOT(2), &up, 1),
	NUM("up-open", semop, SLOT(5), &up, 1),
	NUM("zero-open", semop, SLOT(5), &zero, 1),
	NUM("set-all", semctl, SLOT(0), 0, SETALL, values),
	NUM("get-value", semctl, SLOT(0), 0, GETVAL, 0),
	NUM("get-value-roots", semctl, SLOT(2), 0, GETVAL, 0),
	NUM("set-value-open", semctl, SLOT(5), 0, SETVAL, 4),
	NUM("set-value-large", semctl, SLOT(0), 0, SETVAL, 99999),
	NUM("count-waiting", semctl, SLOT(0), 0, GETNCNT, 0),
	NUM("stat-roots", semctl, SLOT(2), 0, IPC_STAT, out),
	NUM("set-roots", semctl, SLOT(5), 0, IPC_SET, out),
	NUM("remove-roots", semctl, SLOT(2), 0, IPC_RMID, 0),
	NUM("remove", semctl, SLOT(0), 0, IPC_RMID, 0),
};
WORKLOAD(sem, sem_calls, .name = "sem", .as = AS_ANYONE, .prepare = make_ipc);

static struct {
	long type;
	char text[8];
} message = { 5, "message" };
static struct mq_attr queue_attr = { .mq_maxmsg = 4, .mq_msgsize = 64 };
static struct timespec at_once = { 1, 0 };
static struct sigevent by_signal = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };

static const struct call msg_calls[] = {
	KEEP(0, "get", msgget, 7, NEW | 0600),
	NUM("get-again", msgget, 7, NEW | 0600),
	NUM("get-roots", msgget, 1, 0600),
	NUM("get-open", msgget, 2, 0600),
	NUM("send", msgsnd, SLOT(0), &message, 8, IPC_NOWAIT),
	NUM("send-too-long", msgsnd, SLOT(0), &message, 100000, IPC_NOWAIT),
	NUM("send-roots", msgsnd, SLOT(3), &message, 8, IPC_NOWAIT),
	NUM("send-open", msgsnd, SLOT(6), &message, 8, IPC_NOWAIT),
	NUM("receive-other-type", msgrcv, SLOT(0), out, 64, 6, IPC_NOWAIT),
	NUM("receive-short", msgrcv, SLOT(0), out, 2, 0, IPC_NOWAIT),
	MEM(16, "receive", msgrcv, SLOT(0), out, 64, 5, IPC_NOWAIT),
	NUM("receive-empty", msgrcv, SLOT(0), out, 64, 0, IPC_NOWAIT),
	NUM("receive-roots", msgrcv, SLOT(3), out, 64, 0, IPC_NOWAIT),
	NUM("receive-open", msgrcv, SLOT(6), out, 64, 0, IPC_NOWAIT),
	NUM("receive-copy", msgrcv, SLOT(0), out, 64, 0, IPC_NOWAIT | 040000),
	NUM("stat", msgctl, SLOT(0), IPC_STAT, out),
	NUM("stat-roots", msgctl, SLOT(3), IPC_STAT, out),
	NUM("set-open", msgctl, SLOT(6), IPC_SET, out),
	NUM("remove-roots", msgctl, SLOT(3), IPC_RMID, 0),
	NUM("remove", msgctl, SLOT(0), IPC_RMID, 0),
	KEEP(7, "queue-open", mq_open, "queue", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &queue_attr),
	OK("queue-again", mq_open, "queue", O_RDWR | O_CREAT | O_EXCL, 0600, &queue_attr),
	OK("queue-missing", mq_open, "none", O_RDWR, 0600, 0),
	OK("queue-slash", mq_open, "/x/y", O_RDWR | O_CREAT, 0600, 0),
	NUM("queue-send", mq_timedsend, SLOT(7), "hello", 5, 3, &at_once),
	NUM("queue-send-long", mq_timedsend, SLOT(7), out, 100, 3, &at_once),
	NUM("queue-notify", mq_notify, SLOT(7), &by_signal),
	BYTES("queue-receive", mq_timedreceive, SLOT(7), out, 64, 0, &at_once),
	NUM("queue-receive-empty", mq_timedreceive, SLOT(7), out, 64, 0, &at_once),
	MEM(32, "queue-attributes", mq_getsetattr, SLOT(7), 0, out),
	NUM("queue-unlink", mq_unlink, "queue"),
	NUM("queue-unlink-again", mq_unlink, "queue"),
};
WORKLOAD(msg, msg_calls, .name = "msg", .as = AS_ANYONE, .prepare = make_ipc);
