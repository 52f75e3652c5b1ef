/* SPDX-License-Identifier: GPL-2.0-only */
/* Debian's order of versions (deb-version(7)). */
#ifndef KRSI_DEBVER_H
#define KRSI_DEBVER_H

/** debver_cmp - Return: < 0, 0, > 0 as @a is older than, equal to, newer than @b. */
int debver_cmp(const char *a, const char *b);

#endif
