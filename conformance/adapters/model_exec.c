// SPDX-License-Identifier: GPL-2.0-only
/* What exec does with the strings of a new process, and programs that read them. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conformance/adapters/model.h"

#define PAGE	   4096UL
#define MAX_STRING (32 * PAGE)
/* Strings and pointers may fill a quarter of the stack, at least this and at most that. */
#define MIN_TOTAL (32 * PAGE)
#define MAX_TOTAL (6UL << 20)

static size_t total_limit(void)
{
	struct rlimit stack;
	rlim_t limit = MAX_TOTAL;

	if (!getrlimit(RLIMIT_STACK, &stack) && stack.rlim_cur / 4 < limit)
		limit = stack.rlim_cur / 4;
	return limit < MIN_TOTAL ? MIN_TOTAL : limit;
}

/* Adds up the strings; *n of them. -E2BIG: one is too long. */
static long measure(char *const strings[], size_t *n)
{
	size_t total = 0, len;

	for (*n = 0; strings[*n]; ++*n) {
		len = strlen(strings[*n]) + 1;
		if (len > MAX_STRING)
			return -E2BIG;
		total += len;
	}
	return total;
}

static size_t push(char *mem, size_t p, const char *string)
{
	size_t len = strlen(string) + 1;

	memcpy(mem + p - len, string, len);
	return p - len;
}

static long read_page(void *src, unsigned long addr, const char **data)
{
	*data = (const char *)src + addr;
	return PAGE - addr % PAGE;
}

int model__lay_out(struct model_block *block, const char *path, char *const argv[],
		   char *const envp[])
{
	char *const nothing[] = { "", NULL };
	size_t argc, envc, size, p;
	long args, envs;

	if (!argv[0])
		argv = nothing;
	args = measure(argv, &argc);
	envs = measure(envp, &envc);
	if (args < 0 || envs < 0)
		return -E2BIG;
	size = strlen(path) + 1 + args + envs;
	if (size + (argc + envc) * sizeof(char *) > total_limit())
		return -E2BIG;
	/* the last word of the topmost page stays free */
	p = (size + sizeof(void *) + PAGE - 1) / PAGE * PAGE;
	block->mem = calloc(1, p);
	if (!block->mem)
		return -ENOMEM;
	p = push(block->mem, p - sizeof(void *), path);
	block->env = (struct krsi_env_block){
		.read = read_page,
		.src = block->mem,
		.end = p,
		.argc = argc,
	};
	for (size_t i = envc; i--;)
		p = push(block->mem, p, envp[i]);
	for (size_t i = argc; i--;)
		p = push(block->mem, p, argv[i]);
	block->env.start = p;
	return 0;
}

static uint64_t look(struct env_io *io, const struct krsi_env_block *env)
{
	if (io->all)
		return krsi_env_get_all(env, io->buf, io->buf_len);
	return krsi_env_get(env, io->name, io->name_len, io->buf, io->buf_len);
}

static size_t count(char *const strings[])
{
	size_t n = 0;

	while (strings[n])
		n++;
	return n;
}

static uint64_t look_faultily(struct krsi_prog *prog, const char *path, char *const argv[],
			      char *const envp[])
{
	size_t n = count(envp), before_len = prog->env->buf_len + ENV_GUARD;
	char **copy = calloc(n + count(argv) + 1, sizeof(*copy)), *before = malloc(before_len);
	struct model_block block;
	uint64_t result;

	if (!copy || !before)
		abort();
	memcpy(copy, envp, n * sizeof(*copy));
	memcpy(before, prog->env->buf, before_len);
	model__bend_strings(prog, argv, copy);
	/* what does not fit any more stays sound */
	if (model__lay_out(&block, path, argv, copy) && model__lay_out(&block, path, argv, envp))
		abort();
	model__bend_block(prog, &block);
	result = look(prog->env, &block.env);
	result = model__bend_result(prog, &block, before, result);
	free(block.mem);
	free(before);
	free(copy);
	return result;
}

int model__run_env(struct krsi_prog *prog, const char *path, char *const argv[], char *const envp[])
{
	struct env_io *io = prog->env;
	struct model_block block;
	uint64_t result;

	if (!io->session || io->session != (__u32)getsid(0))
		return 0;
	if (io->name_len > ENV_NAME || io->buf_len > ENV_BUF)
		return 0;
	if (prog->inst->fault != MODEL_SOUND) {
		result = look_faultily(prog, path, argv, envp);
	} else {
		if (model__lay_out(&block, path, argv, envp))
			abort();
		result = look(io, &block.env);
		free(block.mem);
	}
	if (io->calls < ENV_CALLS)
		io->result[io->calls] = result;
	io->calls++;
	return krsi_env_count(result) ? io->verdict : 0;
}
