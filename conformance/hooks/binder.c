// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks on Android's binder. The subject is the client, and its child the context manager, to which
 * every client may send. A send is asked for and not answered (TF_ONE_WAY).
 */
#include <fcntl.h>
#include <linux/android/binder.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/running.h"

#define DEVICE "/dev/binder"
#define ROOM   (64 * 1024)
#define CODE   0x6b
/* A user that no test's machine has: binder looks at who has opened the device. */
#define STRANGER 64321
/* A manager's end is dealt with by a work queue; so often we look whether it has been. */
#define PATIENCE 1000000

/* A command and what it is about. */
struct command {
	uint32_t command;
	struct binder_transaction_data data;
} __attribute__((packed));

/* An opened device with room for what is received, or -errno. */
static int open_binder(void)
{
	int fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && mmap(NULL, ROOM, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		return -errno;
	return fd < 0 ? -errno : fd;
}

/* Writes commands, and reads until one of the two answers comes: which, 0 if none, or -errno. */
static uint32_t talk(int fd, const void *commands, size_t len, uint32_t one, uint32_t other)
{
	unsigned char answers[512];
	struct binder_write_read request = {
		.write_size = len,
		.write_buffer = (uintptr_t)commands,
		.read_size = sizeof(answers),
		.read_buffer = (uintptr_t)answers,
	};
	uint32_t answer;

	ioctl(fd, BINDER_WRITE_READ, &request);
	for (size_t at = 0; at + sizeof(answer) <= request.read_consumed;) {
		memcpy(&answer, answers + at, sizeof(answer));
		if (answer == one || answer == other)
			return answer;
		at += sizeof(answer) + _IOC_SIZE(answer);
	}
	return 0;
}

static struct flat_binder_object object = { .hdr.type = BINDER_TYPE_BINDER,
					    .binder = 1,
					    .cookie = 1 };
static struct binder_fd_object descriptor = { .hdr.type = BINDER_TYPE_FD };
static const binder_size_t first_offset;

/* Sends to the manager something that is passed on, if any. */
static int send_to_manager(int fd, const void *passed, size_t len)
{
	const struct command send = {
		BC_TRANSACTION,
		{ .code = CODE,
		  .flags = TF_ONE_WAY | TF_ACCEPT_FDS,
		  .data_size = len,
		  .offsets_size = passed ? sizeof(first_offset) : 0,
		  .data.ptr = { (uintptr_t)passed, passed ? (uintptr_t)&first_offset : 0 } },
	};
	uint32_t answer = talk(fd, &send, sizeof(send), BR_TRANSACTION_COMPLETE, BR_FAILED_REPLY);

	/* without a manager the reply is dead, which is neither */
	return answer == BR_TRANSACTION_COMPLETE ? 0
	       : answer == BR_FAILED_REPLY	 ? -EREMOTEIO
						 : -EHOSTDOWN;
}

/* Waits for the last test's manager to be gone. */
static int no_manager(void)
{
	int fd = open_binder(), left = PATIENCE;

	if (fd < 0)
		return fd;
	while (send_to_manager(fd, NULL, 0) != -EHOSTDOWN && left--)
		sched_yield();
	close(fd);
	return left > 0 ? 0 : -EBUSY;
}

/* What the manager wants of those who send. */
static uint32_t wishes = FLAT_BINDER_FLAG_ACCEPTS_FDS;

static int be_manager(struct subject *s)
{
	const struct flat_binder_object self = { .flags = wishes };

	return SYS(ioctl(s->fd[0], BINDER_SET_CONTEXT_MGR_EXT, &self));
}

static int manager(struct subject *s)
{
	const uint32_t enter = BC_ENTER_LOOPER;

	s->fd[0] = open_binder();
	if (s->fd[0] < 0)
		return s->fd[0];
	talk(s->fd[0], &enter, sizeof(enter), 0, 0);
	return be_manager(s);
}

static int receive(struct subject *s)
{
	return talk(s->fd[0], NULL, 0, BR_TRANSACTION, 0) == BR_TRANSACTION;
}

/* The last manager is gone, and there is none. */
static int would_be_manager(struct subject *s)
{
	int err = no_manager();

	if (err)
		return err;
	TRY(setresuid(STRANGER, -1, -1));
	s->fd[0] = open_binder();
	return s->fd[0] < 0 ? s->fd[0] : 0;
}

static bool is_manager(struct subject *s)
{
	/* its node is there, as there can be only one */
	return ioctl(s->fd[0], BINDER_SET_CONTEXT_MGR, 0) < 0 && errno == EBUSY;
}

static int client(struct subject *s)
{
	int err = no_manager() ?: start_helper(s, manager, receive);

	if (err)
		return err;
	TRY(setresuid(STRANGER, -1, -1));
	s->fd[0] = open_binder();
	return s->fd[0] < 0 ? s->fd[0] : 0;
}

static int do_send(struct subject *s)
{
	return send_to_manager(s->fd[0], NULL, 0);
}

static int do_send_binder(struct subject *s)
{
	return send_to_manager(s->fd[0], &object, sizeof(object));
}

static int do_send_file(struct subject *s)
{
	descriptor.fd = s->fd[1];
	return send_to_manager(s->fd[0], &descriptor, sizeof(descriptor));
}

static int client_with_file(struct subject *s)
{
	return put_file("f", "krsi") ?: open_slot(s, 1, "f", O_RDONLY, 0) ?: client(s);
}

static bool received(struct subject *s)
{
	return ask_helper(s) == 1;
}

#define BINDER                                                                                     \
	.needs = { .module = { "binder_linux" }, .path = { DEVICE } },                             \
	.unreachable = "drivers/android/binder.c is the only caller, and this kernel is built "    \
		       "without it (CONFIG_ANDROID_BINDER_IPC)"
#define REFUSED                                                                                    \
	.denied_as = EREMOTEIO, .denied_by = "binder_transaction: every failure is BR_FAILED_REPLY"

HOOK(binder_set_context_mgr, FAMILY_IPC, BINDER, .setup = would_be_manager,
     .route = { { "set-context-mgr", be_manager } }, .effect = is_manager,
     .args = { WANT_WORD("mgr", KRSI_A, STRANGER) });

HOOK(binder_transaction, FAMILY_IPC, BINDER, REFUSED, .setup = client,
     .route = { { "transaction", do_send } }, .effect = received,
     .args = { WANT_WORD("from", KRSI_A, STRANGER), WANT_WORD("to", KRSI_A, 0) });

HOOK(binder_transfer_binder, FAMILY_IPC, BINDER, REFUSED, .setup = client,
     .route = { { "transaction", do_send_binder } }, .effect = received,
     .args = { WANT_WORD("from", KRSI_A, STRANGER), WANT_WORD("to", KRSI_A, 0) });

HOOK(binder_transfer_file, FAMILY_IPC, BINDER, REFUSED, .setup = client_with_file,
     .route = { { "transaction", do_send_file } }, .effect = received,
     .args = { WANT_WORD("from", KRSI_A, STRANGER), WANT_WORD("to", KRSI_A, 0),
	       WANT_FD("file", 1) });

/*
 * The label of credentials. IMA asks for that which a program will have, by the one hook or, where
 * there is that, by the other; binder asks by the first for a sender's, if the receiver wishes it.
 */
static bool ima_asks_for_secid(void)
{
	return btf_has_name("ima_bprm_check") && !btf_has_name("bpf_lsm_cred_getlsmprop");
}

static const char *nobody_asks_for_secid(void)
{
	return ima_asks_for_secid() || exists(DEVICE) ? NULL
						      : "neither IMA nor binder asks for it here";
}

static const char *ima_asks_for_no_lsmprop(void)
{
	return btf_has_name("ima_bprm_check") && !btf_has_name("ima_creds_check")
		       ? NULL
		       : "no IMA that asks for it in this kernel";
}

static int program_of_stranger(struct subject *s)
{
	TRY(setresuid(STRANGER, -1, -1));
	return put_noop("noop");
}

static int do_execve(struct subject *s)
{
	char *argv[] = { "noop", NULL }, *envp[] = { NULL };

	return run_program("./noop", argv, envp);
}

static int program_or_client(struct subject *s)
{
	s->val[0] = ima_asks_for_secid();
	if (s->val[0])
		return program_of_stranger(s);
	wishes = FLAT_BINDER_FLAG_TXN_SECURITY_CTX;
	return client(s);
}

/* Binder asks, and refuses in the end, as no label LSM spells the label. */
static int do_ask(struct subject *s)
{
	if (s->val[0])
		return do_execve(s);
	return do_send(s) == -EREMOTEIO ? 0 : -ENODATA;
}

VOID_HOOK(cred_getsecid, FAMILY_LABEL, .setup = program_or_client,
	  .route = { { "execve", do_ask } }, .args = { WANT_WORD("c", KRSI_A, STRANGER) },
	  .needs.probe = nobody_asks_for_secid,
	  .unreachable = "called by ima_bprm_check, but not where there is cred_getlsmprop, and by "
			 "binder_transaction in drivers/android/binder.c, which is not built here");

VOID_HOOK(cred_getlsmprop, FAMILY_LABEL, .setup = program_of_stranger,
	  .route = { { "execve", do_execve } }, .args = { WANT_WORD("c", KRSI_A, STRANGER) },
	  .needs.probe = ima_asks_for_no_lsmprop,
	  .unreachable =
		  "called by ima_bprm_check alone, which has left the credentials of the new "
		  "program to ima_creds_check in this kernel; that asks for the label of the "
		  "current task instead");
