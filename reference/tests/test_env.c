// SPDX-License-Identifier: GPL-2.0-only
/* The rulings on krsi_get_env_var() and krsi_get_env_vars(), with the results written out. */
#include <criterion/criterion.h>
#include <string.h>

#include "reference/tests/asks.h"
#include "reference/tests/block.h"

#define PAGE 4096

static void run(const struct ask *a)
{
	char got[64], want[64] = "";
	struct block b;
	u64 r;

	cr_assert(a->buf_len <= sizeof(got));
	if (a->buf)
		memcpy(want, a->buf, a->buf_len);
	memset(got, '#', sizeof(got));
	block_init(&b, a->bytes, a->len, a->argc, PAGE, 0);
	if (a->name)
		r = krsi_env_get(&b.env, a->name, a->name_len ?: strlen(a->name) + 1,
				 a->buf_len ? got : NULL, a->buf_len);
	else
		r = krsi_env_get_all(&b.env, a->buf_len ? got : NULL, a->buf_len);
	cr_expect_eq(r, result(a->count, a->low), "%s: %#llx", a->what, (unsigned long long)r);
	cr_expect_eq(krsi_env_count(r), a->count, "%s", a->what);
	cr_expect_eq(krsi_env_bytes(r), a->low, "%s", a->what);
	cr_expect(!memcmp(got, want, a->buf_len), "%s: the buffer holds something else", a->what);
	cr_expect(a->buf_len == sizeof(got) || got[a->buf_len] == '#', "%s: too far", a->what);
	block_free(&b);
}

Test(env, rulings)
{
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		run(&asks[i]);
}

/* A length that the signed half of the result cannot tell is refused before all else. */
Test(env, sizes_beyond_the_result)
{
	char c = '#';
	struct block b;

	block_init(&b, "L=1", 4, 0, PAGE, 0);
	cr_expect_eq(krsi_env_get(&b.env, "L", 2, &c, 0x80000000U), result(0, -EINVAL));
	cr_expect_eq(krsi_env_get_all(&b.env, &c, 0x80000000U), result(0, -EINVAL));
	cr_expect_eq(c, '#');
	cr_expect_eq(b.reads, 0);
}
