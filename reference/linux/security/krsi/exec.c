// SPDX-License-Identifier: GPL-2.0-only
#include <linux/binfmts.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "exec.h"
#include "hooks.h"
#include "run.h"

/*
 * bprm->mm belongs to this task alone until exec succeeds, so what is read here is what the new
 * process gets: nobody can change it in between.
 */
static int read_strings(struct linux_binprm *bprm, unsigned long addr, char *to, size_t n)
{
	return access_remote_vm(bprm->mm, addr, to, n, FOLL_FORCE) == n ? 0 : -EFAULT;
}

/* argv begins at bprm->p, and the environment ends where the file's name was put before it. */
static struct krsi_env_block block(struct linux_binprm *bprm)
{
	return (struct krsi_env_block){
		.start = bprm->p,
		.end = bprm->exec,
		.argc = bprm->argc,
	};
}

int krsi_strings_copy(struct krsi_ctx *ctx)
{
	struct linux_binprm *bprm = ctx->bprm;
	size_t n;

	if (!bprm)
		return 0;
	n = bprm->exec - bprm->p;
	/* megabytes at the wish of who executes: to fail is better than to have others killed */
	ctx->strings = kvmalloc(n, GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	ctx->err = ctx->strings ? read_strings(bprm, bprm->p, ctx->strings, n) : -ENOMEM;
	if (ctx->err)
		krsi_strings_free(ctx);
	return ctx->err;
}

void krsi_strings_free(struct krsi_ctx *ctx)
{
	kvfree(ctx->strings);
	ctx->strings = NULL;
}

static long read_copied(void *src, unsigned long addr, const char **data)
{
	struct krsi_ctx *ctx = src;

	/* neither copied nor failed: a program that took another's place (freplace) */
	if (!ctx->strings)
		return ctx->err ?: -ENOMEM;
	*data = ctx->strings + (addr - ctx->bprm->p);
	return ctx->bprm->exec - addr;
}

struct krsi_env_block krsi_strings_copied(struct krsi_ctx *ctx)
{
	struct krsi_env_block env = block(ctx->bprm);

	env.read = read_copied;
	env.src = ctx;
	return env;
}

static long read_live(void *src, unsigned long addr, const char **data)
{
	struct krsi_strings_reader *reader = src;
	struct linux_binprm *bprm = reader->ctx->bprm;
	size_t n = min(PAGE_SIZE - offset_in_page(addr), bprm->exec - addr);
	int err = read_strings(bprm, addr, reader->page, n);

	*data = reader->page;
	return err ?: n;
}

struct krsi_env_block krsi_strings_live(struct krsi_strings_reader *reader)
{
	struct krsi_env_block env = block(reader->ctx->bprm);

	env.read = read_live;
	env.src = reader;
	return env;
}

int krsi_call_bprm_check_security(struct linux_binprm *bprm)
{
	return krsi_run(&krsi_hooks[KRSI_HOOK_bprm_check_security], bprm);
}
