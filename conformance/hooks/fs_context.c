// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the context in which a mount is prepared. */
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/mounting.h"

/* Parameters */

/* The kernel's own errno for a parameter that only the file system knows. */
#define ENOPARAM 519

static int context(struct subject *s)
{
	return keep_fd(s, 0, fsopen("tmpfs", FSOPEN_CLOEXEC));
}

static int do_set_string(struct subject *s)
{
	return SYS(fsconfig(s->fd[0], FSCONFIG_SET_STRING, "size", SIZE, 0));
}

/* Does a file system of this context have the size that was asked for? */
static bool size_was_set(struct subject *s)
{
	struct statvfs st;
	int fd;

	if (fsconfig(s->fd[0], FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return false;
	fd = fsmount(s->fd[0], FSMOUNT_CLOEXEC, 0);
	return fd >= 0 && !fstatvfs(fd, &st) && st.f_blocks * st.f_frsize == SIZE_NUMBER;
}

HOOK(fs_context_parse_param, FAMILY_MOUNT, .default_ret = -ENOPARAM, .setup = context,
     .route = { { "fsconfig", do_set_string } }, .effect = size_was_set,
     .args = { WANT_TEXT("fc", "tmpfs"), WANT_TEXT("param", "size") });
