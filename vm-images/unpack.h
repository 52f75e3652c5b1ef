/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking a kernel out of a Debian package, without dpkg and without root. */
#ifndef KRSI_UNPACK_H
#define KRSI_UNPACK_H

#include "vm-images/err.h"

/**
 * unpack_deb - extract the regular files under boot/ and [usr/]lib/modules/ of a package; the
 * latter land in lib/modules/. Names that lead out of @dir are refused; links are left out.
 * Return: 0, or -1 with @err (code 5).
 */
int unpack_deb(const char *deb, const char *dir, struct krsi_err *err);

#endif
