// SPDX-License-Identifier: GPL-2.0-only
#include "ci/bisect.h"

#include "vm-images/err.h"

int bisect_code(enum bisect b, const struct verdict *v)
{
	if (b == BISECT_OFF)
		return v->code;
	if (v->code == KRSI_EXIT_USAGE)
		return BISECT_STOP;
	if (!v->judged)
		return BISECT_SKIP;
	return (v->code == KRSI_EXIT_OK) == (b == BISECT_FIXED);
}

int bisect_error(enum bisect b, int code, bool kernel)
{
	if (b == BISECT_OFF)
		return code;
	return kernel && code == KRSI_EXIT_USAGE ? BISECT_SKIP : BISECT_STOP;
}
