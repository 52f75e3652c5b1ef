// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on file systems themselves: how one comes, and what it tells about itself. */
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/mounting.h"
#include "conformance/hooks/selinux_policy.h"

/* Coming */

static int do_mount(struct subject *s)
{
	return SYS(mount("krsi-dev", "m", "tmpfs", 0, "size=" SIZE));
}

static int do_create(struct subject *s)
{
	return SYS(fsconfig(s->fd[0], FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}

/* There is a file system on "m", or one in the context that can now be mounted. */
static bool came_to_be(struct subject *s)
{
	return is_mounted("m") || fsmount(s->fd[0], FSMOUNT_CLOEXEC, 0) >= 0;
}

#define WAYS_TO_CREATE                                                                             \
	{                                                                                          \
		{ "mount", do_mount }, { "fsconfig", do_create },                                  \
	}

/* No `args`: the super block knows neither its type nor its device yet. */
HOOK(sb_alloc_security, FAMILY_MOUNT, .setup = mount_place_and_context, .route = WAYS_TO_CREATE,
     .effect = came_to_be, .denied_as = ENOMEM,
     .denied_by = "alloc_super: every failure is NULL, which sget_fc calls ENOMEM");

HOOK(sb_set_mnt_opts, FAMILY_MOUNT, .setup = mount_place_and_context, .route = WAYS_TO_CREATE,
     .effect = came_to_be, .args = { WANT_NEW_SUPER("sb", "m"), WANT_TEXT("sb", "tmpfs") });

HOOK(sb_kern_mount, FAMILY_MOUNT, .setup = mount_place_and_context, .route = WAYS_TO_CREATE,
     .effect = came_to_be, .args = { WANT_NEW_SUPER("sb", "m"), WANT_TEXT("sb", "tmpfs") });

static bool m_is_mounted(struct subject *s)
{
	return is_mounted("m");
}

HOOK(sb_eat_lsm_opts, FAMILY_MOUNT, .setup = mount_place, .route = { { "mount", do_mount } },
     .effect = m_is_mounted, .args = { WANT_TEXT("orig", "size=" SIZE) });

/* Telling */

static int measurable(struct subject *s)
{
	int err = put_file("f", "krsi");
	struct stat st;

	memset(s->text, 0xa5, sizeof(s->text));
	if (err)
		return err;
	TRY(stat("f", &st));
	s->val[0] = st.st_dev;
	return open_slot(s, 0, "f", O_RDONLY, 0);
}

static int do_statfs(struct subject *s)
{
	return SYS(statfs("f", (struct statfs *)s->text));
}

static int do_fstatfs(struct subject *s)
{
	return SYS(fstatfs(s->fd[0], (struct statfs *)s->text));
}

/* Of the file system of a device number. */
static int do_ustat(struct subject *s)
{
	return SYS(syscall(SYS_ustat, s->val[0], s->text));
}

static bool measured(struct subject *s)
{
	char poison[sizeof(struct statfs)];

	memset(poison, 0xa5, sizeof(poison));
	return memcmp(s->text, poison, sizeof(poison));
}

HOOK(sb_statfs, FAMILY_MOUNT, .setup = measurable,
     .route = { { "statfs", do_statfs }, { "fstatfs", do_fstatfs }, { "ustat", do_ustat } },
     .effect = measured, .args = { WANT_FILE("dentry", "f") });

/*
 * Only "m" is in our root, so that a list of mounts has one line and its failure is not hidden by
 * lines before it. The lists of mounts are s->fd[0] and [1].
 */
static int listable(struct subject *s)
{
	int err = mounted_place(s);

	if (!err)
		err = open_slot(s, 2, "/proc/self", O_PATH | O_DIRECTORY, 0);
	if (err)
		return err;
	TRY(chroot("m"));
	err = keep_fd(s, 0, openat(s->fd[2], "mounts", O_RDONLY | O_CLOEXEC));
	return err ?: keep_fd(s, 1, openat(s->fd[2], "mountinfo", O_RDONLY | O_CLOEXEC));
}

static int do_read_mounts(struct subject *s)
{
	return SYS(read(s->fd[0], s->text, sizeof(s->text) - 1));
}

static int do_read_mountinfo(struct subject *s)
{
	return SYS(read(s->fd[1], s->text, sizeof(s->text) - 1));
}

static bool listed(struct subject *s)
{
	return strstr(s->text, "tmpfs");
}

HOOK(sb_show_options, FAMILY_MOUNT, .setup = listable,
     .route = { { "mounts", do_read_mounts }, { "mountinfo", do_read_mountinfo } },
     .effect = listed, .args = { WANT_SUPER("sb", "m") });

/* Without a trigger, but for one */

HOOK(sb_add_mnt_opt, FAMILY_MOUNT,
     .unreachable = "no kernel function calls it: security_add_mnt_opt has no caller");
/* What a label LSM has understood of the options is let go of in the end. */
static int mount_place_and_policy(struct subject *s)
{
	return mount_place(s) ?: selinux_set_up("selinux");
}

static int do_mount_with_label(struct subject *s)
{
	return SYS(mount("krsi-dev", "m", "tmpfs", 0, "context=" SELINUX_LABEL));
}

VOID_HOOK(sb_free_mnt_opts, FAMILY_MOUNT, .needs.lsm = "selinux", .setup = mount_place_and_policy,
	  .route = { { "mount-context", do_mount_with_label } }, .effect = m_is_mounted);
VOID_HOOK(initramfs_populated, FAMILY_KERNEL,
	  .unreachable = "do_populate_rootfs in init/initramfs.c, the only caller, is part of an "
			 "initcall that ends before the kernel starts the first process: nobody is "
			 "there to load a program");
