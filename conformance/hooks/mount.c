// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the tree of mounts: what is mounted where. */
#include <linux/magic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/mounting.h"

static bool m_is_mounted(struct subject *s)
{
	return is_mounted("m");
}

static bool m_is_unmounted(struct subject *s)
{
	return !is_mounted("m");
}

/* Mounting */

/* The place "m", and to put there: a directory "d", a mount "a", and a detached one s->fd[0]. */
static int mountable(struct subject *s)
{
	int err = mount_place(s);

	if (!err)
		err = mount_tmpfs("a");
	if (err)
		return err;
	TRY(mkdir("d", 0700));
	return keep_fd(s, 0, open_tree(AT_FDCWD, "a", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

static int do_mount(struct subject *s)
{
	return SYS(mount("krsi-dev", "m", "tmpfs", MS_NOSUID | MS_NODEV, "size=" SIZE));
}

static int do_bind(struct subject *s)
{
	return SYS(mount("d", "m", NULL, MS_BIND, NULL));
}

static int do_move(struct subject *s)
{
	return SYS(mount("a", "m", NULL, MS_MOVE, NULL));
}

static int do_recursive_bind(struct subject *s)
{
	return SYS(mount("a", "m", NULL, MS_BIND | MS_REC, NULL));
}

/* Two ways to make a mount read-only. */
static int do_bind_remount(struct subject *s)
{
	return SYS(mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
}

static int do_mount_setattr(struct subject *s)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return SYS(mount_setattr(AT_FDCWD, "a", 0, &attr, sizeof(attr)));
}

static const char *no_mount_setattr(void)
{
	return needs__syscall(SYS_mount_setattr) ? NULL : "no mount_setattr here";
}

static bool m_is_mounted_or_a_read_only(struct subject *s)
{
	struct statvfs st;

	return m_is_mounted(s) || (!statvfs("a", &st) && st.f_flag & ST_RDONLY);
}

HOOK(sb_mount, FAMILY_MOUNT, .setup = mountable,
     .route = { { "mount", do_mount },
		{ "bind", do_bind },
		{ "move", do_move },
		{ "bind-recursive", do_recursive_bind },
		{ "bind-remount", do_bind_remount },
		{ "mount_setattr", do_mount_setattr, .probe = no_mount_setattr } },
     .effect = m_is_mounted_or_a_read_only,
     .args = { WANT_TEXT("dev_name", "krsi-dev"), WANT_FILE("path", "m"),
	       WANT_TEXT("type", "tmpfs"), WANT_NUM("flags", MS_NOSUID | MS_NODEV),
	       WANT_TEXT("data", "size=" SIZE) });

static int do_move_mount(struct subject *s)
{
	return SYS(move_mount(AT_FDCWD, "a", AT_FDCWD, "m", 0));
}

static int do_move_detached(struct subject *s)
{
	return SYS(move_mount(s->fd[0], "", AT_FDCWD, "m", MOVE_MOUNT_F_EMPTY_PATH));
}

/* s->fd[1] is a new mount that is nowhere yet. */
static int mountable_anew(struct subject *s)
{
	int err = mountable(s) ?: keep_fd(s, 2, fsopen("tmpfs", FSOPEN_CLOEXEC));

	if (err)
		return err;
	TRY(fsconfig(s->fd[2], FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	return keep_fd(s, 1, fsmount(s->fd[2], FSMOUNT_CLOEXEC, 0));
}

static int do_move_new(struct subject *s)
{
	return SYS(move_mount(s->fd[1], "", AT_FDCWD, "m", MOVE_MOUNT_F_EMPTY_PATH));
}

HOOK(move_mount, FAMILY_MOUNT, .setup = mountable_anew,
     .route = { { "move_mount", do_move_mount },
		{ "open_tree", do_move_detached },
		{ "fsmount", do_move_new } },
     .effect = m_is_mounted, .args = { WANT_FILE("from_path", "a"), WANT_FILE("to_path", "m") });

/* Unmounting */

static int do_umount(struct subject *s)
{
	return SYS(umount2("m", UMOUNT_NOFOLLOW));
}

static int do_detach(struct subject *s)
{
	return SYS(umount2("m", MNT_DETACH));
}

HOOK(sb_umount, FAMILY_MOUNT, .setup = mounted_place,
     .route = { { "umount2", do_umount }, { "umount2-detach", do_detach } },
     .effect = m_is_unmounted,
     .args = { WANT_FILE("mnt", "m"), WANT_NUM("flags", UMOUNT_NOFOLLOW) });

/* The last mount of a file system takes it along. */
VOID_HOOK(sb_delete, FAMILY_MOUNT, .setup = mounted_place, .route = { { "umount2", do_umount } },
	  .effect = m_is_unmounted, .only = WANT_SUPER("sb", "m"),
	  .args = { WANT_SUPER("sb", "m"), WANT_TEXT("sb", "tmpfs") });

/*
 * Newer kernels free from a work queue, after a grace period (destroy_super_work). The device's
 * number is free before that, so that another file system may have it meanwhile, or have had it:
 * what tells this one is its type, which nobody else uses.
 */
static int mounted_alone(struct subject *s)
{
	int err = mount_place(s);

	if (!err)
		TRY(mount("krsi", "m", "ramfs", 0, NULL));
	return err;
}

VOID_HOOK(sb_free_security, FAMILY_MOUNT, .setup = mounted_alone,
	  .route = { { "umount2", do_umount } }, .effect = m_is_unmounted, .anyone = true,
	  .async = true, .only = WANT_WORD("sb", KRSI_A, RAMFS_MAGIC),
	  .args = { WANT_SUPER("sb", "m"), WANT_TEXT("sb", "ramfs") });

/* Changing the root */

/* A root directory that can be swapped: a tmpfs that holds another, "new". */
static int swappable(struct subject *s)
{
	int err = mounted_place(s);

	if (err)
		return err;
	TRY(chdir("m"));
	err = mount_tmpfs("new");
	if (err)
		return err;
	TRY(mkdir("new/old", 0700));
	TRY(chroot("."));
	return 0;
}

static int do_pivot_root(struct subject *s)
{
	return SYS(syscall(SYS_pivot_root, "new", "new/old"));
}

static bool root_is_new(struct subject *s)
{
	return exists("/old");
}

HOOK(sb_pivotroot, FAMILY_MOUNT, .setup = swappable, .route = { { "pivot_root", do_pivot_root } },
     .effect = root_is_new,
     .args = { WANT_FILE("old_path", "new/old"), WANT_FILE("new_path", "new") });

/* Reconfiguring */

/* "m" is mounted; s->fd[0] is a context that gives it SIZE. */
static int reconfigurable(struct subject *s)
{
	int err = mounted_place(s);

	if (!err)
		err = keep_fd(s, 0, fspick(AT_FDCWD, "m", FSPICK_CLOEXEC));
	if (!err)
		TRY(fsconfig(s->fd[0], FSCONFIG_SET_STRING, "size", SIZE, 0));
	return err;
}

static int do_remount(struct subject *s)
{
	return SYS(mount(NULL, "m", NULL, MS_REMOUNT, "size=" SIZE));
}

static int do_reconfigure(struct subject *s)
{
	return SYS(fsconfig(s->fd[0], FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
}

static bool m_has_size(struct subject *s)
{
	return has_size("m");
}

HOOK(sb_remount, FAMILY_MOUNT, .setup = reconfigurable,
     .route = { { "mount", do_remount }, { "fsconfig", do_reconfigure } }, .effect = m_has_size,
     .args = { WANT_SUPER("sb", "m"), WANT_TEXT("sb", "tmpfs") });
