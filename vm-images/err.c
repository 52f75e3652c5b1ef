// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Whether the text names something below the cache: then that is what can be elsewhere. */
static bool names_cache(const char *text)
{
	const char *own = getenv("KRSI_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char dir[4096];

	if (own && *own)
		return strstr(text, own);
	if (xdg && *xdg == '/')
		snprintf(dir, sizeof(dir), "%s/krsi", xdg);
	else if (home && *home)
		snprintf(dir, sizeof(dir), "%s/.cache/krsi", home);
	else
		return false;
	return strstr(text, dir);
}

int krsi_err_sys(struct krsi_err *err, const char *fmt, ...)
{
	int no = errno;
	bool full = no == ENOSPC || no == EDQUOT;
	char tail[160];
	va_list ap;

	snprintf(tail, sizeof(tail), ": %s", strerror(no));
	va_start(ap, fmt);
	err_format(err, KRSI_EXIT_INFRA, tail, fmt, ap);
	va_end(ap);
	if (full)
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s; free some space there%s", err->text,
			     names_cache(err->text) ? ", or set KRSI_CACHE to a directory with more"
						    : "");
	return -1;
}
