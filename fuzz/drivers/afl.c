// SPDX-License-Identifier: GPL-2.0-only
/* A target under AFL++: one process judges many inputs, which it gets in shared memory. */
#include <unistd.h>

#include "fuzz/target.h"

__AFL_FUZZ_INIT();

/* Inputs until the process is replaced: leaks and stray writes do not pile up for ever. */
#define INPUTS 100000

int main(void)
{
	const unsigned char *data;

	__AFL_INIT();
	data = __AFL_FUZZ_TESTCASE_BUF;
	while (__AFL_LOOP(INPUTS))
		LLVMFuzzerTestOneInput(data, __AFL_FUZZ_TESTCASE_LEN);
	return 0;
}
