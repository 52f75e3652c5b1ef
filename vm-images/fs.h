/* SPDX-License-Identifier: GPL-2.0-only */
/* Files and directories: the cache, whole-file reads, atomic writes, locks. */
#ifndef KRSI_FS_H
#define KRSI_FS_H

#include <stdbool.h>
#include <stddef.h>
#include "vm-images/err.h"

/**
 * fs_cache_dir - where downloads and what is derived from them are kept:
 * $KRSI_CACHE, else $XDG_CACHE_HOME/krsi, else $HOME/.cache/krsi. Made if missing.
 * Return: the path (free() it), or NULL with @err (code 5).
 */
char *fs_cache_dir(struct krsi_err *err);

/** fs_mkdirs - make @path and its parents (mode 0755). Return: 0, or -1 with @err. */
int fs_mkdirs(const char *path, struct krsi_err *err);

/**
 * fs_read - a whole file into memory, with a terminating NUL that is not counted.
 * @max: refuse (code 2) a file with more bytes than this.
 * @len: number of bytes read; may be NULL if the caller wants text.
 * Return: the content (free() it), or NULL with @err (code 2 if it cannot be read).
 */
char *fs_read(const char *path, size_t max, size_t *len, struct krsi_err *err);

/**
 * fs_write_atomic - write a whole file beside its place, then rename it: readers see the old
 * file or the new one, and after an error the old one is untouched and nothing is left over.
 * Return: 0, or -1 with @err (code 5).
 */
int fs_write_atomic(const char *path, const void *data, size_t len, struct krsi_err *err);

/** fs_write_all - write all bytes to a descriptor. Return: 0, or -1 with errno. */
int fs_write_all(int fd, const void *data, size_t len);

/** fs_make_empty - make a file, or cut one to nothing. Return: 0, or -1 with @err (code 5). */
int fs_make_empty(const char *path, struct krsi_err *err);

/**
 * fs_temp_dir - a new directory `<parent>/tmp.XXXXXX`; @parent is made if missing.
 * Return: its path (free() it; remove with fs_remove_tree), or NULL with @err.
 */
char *fs_temp_dir(const char *parent, struct krsi_err *err);

/** fs_remove_tree - remove @path and all below it; follows no symlink; silent if absent. */
void fs_remove_tree(const char *path);

/** fs_exists - whether something is at @path (symlinks are followed). */
bool fs_exists(const char *path);
/** fs_is_dir - whether @path is a directory (symlinks are followed). */
bool fs_is_dir(const char *path);

/**
 * fs_lock - take an exclusive lock on the file @path (made if missing), waiting for its holder.
 * @waiting: called once if the lock is not free right away; may be NULL.
 * Return: a descriptor (close() it to unlock; the kernel does so when the process dies), or -1
 * with @err.
 */
int fs_lock(const char *path, void (*waiting)(void *ctx), void *ctx, struct krsi_err *err);

/**
 * fs_find_program - where an executable is: @name itself if it holds a '/', else the first hit in
 * PATH, /usr/local/sbin, /usr/sbin and /sbin (users have no sbin in PATH).
 * Return: its path (free() it), or NULL.
 */
char *fs_find_program(const char *name);

/**
 * fs_beside_self - the path of @name in the directory of the running executable.
 * Return: free() it; never NULL.
 */
char *fs_beside_self(const char *name);

#endif
