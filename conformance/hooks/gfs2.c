// SPDX-License-Identifier: GPL-2.0-only
/* The hook that is told that a label may be out of date. Only a file system of a cluster asks. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/gfs2_image.h"
#include "conformance/hooks/loopdev.h"
#include "conformance/hooks/mounting.h"

#define OTHER_OWNER 4711

static bool root_belongs_to(uid_t owner)
{
	struct stat st;

	return !stat("m", &st) && st.st_uid == owner;
}

/* A file system on "m" that holds the lock of its root directory; s->text demotes locks. */
static int lock_held(struct subject *s)
{
	char name[LOOP_NAME];
	int err = mount_place(s) ?: gfs2_image("image", 0);

	err = err ?: loop_attach(s, 0, "image", name);
	if (err)
		return err;
	TRY(mount(name, "m", "gfs2", MS_RDONLY, "lockproto=lock_nolock,spectator"));
	snprintf(s->text, sizeof(s->text), "/sys/fs/gfs2/%s/demote_rq", strrchr(name, '/') + 1);
	return root_belongs_to(0) ? 0 : -EIO;
}

static int do_demote(struct subject *s)
{
	char request[32];
	int fd = open(s->text, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = snprintf(request, sizeof(request), "2:%d EX", GFS2_ROOT);
	ret = SYS(write(fd, request, ret));
	close(fd);
	return ret;
}

/* Who asks for the lock again waits for the demotion, and reads the disk anew. */
static bool reads_anew(struct subject *s)
{
	return !gfs2_image("image", OTHER_OWNER) && root_belongs_to(OTHER_OWNER);
}

static void unmount(struct subject *s)
{
	umount2("m", 0);
}

/* By a worker of the file system's. */
VOID_HOOK(inode_invalidate_secctx, FAMILY_LABEL, .setup = lock_held,
	  .route = { { "demote_rq", do_demote, .module = "loop" } }, .effect = reads_anew,
	  .cleanup = unmount, .anyone = true, .async = true, .only = WANT_FILE("inode", "m"),
	  .args = { WANT_FILE("inode", "m"), WANT_TEXT("inode", "gfs2") },
	  .needs.module = { "gfs2" },
	  .unreachable = "called by inode_go_inval in fs/gfs2/glops.c and, with "
			 "CONFIG_CEPH_FS_SECURITY_LABEL, which no stock kernel of Debian sets, by "
			 "fs/ceph; this kernel is built without GFS2");
