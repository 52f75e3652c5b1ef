/* SPDX-License-Identifier: GPL-2.0-only */
/* Environment blocks for tests: any page size, faults, and an oracle that reads them naively. */
#ifndef KRSI_TEST_BLOCK_H
#define KRSI_TEST_BLOCK_H

#include "reference/core/env.h"

/* Where blocks lie; a whole number of pages for each page size that the tests use. */
#define BLOCK_BASE 0x40000000UL

/**
 * struct block - the strings of a process in pages.
 * @bytes, @len: argv and environment, each string with its NUL.
 * @offset: of the first byte in its page.
 * @page: bytes of a page; a read gives at most the rest of a page.
 * @fault_at: the read that covers this byte of the block fails with @fault; < 0: none.
 * @beyond: bytes past the end are offered too, as a page of a kernel holds them.
 * @piece: what the last read gave out: exactly as many bytes, so that ASan sees one too many,
 *         and freed by the next read.
 * @reads: how many there were.
 */
struct block {
	struct krsi_env_block env;
	const char *bytes;
	unsigned long len;
	unsigned long offset;
	unsigned long page;
	long fault_at;
	int fault;
	bool beyond;
	char *piece;
	unsigned int reads;
};

/** block_init - a block of @len bytes with @argc arguments. Free it with block_free(). */
void block_init(struct block *b, const char *bytes, unsigned long len, unsigned int argc,
		unsigned long page, unsigned long offset);
/** block_free - frees what the last read gave out. */
void block_free(struct block *b);
/** result - the result of a helper: count above, bytes or errno below. */
u64 result(u32 count, s32 bytes);
/** oracle_get - what krsi_env_get() has to give, found string by string in one piece of memory. */
u64 oracle_get(const struct block *b, const char *name, char *buf, u32 buf_len);
/** oracle_get_all - the same for krsi_env_get_all(). */
u64 oracle_get_all(const struct block *b, char *buf, u32 buf_len);
/** check_get - both must agree on a variable, for this size of the buffer. */
void check_get(struct block *b, const char *name, u32 buf_len);
/** check_get_all - both must agree on the whole environment. */
void check_get_all(struct block *b, u32 buf_len);

#endif
