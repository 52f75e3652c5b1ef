/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few names that the core needs, inside a kernel and outside. The core calls nothing but
 * mem*() and allocates nothing, so that one set of source files serves the LSM, the unit tests,
 * the fuzzers and a userspace model.
 */
#ifndef KRSI_CORE_COMPAT_H
#define KRSI_CORE_COMPAT_H

#ifdef __KERNEL__

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>

#else

#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;

#ifndef S32_MAX
#define S32_MAX ((s32)0x7fffffff)
#endif

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif

#endif /* __KERNEL__ */

#endif
