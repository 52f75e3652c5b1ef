// SPDX-License-Identifier: GPL-2.0-only
/* A target whose inputs end in each way there is: for the tests of the driver. */
#include <stdlib.h>
#include <time.h>

#include "fuzz/target.h"

/* Long enough for the driver to tell the fuzzer of it, and no hang. */
static void take_long(void)
{
	clock_t end = clock() + CLOCKS_PER_SEC / 40;

	while (clock() < end)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	switch (size ? *data : 0) {
	case 'c':
		abort();
	case 'h':
		for (;;)
			;
	case 's':
		take_long();
		break;
	default:
		break;
	}
	return 0;
}
