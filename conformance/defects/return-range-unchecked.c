// SPDX-License-Identifier: GPL-2.0-only
/* A program that returns 1 loads, and mkdir(2) then returns 1: neither success nor an errno. */
#include <sys/stat.h>

#include "defect.h"

int main(void)
{
	const struct bpf_insn one[] = { RETURN(1) };
	int ret;

	if (ATTACH("inode_mkdir", one) < 0)
		return errno == EINVAL ? defect__says(ABSENT, "the program is refused")
				       : defect__unclear("load and attach");
	ret = mkdir("directory", 0700);
	return ret == 1 ? defect__says(PRESENT, "mkdir returns %d", ret)
			: defect__says(UNCLEAR, "loaded, but mkdir returns %d", ret);
}
