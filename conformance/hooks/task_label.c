// SPDX-License-Identifier: GPL-2.0-only
/* Hooks by which audit asks for the label of a process. */
#include <sys/ptrace.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/auditing.h"

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
