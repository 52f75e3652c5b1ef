/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A server of NFS 4.2 for the kernel's client: as much as it takes to mount, to look around and to
 * make a directory. Every file has the same label. It keeps no state.
 *
 *	/     the root
 *	f     a file
 *	sub/  the root of another file system of the server
 *
 * Needs the module "nfsv4".
 */
#ifndef KRSI_HOOKS_NFS_SERVER_H
#define KRSI_HOOKS_NFS_SERVER_H

#include "conformance/harness/subject.h"

/* The size of every file. */
#define NFS_SERVER_SIZE 7

/* Starts it in a network of the subject's own, as s->child; val[0] becomes its port. After that
 * comes a mount namespace of the subject's own, with the directory "m". 0 or -errno. */
int nfs_server__start(struct subject *s);
/* Mounts it, with further options (",option..." or ""); 0 or -errno. */
int nfs_server__mount(struct subject *s, const char *path, const char *options);
/* Unmounts all, while the server still answers; an entry's cleanup. */
void nfs_server__leave(struct subject *s);

#endif
