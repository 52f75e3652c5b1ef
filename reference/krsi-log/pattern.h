/* SPDX-License-Identifier: GPL-2.0-only */
/* Shell patterns in the form in which the programs match them. */
#ifndef KRSI_LOG_PATTERN_H
#define KRSI_LOG_PATTERN_H

#include <stdbool.h>
#include "reference/krsi-log/policy.h"

/**
 * pattern_compile - as fnmatch(3) without flags: `*`, `?`, `[a-z]`, `[!a]`, and a backslash takes
 * the next byte as it is; bytes, not characters; no classes such as [:digit:].
 * Return: 0, or -1 with *@why.
 */
int pattern_compile(struct log_pattern *p, const char *text, const char **why);

/** pattern_matches - what the programs find out. */
bool pattern_matches(const struct log_pattern *p, const char *value);

#endif
