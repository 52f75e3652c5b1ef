/* SPDX-License-Identifier: GPL-2.0-only */
/* The name of an executed file that is known by its device and inode number. */
#ifndef KRSI_LOG_PATH_H
#define KRSI_LOG_PATH_H

#include <stdint.h>
#include <sys/types.h>

/**
 * path_find - looks at what process @pid runs, then into the directories of PATH and into the
 * working directory of @pid. What is found is that file for certain, under one of its names.
 * @said: how the caller of exec called it, or NULL; taken if it is absolute.
 * Return: a string in static memory, or NULL: the file is elsewhere, or gone.
 */
const char *path_find(pid_t pid, uint64_t dev, uint64_t ino, const char *said);

#endif
