/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 of files and memory, as 64 hex digits. */
#ifndef KRSI_SHA256_H
#define KRSI_SHA256_H

#include <stddef.h>
#include "vm-images/err.h"

#define SHA256_HEX_LEN 64

/** sha256_file - digest of a file's content. Return: 0, or -1 with @err (code 2: not readable). */
int sha256_file(const char *path, char hex[SHA256_HEX_LEN + 1], struct krsi_err *err);
/** sha256_mem - digest of @len bytes. Return: 0, or -1 with @err. */
int sha256_mem(const void *data, size_t len, char hex[SHA256_HEX_LEN + 1], struct krsi_err *err);

#endif
