// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/env_input.h"

#include <stdio.h>
#include <stdlib.h>

/* Where blocks lie: on a boundary of all page sizes up to 255, and of 4096, for one offset. */
#define PAGE_MAX 4096

static char piece[PAGE_MAX], buffer[ENV_BUF_MAX + ENV_GUARD], name_copy[256];

/* Bytes that a read from byte @at of the block on offers: to the end of its page. */
static size_t offered(const struct env_input *in, size_t at)
{
	size_t n = in->page - (in->env.start + at) % in->page;

	return in->beyond || n < in->len - at ? n : in->len - at;
}

/* Whether such a read meets what cannot be read. */
static bool refused(const struct env_input *in, size_t at)
{
	return in->faulty && in->fault_at >= at && in->fault_at < at + offered(in, at);
}

static long read_piece(void *src, unsigned long addr, const char **data)
{
	const struct env_input *in = src;
	size_t at = addr - in->env.start, n, inside;

	if (addr < in->env.start || at >= in->len)
		fuzz_fail("a read outside of the block: byte %zu of %zu", at, in->len);
	if (refused(in, at))
		return in->fault;
	n = offered(in, at);
	inside = n < in->len - at ? n : in->len - at;
	fuzz_unpoison(piece, sizeof(piece));
	memcpy(piece, in->bytes + at, inside);
	memset(piece + inside, 'X', n - inside);
	fuzz_poison(piece + n, sizeof(piece) - n);
	*data = piece;
	return n;
}

bool env_input_read(struct env_input *in, const uint8_t *data, size_t size)
{
	static const int faults[] = { -ENOMEM, -EFAULT, 0 };
	struct env_head h;

	if (size < sizeof(h))
		return false;
	memcpy(&h, data, sizeof(h));
	data += sizeof(h);
	size -= sizeof(h);
	if (h.name_len > size)
		h.name_len = size;
	fuzz_unpoison(name_copy, sizeof(name_copy));
	memcpy(name_copy, data, h.name_len);
	fuzz_poison(name_copy + h.name_len, sizeof(name_copy) - h.name_len);
	*in = (struct env_input){
		.name = name_copy,
		.name_len = h.name_len,
		.bytes = (const char *)data + h.name_len,
		.len = size - h.name_len,
		.page = h.page ? h.page : PAGE_MAX,
		.fault = faults[h.fault % 3],
		.faulty = h.fault,
		.fault_at = h.fault_at,
		.beyond = h.flags & ENV_BEYOND,
		.buf_len = h.buf_len == 0xffff ? 0x80000000u : h.buf_len % (ENV_BUF_MAX + 1),
	};
	in->env.read = read_piece;
	in->env.src = in;
	in->env.argc = h.argc;
	in->env.start = 0x40000000 / in->page * in->page + h.offset % in->page;
	if (h.flags & ENV_FAR)
		in->env.start = -(unsigned long)in->len - 1;
	in->env.end = in->env.start + in->len;
	return true;
}

bool env_fault(const struct env_input *in)
{
	for (size_t at = 0; at < in->len; at += offered(in, at))
		if (refused(in, at))
			return true;
	return false;
}

const char *env_next(const struct env_input *in, size_t *at, size_t *len)
{
	const char *s = in->bytes + *at;

	if (*at >= in->len)
		return NULL;
	*len = strnlen(s, in->len - *at);
	*at += *len + 1;
	return s;
}

size_t env_skip_argv(const struct env_input *in)
{
	size_t at = 0, len;

	for (unsigned int i = 0; i < in->env.argc; i++)
		env_next(in, &at, &len);
	return at;
}

char *env_buffer(const struct env_input *in)
{
	size_t n = in->buf_len > ENV_BUF_MAX ? 0 : in->buf_len;

	fuzz_unpoison(buffer, sizeof(buffer));
	memset(buffer, '#', n + ENV_GUARD);
	fuzz_poison(buffer + n, sizeof(buffer) - n);
	return buffer;
}

void env_compare(const struct env_input *in, const char *buf, u64 got, const char *want_buf,
		 u64 want)
{
	size_t n = in->buf_len > ENV_BUF_MAX ? 0 : in->buf_len;

	fuzz_unpoison(buffer, sizeof(buffer));
	if (got != want)
		fuzz_fail("count %u, low %d instead of count %u, low %d", krsi_env_count(got),
			  krsi_env_bytes(got), krsi_env_count(want), krsi_env_bytes(want));
	if (memcmp(buf, want_buf, n))
		fuzz_fail("the buffer holds something else");
	for (int i = 0; i < ENV_GUARD; i++)
		if (buf[n + i] != '#')
			fuzz_fail("byte %d behind the buffer was written", i);
}

void env_emit(fuzz_emit_fn *emit, const struct ask *ask, size_t number)
{
	static const struct {
		uint8_t page, offset, flags;
	} layouts[] = { { 0, 0, 0 }, { 7, 3, ENV_BEYOND } };
	size_t name = ask->name ? ask->name_len ?: strlen(ask->name) + 1 : 0;
	uint8_t all[4096];
	char label[64];

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct env_head h = {
			.page = layouts[i].page,
			.offset = layouts[i].offset,
			.flags = layouts[i].flags,
			.argc = ask->argc,
			.buf_len = ask->buf_len,
			.name_len = name,
		};

		memcpy(all, &h, sizeof(h));
		memcpy(all + sizeof(h), ask->name ?: "", name);
		memcpy(all + sizeof(h) + name, ask->bytes, ask->len);
		snprintf(label, sizeof(label), "case-%02zu-%zu", number, i);
		emit(label, all, sizeof(h) + name + ask->len);
	}
}
