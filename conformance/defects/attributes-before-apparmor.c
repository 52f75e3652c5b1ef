// SPDX-License-Identifier: GPL-2.0-only
/*
 * With bpf before AppArmor in lsm=, /proc/self/attr/current cannot be read: the first LSM that has
 * the hook is asked, that is bpf, and its default is EINVAL. No program is attached.
 */
#include <fcntl.h>
#include <unistd.h>

#include "defect.h"

int main(void)
{
	char label[256];
	int legacy = open("/proc/self/attr/current", O_RDONLY);
	int own = open("/proc/self/attr/apparmor/current", O_RDONLY);

	if (own < 0 || read(own, label, sizeof(label)) < 0)
		return defect__unclear("/proc/self/attr/apparmor/current");
	if (legacy < 0)
		return defect__unclear("/proc/self/attr/current");
	if (read(legacy, label, sizeof(label)) >= 0)
		return defect__says(ABSENT, "attr/current can be read");
	return errno == EINVAL ? defect__says(PRESENT, "attr/current gives EINVAL")
			       : defect__unclear("/proc/self/attr/current");
}
