/* SPDX-License-Identifier: GPL-2.0-only */
/* A block device over a file of the subject's. Needs the module "loop". */
#ifndef KRSI_HOOKS_LOOPDEV_H
#define KRSI_HOOKS_LOOPDEV_H

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "conformance/harness/subject.h"

/* Longest name of a loop device, with its NUL. */
#define LOOP_NAME 32

/*
 * Puts a loop device over the file; `name` gets its path. A descriptor that is open for reading: a
 * kernel may refuse to mount what somebody can write; or -errno. The device detaches by itself when
 * nothing uses it any more.
 */
static inline int loop_open(const char *path, char name[LOOP_NAME])
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number, file, device, fd;

	if (control < 0)
		return -errno;
	number = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	if (number < 0)
		return -errno;
	snprintf(name, LOOP_NAME, "/dev/loop%d", number);
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return -errno;
	config.fd = file;
	device = open(name, O_RDWR | O_CLOEXEC);
	fd = device < 0 || ioctl(device, LOOP_CONFIGURE, &config) ? -errno : 0;
	fd = fd ?: SYS(open(name, O_RDONLY | O_CLOEXEC));
	if (device >= 0)
		close(device);
	close(file);
	return fd;
}

/* The same; s->fd[slot] holds it. 0 or -errno. */
static inline int loop_attach(struct subject *s, int slot, const char *path, char name[LOOP_NAME])
{
	int fd = loop_open(path, name);

	return fd < 0 ? fd : keep_fd(s, slot, fd);
}

#endif
