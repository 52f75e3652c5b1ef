// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that returns 1 << 32 passes for one that returns 0, at load and as the result of the
 * hook; but the programs attached before it are not run, and what they deny is allowed.
 */
#include <sys/stat.h>

#include "defect.h"

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(-EUCLEAN) };
	const struct bpf_insn zero[] = { RETURN64(1ULL << 32) };

	if (ATTACH("inode_mkdir", deny) < 0)
		return defect__unclear("load and attach");
	if (!mkdir("before", 0700))
		return defect__says(UNCLEAR, "the program does not deny");
	if (ATTACH("inode_mkdir", zero) < 0)
		return errno == EINVAL ? defect__says(ABSENT, "the program is refused")
				       : defect__unclear("load and attach");
	return mkdir("after", 0700) ? defect__says(ABSENT, "the older program denies still")
				    : defect__says(PRESENT, "the older program denies no more");
}
