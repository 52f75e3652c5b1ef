/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the environment of a process that is about to run.
 *
 * exec lays the strings of a new process out without gaps, argv first:
 *
 *	start                                                   end
 *	| arg 0 NUL | ... | arg argc-1 NUL | env 0 NUL | env 1 NUL |
 *
 * The block is read where it lies, a piece of a page at a time, through a callback; a string may
 * cross any number of pages. Nothing is allocated and nothing is kept between calls.
 */
#ifndef KRSI_CORE_ENV_H
#define KRSI_CORE_ENV_H

#include "compat.h"

/**
 * struct krsi_env_block - where the strings of the new process lie.
 * @read: gives access to the bytes from @addr on: sets *@data and returns how many of them can be
 *        read there, at least 1, or a negative errno (-ENOMEM, -EFAULT). *@data stays valid until
 *        the next call. Bytes past @end may be offered; they are not looked at. A return of 0
 *        counts as -EFAULT.
 * @src: handed to @read.
 * @start: address of the first byte of argv.
 * @end: address past the last byte of the environment. A last string without its NUL ends here.
 * @argc: strings to pass over; may be 0. If there are fewer, the environment is empty.
 */
struct krsi_env_block {
	long (*read)(void *src, unsigned long addr, const char **data);
	void *src;
	unsigned long start;
	unsigned long end;
	unsigned int argc;
};

/**
 * krsi_env_get - all values of one variable.
 * @name: the variable's name, NUL-terminated within @name_len bytes.
 * @buf: receives the values in the order of the environment, each with its NUL. Every byte is
 *       written; those that hold no value are 0. May be NULL if @buf_len is 0.
 *
 * A string matches if it begins with @name and an equals sign.
 *
 * Return: in the high 32 bits how often the variable is set; in the low 32 bits (signed) the
 * bytes of @buf that hold values, every NUL included, or -E2BIG: the values do not fit, the last
 * one written is cut and still ends with a NUL. So @buf_len 0 asks for the count alone. On any
 * other error the high half is 0, the low one is -EINVAL (@name is empty, holds an equals sign or
 * has no NUL) or what @read returned, and @buf is zero. A @buf_len above S32_MAX is -EINVAL and
 * leaves @buf alone.
 */
u64 krsi_env_get(const struct krsi_env_block *env, const char *name, u32 name_len, char *buf,
		 u32 buf_len);

/**
 * krsi_env_get_all - the whole environment.
 * @buf: receives the strings in order, each with its NUL, those that do not fit whole left out.
 *       Every byte is written; those that hold no string are 0. May be NULL if @buf_len is 0.
 *
 * Return: in the high 32 bits the number of strings in the environment; in the low 32 bits
 * (signed) the bytes of @buf that hold strings, or -E2BIG if a string was left out. On any other
 * error as krsi_env_get().
 */
u64 krsi_env_get_all(const struct krsi_env_block *env, char *buf, u32 buf_len);

/** krsi_env_count - high half of a result: 0 on an error other than -E2BIG. */
static inline u32 krsi_env_count(u64 result)
{
	return result >> 32;
}

/** krsi_env_bytes - low half of a result: bytes written, or a negative errno. */
static inline s32 krsi_env_bytes(u64 result)
{
	return (s32)result;
}

#endif
