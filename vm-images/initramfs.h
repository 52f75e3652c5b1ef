/* SPDX-License-Identifier: GPL-2.0-only */
/* An initramfs (newc cpio) written without root: its nodes exist only in the archive. */
#ifndef KRSI_INITRAMFS_H
#define KRSI_INITRAMFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "vm-images/err.h"

/** struct initramfs - an archive being written; opaque. */
struct initramfs;

/**
 * initramfs_open - start an archive. It is written beside @path and takes its place at
 * initramfs_close(), so that a half-written one never exists under that name.
 * @path: NULL: it is kept in memory, and gone with the process (initramfs_close_fd()).
 * @gzip: compress (smaller, but a guest under emulation boots later).
 * Return: the archive, or NULL with @err (code 5).
 */
struct initramfs *initramfs_open(const char *path, bool gzip, struct krsi_err *err);

/**
 * initramfs_dir, _file, _path, _symlink, _chardev - add one entry, owned by root. Paths are
 * relative ("krsi/args"), without "." and ".." parts; parents that are missing are added with
 * mode 0755; a path may be added once only.
 * _file takes its content from memory, _path from a file of the host.
 * Return: 0, or -1 with @err (code 5; 2 for a bad path or an unreadable file).
 */
int initramfs_dir(struct initramfs *fs, const char *path, mode_t mode, struct krsi_err *err);
int initramfs_file(struct initramfs *fs, const char *path, mode_t mode, const void *data,
		   size_t len, struct krsi_err *err);
int initramfs_path(struct initramfs *fs, const char *path, mode_t mode, const char *host,
		   struct krsi_err *err);
int initramfs_symlink(struct initramfs *fs, const char *path, const char *target,
		      struct krsi_err *err);
int initramfs_chardev(struct initramfs *fs, const char *path, mode_t mode, unsigned int major_nr,
		      unsigned int minor_nr, struct krsi_err *err);

/** initramfs_close - finish and move into place. Frees @fs also on error. Return: 0 or -1. */
int initramfs_close(struct initramfs *fs, struct krsi_err *err);
/**
 * initramfs_close_fd - finish one without path. Frees @fs also on error.
 * Return: a descriptor that children inherit, for "/proc/self/fd/N" (close() it), or -1 with @err.
 */
int initramfs_close_fd(struct initramfs *fs, struct krsi_err *err);
/** initramfs_abort - throw away what was written, and free @fs. NULL is fine. */
void initramfs_abort(struct initramfs *fs);

#endif
