// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "reference/tests/block.h"

/* Bytes of the piece at @addr: the rest of its page, or of the block. */
static long piece_len(const struct block *b, unsigned long addr)
{
	unsigned long n = b->page - addr % b->page;

	if (!b->beyond && n > b->env.end - addr)
		n = b->env.end - addr;
	return n;
}

static long read_piece(void *src, unsigned long addr, const char **data)
{
	struct block *b = src;
	unsigned long at = addr - b->env.start;
	long n = piece_len(b, addr);

	b->reads++;
	cr_assert(addr >= b->env.start && addr < b->env.end, "read outside of the block");
	if (b->fault_at >= (long)at && b->fault_at < (long)at + n)
		return b->fault;
	free(b->piece);
	b->piece = malloc(n);
	memset(b->piece, 'X', n);
	memcpy(b->piece, b->bytes + at, at + n > b->len ? b->len - at : (unsigned long)n);
	*data = b->piece;
	return n;
}

void block_init(struct block *b, const char *bytes, unsigned long len, unsigned int argc,
		unsigned long page, unsigned long offset)
{
	*b = (struct block){
		.bytes = bytes,
		.len = len,
		.page = page,
		.offset = offset,
		.fault_at = -1,
	};
	b->env = (struct krsi_env_block){
		.read = read_piece,
		.src = b,
		.start = BLOCK_BASE / page * page + offset,
		.argc = argc,
	};
	b->env.end = b->env.start + len;
}

void block_free(struct block *b)
{
	free(b->piece);
	b->piece = NULL;
}

u64 result(u32 count, s32 bytes)
{
	return (u64)count << 32 | (u32)bytes;
}

/* The string at *at, NUL-terminated in memory of its own, or NULL at the end. */
static char *next_string(const struct block *b, unsigned long *at)
{
	const char *p = b->bytes + *at;
	char *s;

	if (*at >= b->len)
		return NULL;
	s = strndup(p, b->len - *at);
	*at += strlen(s) + 1;
	return s;
}

static unsigned long first_env(const struct block *b)
{
	unsigned long at = 0;

	for (unsigned int i = 0; i < b->env.argc && at < b->len; i++)
		free(next_string(b, &at));
	return at;
}

u64 oracle_get(const struct block *b, const char *name, char *buf, u32 buf_len)
{
	unsigned long at = first_env(b), n = strlen(name), used = 0, total = 0;
	u32 count = 0;
	char *s;

	memset(buf, 0, buf_len);
	for (; (s = next_string(b, &at)); free(s)) {
		unsigned long size = strlen(s) + 1;

		if (strncmp(s, name, n) || s[n] != '=')
			continue;
		count++;
		size -= n + 1;
		total += size;
		if (size > buf_len - used)
			size = buf_len - used;
		memcpy(buf + used, s + n + 1, size);
		used += size;
		if (total > buf_len && buf_len)
			buf[buf_len - 1] = '\0';
	}
	return result(count, total > buf_len ? -E2BIG : (s32)total);
}

u64 oracle_get_all(const struct block *b, char *buf, u32 buf_len)
{
	unsigned long at = first_env(b), used = 0;
	bool left_out = false;
	u32 count = 0;
	char *s;

	memset(buf, 0, buf_len);
	for (; (s = next_string(b, &at)); free(s)) {
		unsigned long size = strlen(s) + 1;

		count++;
		if (size > buf_len - used) {
			left_out = true;
			continue;
		}
		memcpy(buf + used, s, size);
		used += size;
	}
	return result(count, left_out ? -E2BIG : (s32)used);
}

static void check(struct block *b, const char *name, u32 buf_len)
{
	char *got = malloc(buf_len ?: 1), *want = malloc(buf_len ?: 1);
	/* of its own size: one byte too far is one that ASan sees */
	char *key = name ? strdup(name) : NULL;
	u64 r, w;

	memset(got, '#', buf_len);
	r = name ? krsi_env_get(&b->env, key, strlen(key) + 1, got, buf_len)
		 : krsi_env_get_all(&b->env, got, buf_len);
	w = name ? oracle_get(b, name, want, buf_len) : oracle_get_all(b, want, buf_len);
	cr_assert_eq(r, w, "%s, page %lu, offset %lu, buffer %u: %#llx, not %#llx", name ?: "(all)",
		     b->page, b->offset, buf_len, (unsigned long long)r, (unsigned long long)w);
	cr_assert(!memcmp(got, want, buf_len), "%s, page %lu, offset %lu, buffer %u: bytes differ",
		  name ?: "(all)", b->page, b->offset, buf_len);
	free(key);
	free(got);
	free(want);
}

void check_get(struct block *b, const char *name, u32 buf_len)
{
	check(b, name, buf_len);
}

void check_get_all(struct block *b, u32 buf_len)
{
	check(b, NULL, buf_len);
}
