/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suite holds, as one JSON document: tests, hooks and requirements. */
#ifndef KRSI_HARNESS_DESCRIBE_H
#define KRSI_HARNESS_DESCRIBE_H

#include <stdio.h>

/* Writes the document; 0, or -EIO. */
int describe__write(FILE *out);

#endif
