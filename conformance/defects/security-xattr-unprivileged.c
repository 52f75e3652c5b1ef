// SPDX-License-Identifier: GPL-2.0-only
/*
 * With bpf active anyone may set and remove attributes of the security name space of their own
 * files, and is let through to the removal of file capabilities. No program is attached.
 */
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "defect.h"

#define NOBODY 65534

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	if (fd < 0 || fchown(fd, NOBODY, NOBODY) || setgid(NOBODY) || setuid(NOBODY))
		return defect__unclear("become nobody, with a file");
	if (!fsetxattr(fd, "security.krsi", "x", 1, 0))
		return defect__says(PRESENT, "nobody sets security.krsi");
	if (errno != EPERM && errno != EOPNOTSUPP)
		return defect__unclear("fsetxattr");
	if (fremovexattr(fd, "security.capability") && errno == ENODATA)
		return defect__says(PRESENT, "nobody may remove capabilities, had the file any");
	return defect__says(ABSENT, "nobody may do neither");
}
