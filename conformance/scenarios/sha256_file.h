/* SPDX-License-Identifier: GPL-2.0-only */
/* The hash of a file, as the policies compute it. */
#ifndef KRSI_SCENARIOS_SHA256_FILE_H
#define KRSI_SCENARIOS_SHA256_FILE_H

#include <stddef.h>
#include <linux/types.h>

#include "conformance/scenarios/sha256.h"

/* 0 or -errno. */
int sha256_file(const char *path, unsigned char digest[SHA256_BYTES]);
void sha256_bytes(const void *data, size_t len, unsigned char digest[SHA256_BYTES]);

#endif
