// SPDX-License-Identifier: GPL-2.0-only
/* mount_setattr(2) changes the flags of a mount, and no program on sb_mount is asked. */
#include <fcntl.h>
#include <linux/types.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "defect.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(-EUCLEAN) };
	/* struct mount_attr: what to set, to clear, propagation, user namespace; 1: read-only */
	const __u64 read_only[4] = { 1 };
	struct statvfs st;

	mkdir("m", 0700);
	if (mount("none", "m", "tmpfs", 0, NULL))
		return defect__unclear("mount");
	if (ATTACH("sb_mount", deny) < 0)
		return defect__unclear("load and attach");
	if (!mount(NULL, "m", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
		return defect__says(UNCLEAR, "the program does not deny");
	if (syscall(SYS_mount_setattr, AT_FDCWD, "m", 0, read_only, sizeof(read_only)) &&
	    errno == ENOSYS)
		return defect__says(ABSENT, "there is no mount_setattr");
	if (statvfs("m", &st))
		return defect__unclear("statvfs");
	return st.f_flag & ST_RDONLY ? defect__says(PRESENT, "mount_setattr changes the flags")
				     : defect__says(ABSENT, "mount_setattr is denied");
}
