/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of root's that groups of the workload find in their directory. */
#ifndef KRSI_NEUTRAL_OBJECTS_H
#define KRSI_NEUTRAL_OBJECTS_H

/*
 * public (0644), secret (0600), open (0666), tool (0755, the no-op executable), the directories
 * closed/ (0700, holds file), public.d/ (0755, holds file), sticky/ (1777, holds theirs), and the
 * link to-public. 0 or -errno.
 */
int make_objects(void);
/* Brings up the loopback device of a network of its own. 0 or -errno. */
int loopback_up(void);
/* Reads up to `size` bytes of a file into `out`; how many, or -errno. */
int read_into_out(const char *path, unsigned int size);
/* Writes the text to a file; how many bytes it took, or -errno. */
int write_to(const char *path, const char *text);

#endif
