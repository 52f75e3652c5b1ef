// SPDX-License-Identifier: GPL-2.0-only
/* Hooks by which audit and IMA ask for the label of a process or of credentials. */
#include <sys/ptrace.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/auditing.h"
#include "conformance/hooks/running.h"

/* A user that no test's machine has. */
#define STRANGER 64321

static int audited_sleeper(struct subject *s)
{
	int err = start_sleeper(s);

	s->val[0] = s->child;
	return err ?: auditing__start();
}

static int seize(struct subject *s)
{
	return SYS(ptrace(PTRACE_SEIZE, s->child, NULL, NULL));
}

static int do_seize(struct subject *s)
{
	return in_child(s, seize);
}

/* Whom a system call touched is part of its audit record. */
#define AUDITED                                                                                    \
	.setup = audited_sleeper, .route = { { "audit-ptrace", do_seize } },                       \
	.cleanup = auditing__stop, .only = WANT_VAL("p", KRSI_B, 0),                               \
	.args = { WANT_VAL("p", KRSI_A, 0) }, .needs.probe = auditing__unavailable

VOID_HOOK(task_getsecid, FAMILY_LABEL, AUDITED);
VOID_HOOK(task_getsecid_obj, FAMILY_LABEL, AUDITED);
VOID_HOOK(task_getlsmprop_obj, FAMILY_LABEL, AUDITED);

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

/* IMA measures an executable for the credentials that the program will have. */
static const char *ima_wants_no_secid(void)
{
	static int wants = -1;

	if (wants < 0)
		wants = btf_has_name("ima_bprm_check") && !btf_has_name("bpf_lsm_cred_getlsmprop");
	return wants ? NULL : "no IMA that asks for it in this kernel (only binder would)";
}

static const char *ima_wants_no_lsmprop(void)
{
	static int wants = -1;

	if (wants < 0)
		wants = btf_has_name("ima_bprm_check") && !btf_has_name("ima_creds_check");
	return wants ? NULL : "no IMA that asks for it in this kernel";
}

VOID_HOOK(cred_getsecid, FAMILY_LABEL, .setup = program_of_stranger,
	  .route = { { "execve", do_execve } }, .args = { WANT_WORD("c", KRSI_A, STRANGER) },
	  .needs.probe = ima_wants_no_secid);

VOID_HOOK(cred_getlsmprop, FAMILY_LABEL, .setup = program_of_stranger,
	  .route = { { "execve", do_execve } }, .args = { WANT_WORD("c", KRSI_A, STRANGER) },
	  .needs.probe = ima_wants_no_lsmprop);
