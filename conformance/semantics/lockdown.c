// SPDX-License-Identifier: GPL-2.0-only
/* A kernel that keeps its secrets even from root keeps them from programs, too. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conformance/semantics/program.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"

static const char *no_lockdown(void)
{
	return needs__lsm("lockdown") ? NULL : "lockdown is not active here";
}

/* From now on, until the next boot. */
static void lock_down(struct krsi_run *t, const char *level)
{
	int fd = open(LOCKDOWN, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, level, strlen(level)) != (ssize_t)strlen(level))
		test__broken(t, LOCKDOWN ", %s: %s", level, strerror(errno));
	close(fd);
}

/* A program that reads no kernel memory. */
static int try_blind(struct krsi_run *t)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec), .hook = SCENE_HOOK, .fixed = true, .fixed_ret = -EUCLEAN
	};
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (!err)
		t->adapter->unload(prog);
	return err;
}

/* The other test of this boot comes before by its id, and would find that its program does not
 * load: that is broken, not green. */
KRSI_TEST(lockdown, .id = "privilege/lockdown",
	  .summary = "lockdown for confidentiality, not for integrity, refuses programs that read "
		     "kernel memory by helper, and no others",
	  .requirements = { "PRV-011" }, .hook = { SCENE_HOOK }, .boot = "spoilt", .spoils = true,
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_FIXED,
		     .path = { LOCKDOWN },
		     .probe = no_lockdown })
{
	/* finds out whose call it answers by bpf_probe_read_kernel */
	static const char reader[] = "helper:send_signal";

	test__errno(t, 0, program__try(t, reader), "load");
	lock_down(t, "integrity");
	test__errno(t, 0, program__try(t, reader), "load, locked down for integrity");
	lock_down(t, "confidentiality");
	test__errno(t, -EINVAL, program__try(t, reader), "load, for confidentiality");
	test__errno(t, 0, try_blind(t), "load of a program that reads nothing");
}
