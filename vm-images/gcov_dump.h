/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel built with CONFIG_GCOV_KERNEL counted, on its way out of the guest. */
#ifndef KRSI_GCOV_DUMP_H
#define KRSI_GCOV_DUMP_H

/**
 * gcov_dump - writes all counters to @fd as lines `krsi-gcov PATH BASE64`, the pieces of a file in
 * order, after each file a line `krsi-gcov PATH =SIZE`. PATH is that of the object's data file on
 * the machine that built the kernel. Writes nothing where the kernel does not count.
 */
void gcov_dump(int fd);

#endif
