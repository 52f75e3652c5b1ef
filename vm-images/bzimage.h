/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot header of an x86 kernel image (Documentation/arch/x86/boot.rst of any kernel tree). */
#ifndef KRSI_BZIMAGE_H
#define KRSI_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include "vm-images/err.h"

/**
 * struct bzimage - what the header says.
 * @release: the first word of the version string: what uname -r prints.
 * @is64: the image has a 64-bit entry point (XLF_KERNEL_64).
 */
struct bzimage {
	char release[128];
	bool is64;
};

/** BZIMAGE_HEAD - how many bytes of a file bzimage_parse() needs to see at most. */
#define BZIMAGE_HEAD (64 * 1024)

/**
 * bzimage_parse - read the header from the first @len bytes of a file.
 * @file_size: the file's whole size, to tell an image that was cut short.
 * @what: the file's name for messages.
 * Return: 0, or -1 with @err (code 2): what the file is instead, where that can be told (an ELF
 * vmlinux, a gzip or script file, an image for another architecture, cut short).
 */
int bzimage_parse(struct bzimage *b, const void *data, size_t len, size_t file_size,
		  const char *what, struct krsi_err *err);

/**
 * bzimage_payload - where in the whole file of @len bytes the packed kernel lies.
 * @at, @packed: its first byte, and how many there are.
 * @unpacked: how many bytes it unpacks to, as the image says.
 * Return: 0, or -1 if the image tells of none or is not whole. What bzimage_parse() refuses gives
 * -1, too.
 */
int bzimage_payload(const void *data, size_t len, size_t *at, size_t *packed, size_t *unpacked);

/** bzimage_read - bzimage_parse() of a file. */
int bzimage_read(struct bzimage *b, const char *path, struct krsi_err *err);

#endif
