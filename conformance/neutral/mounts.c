// SPDX-License-Identifier: GPL-2.0-only
/* Mounting by the old and the new calls, and what changes the root. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

#define AT AT_FDCWD
#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif

static uint64_t attr_readonly[4] = { 0x1, 0, 0, 0 };
static uint64_t attr_idmap[4] = { MOUNT_ATTR_IDMAP, 0, 0, 999 };

static const struct call mount_calls[] = {
	NUM("mkdir", mkdirat, AT, "m", 0755),
	NUM("mkdir-second", mkdirat, AT, "n", 0755),
	NUM("tmpfs", mount, "none", "m", "tmpfs", 0, "size=1m,mode=0755"),
	NUM("tmpfs-wrong-option", mount, "none", "n", "tmpfs", 0, "krsi=1"),
	NUM("unknown-type", mount, "none", "n", "nosuchfs", 0, 0),
	NUM("no-target", mount, "none", "missing", "tmpfs", 0, 0),
	NUM("on-file", mount, "none", "public", "tmpfs", 0, 0),
	NUM("proc", mount, "proc", "n", "proc", 0, 0),
	NUM("proc-umount", umount2, "n", 0),
	NUM("sysfs", mount, "sysfs", "n", "sysfs", 0, 0),
	NUM("sysfs-umount", umount2, "n", MNT_DETACH),
	NUM("ramfs", mount, "none", "n", "ramfs", 0, 0),
	NUM("ramfs-umount", umount2, "n", 0),
	NUM("bind", mount, "public.d", "n", 0, MS_BIND, 0),
	NUM("bind-read-only", mount, 0, "n", 0, MS_BIND | MS_REMOUNT | MS_RDONLY, 0),
	OK("bind-write", openat, AT, "n/new", O_WRONLY | O_CREAT, 0600),
	NUM("bind-missing", mount, "missing", "n", 0, MS_BIND, 0),
	NUM("shared", mount, 0, "n", 0, MS_SHARED, 0),
	NUM("private", mount, 0, "n", 0, MS_PRIVATE, 0),
	NUM("propagation-wrong", mount, 0, "n", 0, MS_SHARED | MS_PRIVATE, 0),
	NUM("remount", mount, 0, "m", 0, MS_REMOUNT | MS_NOSUID, "size=2m"),
	NUM("remount-wrong", mount, 0, "m", 0, MS_REMOUNT, "krsi=1"),
	NUM("mkdir-inside", mkdirat, AT, "m/d", 0755),
	NUM("move", mount, "n", "m/d", 0, MS_MOVE, 0),
	NUM("umount-busy", umount2, "m", 0),
	NUM("umount-expire", umount2, "m/d", MNT_EXPIRE),
	NUM("umount-wrong", umount2, "m", 0x77),
	NUM("umount-file", umount2, "public", 0),
	NUM("umount-forced", umount2, "m", MNT_FORCE | MNT_DETACH),
	NUM("ext4-no-device", mount, "/dev/null", "m", "ext4", 0, 0),
	NUM("pivot", pivot_root, ".", "m"),
	NUM("chroot", chroot, "closed"),
};
WORKLOAD(mount, mount_calls, .name = "mount", .as = AS_ANYONE, .prepare = make_objects);

static const struct call fsmount_calls[] = {
	NUM("mkdir", mkdirat, AT, "m", 0755),
	KEEP(0, "open", fsopen, "tmpfs", 0),
	OK("open-unknown", fsopen, "nosuchfs", 0),
	OK("open-wrong-flag", fsopen, "tmpfs", 0x77),
	NUM("set-size", fsconfig, SLOT(0), FSCONFIG_SET_STRING, "size", "1m", 0),
	NUM("set-source", fsconfig, SLOT(0), FSCONFIG_SET_STRING, "source", "none", 0),
	NUM("set-unknown", fsconfig, SLOT(0), FSCONFIG_SET_STRING, "krsi", "1", 0),
	NUM("set-command", fsconfig, SLOT(0), 77, 0, 0, 0),
	NUM("create", fsconfig, SLOT(0), FSCONFIG_CMD_CREATE, 0, 0, 0),
	NUM("create-again", fsconfig, SLOT(0), FSCONFIG_CMD_CREATE, 0, 0, 0),
	KEEP(1, "mount", fsmount, SLOT(0), 0, 0),
	NUM("move", move_mount, SLOT(1), "", AT, "m", MOVE_MOUNT_F_EMPTY_PATH),
	NUM("move-again", move_mount, SLOT(1), "", AT, "missing", MOVE_MOUNT_F_EMPTY_PATH),
	KEEP(2, "pick", fspick, AT, "m", 0),
	NUM("pick-read-only", fsconfig, SLOT(2), FSCONFIG_SET_FLAG, "ro", 0, 0),
	NUM("reconfigure", fsconfig, SLOT(2), FSCONFIG_CMD_RECONFIGURE, 0, 0, 0),
	OK("write-read-only", openat, AT, "m/f", O_WRONLY | O_CREAT, 0600),
	OK("tree", open_tree, AT, "m", 0),
	KEEP(3, "tree-clone", open_tree, AT, "m", OPEN_TREE_CLONE),
	OK("tree-public", open_tree, AT, "public", OPEN_TREE_CLONE),
	NUM("attr-read-only", mount_setattr, SLOT(3), "", AT_EMPTY_PATH, attr_readonly, 32),
	NUM("attr-idmap", mount_setattr, SLOT(3), "", AT_EMPTY_PATH, attr_idmap, 32),
	NUM("attr-short", mount_setattr, SLOT(3), "", AT_EMPTY_PATH, attr_readonly, 4),
	NUM("attr-path", mount_setattr, AT, "m", 0, attr_readonly, 32),
	NUM("umount", umount2, "m", 0),
};
WORKLOAD(fsmount, fsmount_calls, .name = "fsmount", .as = AS_ANYONE, .prepare = make_objects);
