/* SPDX-License-Identifier: GPL-2.0-only */
/* KRSI_VERSION, KRSI_COMMIT and KRSI_DIRTY (0 or 1), written by the build. */
#ifndef KRSI_HARNESS_VERSION_H
#define KRSI_HARNESS_VERSION_H

#include "build/version.h"

#endif
