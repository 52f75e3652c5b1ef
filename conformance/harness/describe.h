/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suite holds, as one JSON document: tests, hooks and requirements. */
#ifndef KRSI_HARNESS_DESCRIBE_H
#define KRSI_HARNESS_DESCRIBE_H

#include <stdio.h>

#include "conformance/adapters/adapter.h"

/* Writes the document, with what the host must know of the implementation's LSM; 0, or -EIO. */
int describe__write(FILE *out, const struct krsi_lsm *lsm);

#endif
