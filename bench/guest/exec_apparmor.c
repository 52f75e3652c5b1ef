// SPDX-License-Identifier: GPL-2.0-only
/* Executions by a process under a profile of AppArmor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/guest/exec.h"

#define POLICY "/sys/kernel/security/apparmor/.load"
#define SELF   "/proc/self/attr/current"

/* profile.apparmor, compiled; empty where there was no parser when this was built. */
extern const char apparmor_policy[], apparmor_policy_end[];

static const char *enabled(void)
{
	return access(POLICY, W_OK) ? "no AppArmor in this kernel" : NULL;
}

static int write_all(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, data, len);
	int err = n == (ssize_t)len ? 0 : -errno;

	if (fd >= 0)
		close(fd);
	return err;
}

static const char *confine(void)
{
	static const char change[] = "changeprofile krsi-bench";
	static char why[128];
	size_t len = (size_t)(apparmor_policy_end - apparmor_policy);
	const char *missing = enabled();
	int err;

	if (missing)
		return missing;
	if (!len)
		return "krsi was built without apparmor_parser";
	err = write_all(POLICY, apparmor_policy, len);
	snprintf(why, sizeof(why), "the profile cannot be loaded: %s", strerror(-err));
	if (err)
		return why;
	err = write_all(SELF, change, sizeof(change) - 1);
	snprintf(why, sizeof(why), "the profile cannot be entered: %s", strerror(-err));
	return err ? why : NULL;
}

EXEC_WAY(apparmor_enabled) = {
	.name = "exec/apparmor-enabled",
	.boot = "apparmor",
	.start = enabled,
};
EXEC_WAY(apparmor) = {
	.name = "exec/apparmor",
	.boot = "apparmor",
	.start = confine,
	.prove = exec__denied,
	.proof = "a file that the profile does not allow is not executed (EACCES)",
	.lasting = true,
};
