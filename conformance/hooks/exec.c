// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the way from execve to the new program. */
#include <unistd.h>

#include "conformance/harness/hook.h"

static int noop_file(struct subject *s)
{
	s->val[0] = 1;
	return put_noop("noop");
}

static int do_execve(struct subject *s)
{
	char *argv[] = { "noop", NULL }, *envp[] = { NULL };

	s->val[0] = run_program("./noop", argv, envp);
	return s->val[0];
}

static bool noop_ran(struct subject *s)
{
	return s->val[0] == 0;
}

HOOK(bprm_check_security, FAMILY_EXEC, .setup = noop_file, .route = { { "execve", do_execve } },
     .effect = noop_ran, .args = { WANT_FILE("bprm", "noop") });

VOID_HOOK(bprm_committed_creds, FAMILY_EXEC, .setup = noop_file,
	  .route = { { "execve", do_execve } }, .effect = noop_ran,
	  .args = { WANT_FILE("bprm", "noop") });
