// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the context in which a mount is prepared. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/loopdev.h"
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

/* Mounts that appear by themselves */

/* debugfs mounts tracefs by itself, and where vfs_submount is gone it does so by a context. */
static const char *no_submount(void)
{
	bool automount = false, old_way = false;
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[256];

	if (!file)
		return "/proc/kallsyms does not tell how tracefs is mounted";
	while (fgets(line, sizeof(line), file)) {
		automount |= strstr(line, " trace_automount\n") != NULL;
		old_way |= strstr(line, " vfs_submount\n") != NULL;
	}
	fclose(file);
	return automount && !old_way ? NULL : "no file system at hand mounts itself by a context";
}

static int debugfs(struct subject *s)
{
	int err = mount_place(s);

	return err ?: SYS(mount("none", "m", "debugfs", 0, NULL));
}

static int do_enter(struct subject *s)
{
	return SYS(open("m/tracing", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static bool tracefs_came(struct subject *s)
{
	return is_mounted("m/tracing");
}

HOOK(fs_context_submount, FAMILY_MOUNT, .needs.filesystem = "debugfs", .needs.probe = no_submount,
     .setup = debugfs, .route = { { "automount", do_enter } }, .effect = tracefs_came,
     .args = { WANT_TEXT("fc", "tracefs"), WANT_SUPER("reference", "m") });

/* Copying a context */

/* Where btrfs still takes its options as one string, it has no context that it could copy. */
static const char *no_copy(void)
{
	int fd = fsopen("btrfs", FSOPEN_CLOEXEC), err;

	if (fd < 0)
		return "btrfs has no context";
	/* the old interface keeps any option for later */
	err = fsconfig(fd, FSCONFIG_SET_FLAG, "krsi-no-such-option", NULL, 0);
	close(fd);
	return err ? NULL : "nothing at hand copies a context: btrfs takes its options as a string";
}

/*
 * Sectors read so far from the block device s->text; -1: unknown. They are counted before whoever
 * waits for the read is woken; the number of reads is not (blk_update_request).
 */
static long sectors_read(struct subject *s)
{
	char path[64];
	long sectors = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/block/%.16s/stat", strrchr(s->text, '/') + 1);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%*s %*s %ld", &sectors) != 1)
		sectors = -1;
	fclose(file);
	return sectors;
}

/* A block device of zeroes, of which s->val[0] sectors have been read. */
static int blank_device(struct subject *s)
{
	int err = mount_place(s);

	if (!err)
		err = put_file("image", "");
	if (!err)
		TRY(truncate("image", 1 << 20));
	if (!err)
		err = loop_attach(s, 0, "image", s->text);
	s->val[0] = err ? 0 : sectors_read(s);
	return err ?: s->val[0] < 0 ? -ENODATA : 0;
}

/* There is nothing to mount on the device: EINVAL is what it comes to in the end. */
static int do_mount_btrfs(struct subject *s)
{
	int ret = SYS(mount(s->text, "m", "btrfs", 0, NULL));

	return ret == -EINVAL ? 0 : ret;
}

/* The mount went on, with the copy, to look for a file system on the device. */
static bool device_was_read(struct subject *s)
{
	return sectors_read(s) > s->val[0];
}

HOOK(fs_context_dup, FAMILY_MOUNT, .needs.module = { "loop", "btrfs" }, .needs.probe = no_copy,
     .setup = blank_device, .route = { { "mount", do_mount_btrfs } }, .effect = device_was_read,
     .args = { WANT_TEXT("fc", "btrfs"), WANT_TEXT("src_sc|src_fc", "btrfs") });
