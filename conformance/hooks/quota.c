// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on disk quotas. */
#include <sys/quota.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/ext2_image.h"
#include "conformance/hooks/loopdev.h"
#include "conformance/hooks/mounting.h"

#define NO_FORMAT 0xa5a5a5a5u

/* Whole records of the old format, of 40 bytes, or of 32 where a long is short. */
#define EMPTY_RECORDS 160

/* A file system on "m" whose quotas are off, with a quota file "m/q"; s->text is its device. */
static int quotas_off(struct subject *s)
{
	int err = mount_place(s), fd;

	if (!err)
		err = ext2_image("image");
	if (!err)
		err = loop_attach(s, 0, "image", s->text);
	if (err)
		return err;
	TRY(mount(s->text, "m", "ext4", 0, "usrquota"));
	fd = open("m/q", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, EMPTY_RECORDS) || close(fd))
		return -errno;
	return 0;
}

static int do_quota_on(struct subject *s)
{
	return SYS(quotactl(QCMD(Q_QUOTAON, USRQUOTA), s->text, QFMT_VFS_OLD, "m/q"));
}

static unsigned int format(struct subject *s)
{
	unsigned int format = NO_FORMAT;

	quotactl(QCMD(Q_GETFMT, USRQUOTA), s->text, 0, (char *)&format);
	return format;
}

static bool quotas_are_on(struct subject *s)
{
	return format(s) == QFMT_VFS_OLD;
}

/* Then the device is free again. */
static void unmount(struct subject *s)
{
	umount2("m", 0);
}

HOOK(quota_on, FAMILY_MOUNT, .needs.module = { "loop", "ext4", "quota_v1" }, .setup = quotas_off,
     .route = { { "quotactl", do_quota_on } }, .effect = quotas_are_on, .cleanup = unmount,
     .args = { WANT_FILE("dentry", "m/q") });

static int quotas_on(struct subject *s)
{
	int err = quotas_off(s);

	s->val[0] = NO_FORMAT;
	return err ?: do_quota_on(s);
}

static int do_get_format(struct subject *s)
{
	return SYS(quotactl(QCMD(Q_GETFMT, USRQUOTA), s->text, 0, (char *)&s->val[0]));
}

static int do_get_format_fd(struct subject *s)
{
	int fd = open("m", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = SYS(syscall(SYS_quotactl_fd, fd, QCMD(Q_GETFMT, USRQUOTA), 0, &s->val[0]));
	close(fd);
	return ret;
}

static const char *no_quotactl_fd(void)
{
	return needs__syscall(SYS_quotactl_fd) ? NULL : "no quotactl_fd here";
}

static bool got_format(struct subject *s)
{
	return s->val[0] == QFMT_VFS_OLD;
}

HOOK(quotactl, FAMILY_MOUNT, .needs.module = { "loop", "ext4", "quota_v1" }, .setup = quotas_on,
     .route = { { "quotactl", do_get_format },
		{ "quotactl_fd", do_get_format_fd, .probe = no_quotactl_fd } },
     .effect = got_format, .cleanup = unmount,
     .args = { WANT_NUM("cmds", Q_GETFMT), WANT_NUM("type", USRQUOTA), WANT_NUM("id", 0),
	       WANT_SUPER("sb", "m") });
