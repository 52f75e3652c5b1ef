// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "vm-images/err.h"

static void err_format(struct krsi_err *err, enum krsi_exit code, const char *tail, const char *fmt,
		       va_list ap)
{
	char text[sizeof(err->text)];
	size_t used;

	vsnprintf(text, sizeof(text), fmt, ap);
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used, "%s", tail);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	memcpy(err->text, text, sizeof(text));
	err->code = code;
}

int krsi_err_set(struct krsi_err *err, enum krsi_exit code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_format(err, code, "", fmt, ap);
	va_end(ap);
	return -1;
}

int krsi_err_sys(struct krsi_err *err, const char *fmt, ...)
{
	int no = errno;
	char tail[160];
	va_list ap;

	snprintf(tail, sizeof(tail), ": %s%s", strerror(no),
		 no == ENOSPC || no == EDQUOT
			 ? "; free some space, or set KRSI_CACHE to a directory with more"
			 : "");
	va_start(ap, fmt);
	err_format(err, KRSI_EXIT_INFRA, tail, fmt, ap);
	va_end(ap);
	return -1;
}
