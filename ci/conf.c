// SPDX-License-Identifier: GPL-2.0-only
#include "ci/conf.h"

#include <ini.h>
#include <string.h>

static int find_long_line(const struct conf *c, const char *text, const char *origin,
			  struct krsi_err *err)
{
	size_t len;

	for (int line = 1; *text; line++, text += len + !!text[len]) {
		len = strcspn(text, "\n");
		if (len > CONF_LINE_MAX)
			return krsi_err_set(
				err, KRSI_EXIT_USAGE,
				"%s:%d: the line has %zu characters, and more than %d are "
				"not read: shorten it, or make two of the %s",
				origin, line, len, CONF_LINE_MAX, c->what);
	}
	return 0;
}

int conf_parse(struct conf *c, const char *text, const char *origin, struct krsi_err *err)
{
	int line;

	if (find_long_line(c, text, origin, err))
		return -1;
	line = ini_parse_string(text, c->take, c->data);
	if (!line)
		return 0;
	return krsi_err_set(err, KRSI_EXIT_USAGE, "%s:%d: %s", origin, line < 0 ? 0 : line,
			    c->wrong[0] ? c->wrong : "neither [name], key = value, nor a comment");
}
