// SPDX-License-Identifier: GPL-2.0-only
/* krsi_env_get() against an oracle that splits the block into strings and looks at each. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/env_input.h"

static char want[ENV_BUF_MAX];

static bool good_name(const char *name, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (name[i] == '\0')
			return i > 0;
		if (name[i] == '=')
			return false;
	}
	return false;
}

/* The value in a string of @len bytes, or NULL. */
static const char *value_in(const char *s, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || memcmp(s, name, n) || s[n] != '=')
		return NULL;
	return s + n + 1;
}

static u64 answer(u32 count, s32 low)
{
	return (u64)count << 32 | (u32)low;
}

/* What is to come out; @want holds what is to stand in the buffer. */
static u64 oracle(const struct env_input *in)
{
	uint64_t total = 0;
	const char *s, *value;
	size_t at, len, n;
	u32 count = 0;

	if (in->buf_len > ENV_BUF_MAX)
		return answer(0, -EINVAL);
	memset(want, 0, in->buf_len);
	if (!good_name(in->name, in->name_len))
		return answer(0, -EINVAL);
	if (env_fault(in))
		return answer(0, in->fault ?: -EFAULT);
	at = env_skip_argv(in);
	while ((s = env_next(in, &at, &len))) {
		value = value_in(s, len, in->name);
		if (!value)
			continue;
		count++;
		n = s + len - value;
		for (size_t i = 0; i <= n; i++, total++)
			if (total < in->buf_len)
				want[total] = i < n ? value[i] : '\0';
	}
	if (total <= in->buf_len)
		return answer(count, total);
	if (in->buf_len)
		want[in->buf_len - 1] = '\0';
	return answer(count, -E2BIG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct env_input in;
	char *buf;
	u64 got;

	if (!env_input_read(&in, data, size))
		return 0;
	buf = env_buffer(&in);
	got = krsi_env_get(&in.env, in.name, in.name_len, buf, in.buf_len);
	env_compare(&in, buf, got, want, oracle(&in));
	return 0;
}

void fuzz_seeds(fuzz_emit_fn *emit)
{
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		if (asks[i].name)
			env_emit(emit, &asks[i], i);
}
