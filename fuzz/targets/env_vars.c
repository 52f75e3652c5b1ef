// SPDX-License-Identifier: GPL-2.0-only
/* krsi_env_get_all() against an oracle that takes string after string. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/env_input.h"

static char want[ENV_BUF_MAX];

static u64 oracle(const struct env_input *in)
{
	bool left_out = false;
	size_t at, len, used = 0;
	const char *s;
	u32 count = 0;
	s32 low;

	if (in->buf_len > ENV_BUF_MAX)
		return (u32)-EINVAL;
	memset(want, 0, in->buf_len);
	if (env_fault(in))
		return (u32)(in->fault ?: -EFAULT);
	at = env_skip_argv(in);
	while ((s = env_next(in, &at, &len))) {
		count++;
		if (used + len + 1 > in->buf_len) {
			left_out = true;
			continue;
		}
		for (size_t i = 0; i < len; i++)
			want[used++] = s[i];
		want[used++] = '\0';
	}
	low = left_out ? -E2BIG : (s32)used;
	return (u64)count << 32 | (u32)low;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct env_input in;
	char *buf;
	u64 got;

	if (!env_input_read(&in, data, size))
		return 0;
	buf = env_buffer(&in);
	got = krsi_env_get_all(&in.env, buf, in.buf_len);
	env_compare(&in, buf, got, want, oracle(&in));
	return 0;
}

void fuzz_seeds(fuzz_emit_fn *emit)
{
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		env_emit(emit, &asks[i], i);
}
