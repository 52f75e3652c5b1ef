// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include "vm-images/progress.h"

void progress_step(const struct progress *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!p || !p->step)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->step(p->ctx, text);
}

void progress_bytes(const struct progress *p, uint64_t done, uint64_t total)
{
	if (p && p->bytes)
		p->bytes(p->ctx, done, total);
}
