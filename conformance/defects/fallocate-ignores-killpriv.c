// SPDX-License-Identifier: GPL-2.0-only
/*
 * fallocate(2) of a file on tmpfs is to take its capabilities away, of which inode_killpriv is
 * asked, as write(2) does. A program that denies it stops a write, and does not stop fallocate:
 * 5.10 does not ask at all, later kernels do not look at the answer.
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

static int make_privileged(int fd)
{
	return fsetxattr(fd, "security.capability", &capability, XATTR_CAPS_SZ_2, 0);
}

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(-EUCLEAN) };
	int fd = open("file", O_RDWR | O_CREAT, 0700);

	if (fd < 0 || make_privileged(fd) || fallocate(fd, 0, 0, 4096))
		return defect__unclear("fallocate of a file with capabilities");
	if (fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return defect__says(PRESENT, "fallocate leaves the capabilities, and asks nobody");
	if (make_privileged(fd) || ATTACH("inode_killpriv", deny) < 0)
		return defect__unclear("attach, with capabilities");
	if (write(fd, "x", 1) >= 0 || errno != EUCLEAN)
		return defect__says(UNCLEAR, "the program does not deny a write");
	if (make_privileged(fd))
		return defect__unclear("capabilities");
	if (!fallocate(fd, 0, 0, 8192))
		return defect__says(PRESENT, "write is denied, and fallocate is not");
	return errno == EUCLEAN ? defect__says(ABSENT, "fallocate is denied")
				: defect__unclear("fallocate");
}
