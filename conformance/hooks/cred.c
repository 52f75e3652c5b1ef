// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on credentials: made, changed, handed over, freed; and the user namespace for them. */
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* A user and group that no test's machine has. */
#define STRANGER 64321

/* A real user of its own marks the credentials; the effective one keeps the capabilities. */
static int mark_credentials(struct subject *s)
{
	TRY(setresuid(STRANGER, -1, -1));
	return 0;
}

static int do_setresuid(struct subject *s)
{
	return SYS(setresuid(-1, -1, STRANGER + 1));
}

static bool saved_uid_changed(struct subject *s)
{
	uid_t real, effective, saved;

	return !getresuid(&real, &effective, &saved) && saved == STRANGER + 1;
}

HOOK(cred_prepare, FAMILY_CRED, .setup = mark_credentials,
     .route = { { "setresuid", do_setresuid } }, .effect = saved_uid_changed,
     .args = { WANT_WORD("new", KRSI_A, STRANGER), WANT_WORD("old", KRSI_A, STRANGER),
	       WANT_WORD("old", KRSI_B, 0) },
     .denied_as = ENOMEM, .denied_by = "prepare_creds");

/* Nobody else has the user 1000000 + our pid: the credentials with it are the child's. */
static int become_unique(struct subject *s)
{
	TRY(setresuid(s->val[0], -1, -1));
	return 0;
}

static int unique_child(struct subject *s)
{
	s->val[0] = 1000000 + getpid();
	return start_helper(s, become_unique, NULL);
}

static int do_reap(struct subject *s)
{
	TRY(kill(s->child, SIGKILL));
	TRY(waitpid(s->child, NULL, 0));
	s->child = 0;
	return 0;
}

/* security_cred_free leaves early for credentials without a blob, and BPF LSM asks for none. */
VOID_HOOK(cred_free, FAMILY_CRED, .setup = unique_child, .route = { { "exit", do_reap } },
	  .anyone = true, .async = true, .only = WANT_VAL("cred", KRSI_A, 0),
	  .args = { WANT_VAL("cred", KRSI_A, 0), WANT_WORD("cred", KRSI_B, 0) },
	  .needs.lsm = "selinux");

/* A session keyring is handed to a parent of the same user in every respect. */
static int join_keyring(struct subject *s)
{
	TRY(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
	return 0;
}

static int give_keyring(struct subject *s)
{
	return SYS(syscall(SYS_keyctl, KEYCTL_SESSION_TO_PARENT));
}

static long session_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
}

static int child_with_keyring(struct subject *s)
{
	int err;

	TRY(setresuid(STRANGER, STRANGER, STRANGER));
	err = join_keyring(s) ?: start_helper(s, join_keyring, give_keyring);
	s->val[0] = session_keyring();
	return err;
}

static bool keyring_changed(struct subject *s)
{
	return session_keyring() != s->val[0];
}

/* The blank credentials hold nothing yet that could identify them. */
HOOK(cred_alloc_blank, FAMILY_CRED, .setup = child_with_keyring,
     .route = { { "keyctl-session-to-parent", ask_helper } }, .effect = keyring_changed,
     .denied_as = ENOMEM, .denied_by = "keyctl_session_to_parent");

VOID_HOOK(cred_transfer, FAMILY_CRED, .setup = child_with_keyring,
	  .route = { { "keyctl-session-to-parent", ask_helper } }, .effect = keyring_changed,
	  .args = { WANT_WORD("new", KRSI_A, STRANGER), WANT_WORD("new", KRSI_B, STRANGER),
		    WANT_WORD("old", KRSI_A, STRANGER) });

/* Flags of task_fix_setuid and _setgid: kernel, LSM_SETID_*. */
enum { SETID_ID = 1, SETID_RE = 2, SETID_RES = 4, SETID_FS = 8 };

static int become_stranger(struct subject *s)
{
	return SYS(setresuid(STRANGER, STRANGER, STRANGER));
}

static int do_setreuid(struct subject *s)
{
	return SYS(setreuid(STRANGER, STRANGER));
}

static int do_setuid(struct subject *s)
{
	return SYS(setuid(STRANGER));
}

static int do_setfsuid(struct subject *s)
{
	return SYS(setfsuid(STRANGER));
}

/* The user for file access follows the effective user, and setfsuid sets nothing else. */
static bool is_stranger(struct subject *s)
{
	return setfsuid(-1) == STRANGER;
}

HOOK(task_fix_setuid, FAMILY_CRED,
     .route = { { "setresuid", become_stranger },
		{ "setreuid", do_setreuid },
		{ "setuid", do_setuid },
		{ "setfsuid", do_setfsuid, 0, "__sys_setfsuid" } },
     .effect = is_stranger,
     .args = { WANT_WORD("new", KRSI_A, STRANGER), WANT_WORD("new", KRSI_B, STRANGER),
	       WANT_WORD("old", KRSI_A, 0), WANT_NUM("flags", SETID_RES) });

static int do_setresgid(struct subject *s)
{
	return SYS(setresgid(STRANGER, STRANGER, STRANGER));
}

static int do_setregid(struct subject *s)
{
	return SYS(setregid(STRANGER, STRANGER));
}

static int do_setgid(struct subject *s)
{
	return SYS(setgid(STRANGER));
}

static int do_setfsgid(struct subject *s)
{
	return SYS(setfsgid(STRANGER));
}

static bool is_in_strange_group(struct subject *s)
{
	return setfsgid(-1) == STRANGER;
}

HOOK(task_fix_setgid, FAMILY_CRED, .setup = mark_credentials,
     .route = { { "setresgid", do_setresgid },
		{ "setregid", do_setregid },
		{ "setgid", do_setgid },
		{ "setfsgid", do_setfsgid, 0, "__sys_setfsgid" } },
     .effect = is_in_strange_group,
     .args = { WANT_WORD("new", KRSI_A, STRANGER), WANT_WORD("old", KRSI_A, STRANGER),
	       WANT_NUM("flags", SETID_RES) });

static int do_setgroups(struct subject *s)
{
	const gid_t group = STRANGER;

	return SYS(setgroups(1, &group));
}

static bool has_strange_group(struct subject *s)
{
	gid_t group[2];

	return getgroups(2, group) == 1 && group[0] == STRANGER;
}

HOOK(task_fix_setgroups, FAMILY_CRED, .setup = mark_credentials,
     .route = { { "setgroups", do_setgroups } }, .effect = has_strange_group,
     .args = { WANT_WORD("new", KRSI_A, STRANGER), WANT_WORD("old", KRSI_A, STRANGER) });

static int know_user_namespace(struct subject *s)
{
	TRY(readlink("/proc/self/ns/user", s->text, sizeof(s->text) - 1));
	return mark_credentials(s);
}

static int do_unshare(struct subject *s)
{
	return SYS(unshare(CLONE_NEWUSER));
}

/* The child only waits, in its namespace, to be killed. */
static int do_clone(struct subject *s)
{
	s->child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);
	while (!s->child)
		pause();
	return SYS(s->child);
}

static int do_clone3(struct subject *s)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };

	s->child = syscall(SYS_clone3, &args, sizeof(args));
	while (!s->child)
		pause();
	return SYS(s->child);
}

static bool new_user_namespace(struct subject *s)
{
	char path[64], now[sizeof(s->text)] = "";

	snprintf(path, sizeof(path), "/proc/%d/ns/user", s->child > 0 ? s->child : getpid());
	return readlink(path, now, sizeof(now) - 1) > 0 && strcmp(now, s->text);
}

HOOK(userns_create, FAMILY_CRED, .setup = know_user_namespace,
     .route = { { "unshare", do_unshare }, { "clone", do_clone }, { "clone3", do_clone3 } },
     .effect = new_user_namespace,
     .args = { WANT_WORD("cred", KRSI_A, STRANGER), WANT_WORD("cred", KRSI_B, 0) });
