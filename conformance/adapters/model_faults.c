// SPDX-License-Identifier: GPL-2.0-only
/* Ways to read the environment wrong, each of which a test must catch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/adapters/builtin.h"
#include "conformance/adapters/model.h"

static const struct krsi_fault faults[] = {
	[MODEL_PREFIX_MATCH] = { "prefix-match", "a name matches longer ones that begin with it" },
	[MODEL_NO_EQUALS] = { "no-equals", "a string without an equals sign sets a variable" },
	[MODEL_EMPTY_UNSET] = { "empty-unset", "a variable set to nothing is not set" },
	[MODEL_FIRST_ONLY] = { "first-only", "duplicates are not looked for" },
	[MODEL_ORDER_REVERSED] = { "env-reversed", "values come last first" },
	[MODEL_LAST_DROPPED] = { "last-dropped", "the last string is not looked at" },
	[MODEL_ARGV_MATCHED] = { "argv-matched", "arguments set variables" },
	[MODEL_ARGC_ZERO] = { "argc-zero", "without arguments a variable is taken for one" },
	[MODEL_LONG_CUT] = { "long-cut", "a string ends after a page" },
	[MODEL_PAGE_END] = { "page-end", "the last byte of a page is lost" },
	[MODEL_SLEEPABLE_DIFFERS] = { "sleepable-differs", "sleepable programs see no more than "
							   "the first string" },
	[MODEL_COUNT_LOST] = { "count-lost", "a variable counts at most once" },
	[MODEL_NUL_UNCOUNTED] = { "nul-uncounted", "the bytes do not count the NULs" },
	[MODEL_REST_KEPT] = { "rest-kept", "the rest of the buffer is left as it was" },
	[MODEL_UNTERMINATED] = { "unterminated", "what overflows has no NUL" },
	[MODEL_OVERRUN] = { "overrun", "a byte behind the buffer is written" },
	[MODEL_OVERFLOW_SILENT] = { "overflow-silent", "overflow is not told" },
	[MODEL_OVERFLOW_STOPS] = { "overflow-stops", "counting ends at the overflow" },
	[MODEL_EXACT_OVERFLOWS] = { "exact-overflows", "values that just fit overflow" },
	[MODEL_EMPTY_BUFFER] = { "empty-buffer", "without a buffer nothing overflows" },
	[MODEL_SIGN_EXTENDED] = { "sign-extended", "an error fills the high half" },
	[MODEL_NAME_UNCHECKED] = { "name-unchecked", "any name is taken" },
	[MODEL_VARS_CUT] = { "vars-cut", "of the whole environment, what does not fit is cut" },
	[MODEL_VERDICT_IGNORED] = { "verdict-ignored", "a denial does not stop the exec" },
};

const struct krsi_fault *model__fault(size_t i)
{
	return i < MODEL_SOUND ? &faults[i] : NULL;
}

enum model_fault model__find_fault(const char *name)
{
	for (int i = 0; i < MODEL_SOUND; i++)
		if (!strcmp(faults[i].name, name))
			return i;
	return MODEL_SOUND + 1;
}

static char *join(const char *name, const char *rest)
{
	char *string;

	if (asprintf(&string, "%s%s", name, rest) < 0)
		abort();
	return string;
}

/* What one string is taken for, given the name looked for; NULL: it is overlooked. */
static char *bend_string(enum model_fault fault, const char *name, char *string, bool *seen)
{
	size_t len = strlen(name);
	char *equals = strchr(string, '=');
	bool begins = !strncmp(string, name, len), set = begins && string[len] == '=';

	if (fault == MODEL_PREFIX_MATCH && begins && equals)
		return join(name, equals);
	if (fault == MODEL_NO_EQUALS && !strcmp(string, name))
		return join(name, "=");
	if (fault == MODEL_EMPTY_UNSET && set && !string[len + 1])
		return NULL;
	if (fault == MODEL_FIRST_ONLY && set && *seen)
		return NULL;
	if (fault == MODEL_LONG_CUT && strlen(string) > 4096)
		return strndup(string, 4096);
	*seen |= set;
	return string;
}

static size_t count(char *const strings[])
{
	size_t n = 0;

	while (strings[n])
		n++;
	return n;
}

static void reverse(char **strings, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		char *other = strings[n - 1 - i];

		strings[n - 1 - i] = strings[i];
		strings[i] = other;
	}
}

void model__bend_strings(const struct krsi_prog *prog, char *const argv[], char **envp)
{
	enum model_fault fault = prog->inst->fault;
	size_t n = count(envp), argc = count(argv), to = 0;
	bool seen = false;
	char name[ENV_NAME + 1] = "";

	memcpy(name, prog->env->name, ENV_NAME);
	for (size_t i = 0; i < n; i++) {
		char *bent = bend_string(fault, name, envp[i], &seen);

		if (bent)
			envp[to++] = bent;
	}
	envp[to] = NULL;
	if (fault == MODEL_ORDER_REVERSED)
		reverse(envp, to);
	if (fault == MODEL_LAST_DROPPED && to)
		envp[to - 1] = NULL;
	if (fault == MODEL_SLEEPABLE_DIFFERS && prog->sleepable && to)
		envp[1] = NULL;
	if (fault == MODEL_ARGC_ZERO && !argc && to)
		memmove(envp, envp + 1, to * sizeof(*envp));
	if (fault == MODEL_ARGV_MATCHED) {
		memmove(envp + argc, envp, (to + 1) * sizeof(*envp));
		memcpy(envp, argv, argc * sizeof(*envp));
	}
}

void model__bend_block(const struct krsi_prog *prog, struct model_block *block)
{
	if (prog->inst->fault != MODEL_PAGE_END)
		return;
	for (size_t at = 4095; at < block->env.end; at += 4096)
		block->mem[at] = '\0';
}

static uint64_t result_of(uint32_t count, int32_t bytes)
{
	return (uint64_t)count << 32 | (uint32_t)bytes;
}

/* Everything that changes the numbers alone. */
static uint64_t bend_numbers(enum model_fault fault, const struct env_io *io, uint64_t result)
{
	uint32_t n = krsi_env_count(result);
	int32_t bytes = krsi_env_bytes(result);
	bool overflow = bytes == -E2BIG;

	switch (fault) {
	case MODEL_COUNT_LOST:
		return result_of(n > 0, bytes);
	case MODEL_NUL_UNCOUNTED:
		return bytes > 0 ? result_of(n, bytes - n) : result;
	case MODEL_OVERFLOW_SILENT:
		return overflow ? result_of(n, io->buf_len) : result;
	case MODEL_OVERFLOW_STOPS:
		return overflow ? result_of(1, bytes) : result;
	case MODEL_EXACT_OVERFLOWS:
		return bytes > 0 && (uint32_t)bytes == io->buf_len ? result_of(n, -E2BIG) : result;
	case MODEL_EMPTY_BUFFER:
		return io->buf_len ? result : result_of(n, 0);
	case MODEL_SIGN_EXTENDED:
		return bytes < 0 && !overflow ? result_of(~0u, bytes) : result;
	case MODEL_NAME_UNCHECKED:
		return bytes == -EINVAL ? 0 : result;
	default:
		return result;
	}
}

uint64_t model__bend_result(const struct krsi_prog *prog, const struct model_block *block,
			    const char *before, uint64_t result)
{
	enum model_fault fault = prog->inst->fault;
	struct env_io *io = prog->env;
	int32_t bytes = krsi_env_bytes(result);
	bool overflow = bytes == -E2BIG && io->buf_len;

	if (fault == MODEL_REST_KEPT && bytes >= 0)
		memcpy(io->buf + bytes, before + bytes, io->buf_len - bytes);
	if (fault == MODEL_UNTERMINATED && overflow)
		io->buf[io->buf_len - 1] = 'x';
	if (fault == MODEL_OVERRUN)
		io->buf[io->buf_len] = '\0';
	if (fault == MODEL_VARS_CUT && io->all && overflow)
		memcpy(io->buf, block->mem + block->env.end - io->buf_len, io->buf_len);
	return bend_numbers(fault, io, result);
}
