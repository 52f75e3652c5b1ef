/* SPDX-License-Identifier: GPL-2.0-only */
/* The strings of a process that is about to run. */
#ifndef KRSI_EXEC_H
#define KRSI_EXEC_H

#include <linux/types.h>
#include "core/env.h"

struct linux_binprm;

/**
 * struct krsi_ctx - context of a program, which it can only hand to helpers.
 * @bprm: the execution in progress; NULL on other hooks than bprm_check_security.
 * @strings: copy of all strings of @bprm, for the programs that cannot sleep; NULL: none.
 * @err: why there is no copy.
 */
struct krsi_ctx {
	struct linux_binprm *bprm;
	char *strings;
	int err;
};

/* Copies the strings of ctx->bprm, if there is one. Returns 0 or a negative errno. May sleep. */
int krsi_strings_copy(struct krsi_ctx *ctx);
void krsi_strings_free(struct krsi_ctx *ctx);

/* A block that reads the copy, or krsi_ctx.err. */
struct krsi_env_block krsi_strings_copied(struct krsi_ctx *ctx);
/* A block that reads the new process itself, a page at a time through @page. May sleep. */
struct krsi_strings_reader {
	struct krsi_ctx *ctx;
	char *page;
};
struct krsi_env_block krsi_strings_live(struct krsi_strings_reader *reader);

#endif
