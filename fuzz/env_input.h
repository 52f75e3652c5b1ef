/* SPDX-License-Identifier: GPL-2.0-only */
/* What the bytes of an input mean to the targets env_var and env_vars. */
#ifndef FUZZ_ENV_INPUT_H
#define FUZZ_ENV_INPUT_H

#include "fuzz/target.h"
#include "reference/core/env.h"
#include "reference/tests/asks.h"

/* Largest buffer asked for; bytes behind it that no call may touch. */
#define ENV_BUF_MAX 4096
#define ENV_GUARD   16

/**
 * struct env_head - the beginning of an input; then @name_len bytes of a name, as the helper gets
 * it, then the strings.
 * @page: bytes of a page; 0: 4096.
 * @offset: of the first string in its page, reduced by the page's size.
 * @argc: strings that are arguments.
 * @fault: 0: none; else which error a read of the page with byte @fault_at gives.
 * @fault_at: counted from the first string.
 * @buf_len: reduced to ENV_BUF_MAX; 0xffff: too large for the result.
 * @name_len: bytes of the name.
 * @flags: ENV_BEYOND: a read offers what is behind the block, too; ENV_FAR: the block ends where
 *	   addresses end.
 */
enum { ENV_BEYOND = 1, ENV_FAR = 2 };
struct env_head {
	uint8_t page;
	uint8_t offset;
	uint8_t argc;
	uint8_t fault;
	uint16_t fault_at;
	uint16_t buf_len;
	uint8_t name_len;
	uint8_t flags;
} __attribute__((packed));

/** struct env_input - an input, taken apart. */
struct env_input {
	struct krsi_env_block env;
	const char *name;
	uint32_t name_len;
	const char *bytes;
	size_t len;
	unsigned long page;
	int fault; /* what a read returns instead, if @faulty */
	bool faulty;
	size_t fault_at;
	bool beyond;
	uint32_t buf_len;
};

/** env_input_read - take an input apart. Returns false if it is too short for one. */
bool env_input_read(struct env_input *in, const uint8_t *data, size_t size);

/** env_fault - whether a read of the whole block meets the page that cannot be read. */
bool env_fault(const struct env_input *in);

/** env_next - the string at byte *@at of the block, of *@len bytes; *@at is moved past it. NULL:
 * none. */
const char *env_next(const struct env_input *in, size_t *at, size_t *len);

/** env_skip_argv - where the environment begins. */
size_t env_skip_argv(const struct env_input *in);

/** env_buffer - memory for an answer of @in->buf_len bytes, full of '#', with its guard. */
char *env_buffer(const struct env_input *in);

/** env_compare - both answers must be the same, and the guard whole. */
void env_compare(const struct env_input *in, const char *buf, u64 got, const char *want_buf,
		 u64 want);

/** env_emit - a case of the unit tests as a seed, in several layouts of pages. */
void env_emit(fuzz_emit_fn *emit, const struct ask *ask, size_t number);

#endif
