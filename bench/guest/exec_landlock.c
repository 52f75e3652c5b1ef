// SPDX-License-Identifier: GPL-2.0-only
/* Executions by a process that has confined itself with Landlock. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/guest/exec.h"

static const char *enabled(void)
{
	/* the version of the interface, where Landlock is on */
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 0
		       ? "no Landlock in this kernel"
		       : NULL;
}

static const char *confine(void)
{
	const struct landlock_ruleset_attr handled = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				     LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	};
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
	};
	static char why[128];
	const char *missing = enabled();
	int rules;

	if (missing)
		return missing;
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	beneath.parent_fd = open("/bench", O_PATH | O_CLOEXEC);
	if (rules < 0 ||
	    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, rules, 0)) {
		snprintf(why, sizeof(why), "the sandbox cannot be entered: %s", strerror(errno));
		return why;
	}
	close(beneath.parent_fd);
	close(rules);
	return NULL;
}

EXEC_WAY(landlock_enabled) = {
	.name = "exec/landlock-enabled",
	.boot = "landlock",
	.start = enabled,
};
EXEC_WAY(landlock) = {
	.name = "exec/landlock",
	.boot = "landlock",
	.start = confine,
	.prove = exec__denied,
	.proof = "a file outside of what the ruleset allows is not executed (EACCES)",
	.lasting = true,
};
