// SPDX-License-Identifier: GPL-2.0-only
#include "ci/result.h"

#include <string.h>

static const struct {
	const char *name;
	bool red;
	int badness;
} results[RESULT_COUNT] = {
	[RESULT_PASS] = { "pass", false, 1 },  [RESULT_FAIL] = { "fail", true, 4 },
	[RESULT_SKIP] = { "skip", false, 0 },  [RESULT_XFAIL] = { "xfail", false, 2 },
	[RESULT_XPASS] = { "xpass", true, 3 }, [RESULT_TIMEOUT] = { "timeout", true, 5 },
	[RESULT_CRASH] = { "crash", true, 6 }, [RESULT_BROKEN] = { "broken", true, 7 },
};

const char *result_name(enum result r)
{
	return results[r].name;
}

int result_parse(const char *name, enum result *r)
{
	for (int i = 0; i < RESULT_COUNT; i++) {
		if (!strcmp(results[i].name, name)) {
			*r = i;
			return 0;
		}
	}
	return -1;
}

bool result_is_red(enum result r)
{
	return results[r].red;
}

int result_badness(enum result r)
{
	return results[r].badness;
}
