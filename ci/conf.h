/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of the form of INI that people write: a mistake is named with its line. */
#ifndef CI_CONF_H
#define CI_CONF_H

#include "vm-images/err.h"

/** Longest line, in bytes without its newline: the parser cuts longer ones without a word. */
#define CONF_LINE_MAX 198

/** What is being parsed, for conf_parse(). */
struct conf {
	/** Takes one line, as inih's handlers do; 0: it is wrong, and @wrong says why. */
	int (*take)(void *data, const char *section, const char *name, const char *value);
	void *data;	  /**< handed to @take */
	const char *what; /**< what a section is, for messages: "waiver" */
	char wrong[256];  /**< set by @take */
};

/** Parses @text. Returns 0, or -1 with @err (code 2): "<origin>:<line>: <what is wrong>". */
int conf_parse(struct conf *c, const char *text, const char *origin, struct krsi_err *err);

#endif
