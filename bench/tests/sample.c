// SPDX-License-Identifier: GPL-2.0-only
#include "bench/tests/sample.h"

#include <criterion/criterion.h>

#include "bench/host/stream.h"
#include "vm-images/mem.h"

struct figures sample_figures(const char *body)
{
	struct figures r = { .version = xstrdup("1"),
			     .kernel = xstrdup("k"),
			     .sha256 = xstrdup("0"),
			     .engine = xstrdup("icount"),
			     .qemu = xstrdup("q"),
			     .cpu = xstrdup("c") };
	char *text = xasprintf("krsi-bench 1 icount plain\n%send\n", body);
	struct krsi_err err = { 0 };

	*ARRAY_PUSH(&r, seeds) = 1;
	cr_assert_eq(stream_read(&r, text, 1, "icount", "plain", &err), 0, "%s", err.text);
	figures_finish(&r);
	free(text);
	return r;
}
