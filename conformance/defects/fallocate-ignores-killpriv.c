// SPDX-License-Identifier: GPL-2.0-only
/*
 * fallocate(2) of a file on tmpfs is to take its capabilities away first. Where a program denies
 * that (inode_killpriv), it goes on all the same: the file is changed and has its capabilities yet.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "defect.h"

static const struct vfs_cap_data capability = {
	.magic_etc = VFS_CAP_REVISION_2,
	.data = { { .permitted = 1 << CAP_CHOWN } },
};

/* Is the file still privileged after fallocate? Below 0: that failed. */
static int still_privileged(int fd)
{
	if (fsetxattr(fd, "security.capability", &capability, XATTR_CAPS_SZ_2, 0))
		return -2;
	if (fallocate(fd, 0, 0, 4096))
		return -1;
	return fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(-EUCLEAN) };
	int fd = open("file", O_RDWR | O_CREAT, 0700), privileged;

	privileged = fd < 0 ? -2 : still_privileged(fd);
	if (privileged < 0)
		return defect__unclear("fallocate of a file with capabilities");
	if (privileged)
		return defect__says(ABSENT,
				    "fallocate takes no capabilities away, and asks nobody");
	if (ATTACH("inode_killpriv", deny) < 0)
		return defect__unclear("load and attach");
	privileged = still_privileged(fd);
	if (privileged == -1 && errno == EUCLEAN)
		return defect__says(ABSENT, "fallocate is denied");
	return privileged == 1
		       ? defect__says(PRESENT, "fallocate succeeds, the capabilities are there yet")
		       : defect__says(UNCLEAR, "the program does not deny");
}
