// SPDX-License-Identifier: GPL-2.0-only
/* How long programs and links live. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/scene.h"

/* The loader: attaches a denying program for its parent's session, says so, and waits to be told
 * to exit. */
static _Noreturn void loader(struct krsi_run *t, int ready, int go)
{
	struct krsi_prog *prog = scene__load(t, SCENE_HOOK);
	const struct krsi_rule rule = {
		.size = sizeof(rule),
		.who = KRSI_SUBJECT,
		.session = getppid(),
		.verdict = -EPERM,
		.filter_arg = -1,
	};
	char c;

	scene__link(t, prog);
	if (t->adapter->steer(prog, &rule) || write(ready, "r", 1) != 1)
		_exit(1);
	_exit(read(go, &c, 1));
}

static void with_loader(struct krsi_run *t, bool killed)
{
	int ready[2], go[2], status;
	pid_t pid;
	char c;

	scene__begin(t);
	if (pipe(ready) || pipe(go))
		test__broken(t, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		close(go[1]);
		loader(t, ready[1], go[0]);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		_exit(0); /* the loader has reported why */
	test__errno(t, -EPERM, scene__mkdir("x"), "mkdir while the loader lives");
	if (killed)
		kill(pid, SIGKILL);
	close(go[1]);
	waitpid(pid, &status, 0);
	test__true(t, killed == !!WIFSIGNALED(status), "the loader ended as it was told");
	test__errno(t, 0, scene__mkdir("x"), "mkdir after the loader ended");
	test__true(t, exists("x"), "the directory is made");
}

KRSI_TEST(lifecycle_exit, .id = "lifecycle/loader-exits",
	  .summary = "when the only holder of a link exits, its program is detached",
	  .requirements = { "LIF-001" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_LINK })
{
	with_loader(t, false);
}

KRSI_TEST(lifecycle_killed, .id = "lifecycle/loader-killed",
	  .summary = "when the only holder of a link is killed, its program is detached",
	  .requirements = { "LIF-007" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_LINK })
{
	with_loader(t, true);
}

KRSI_TEST(lifecycle_unload, .id = "lifecycle/unload-keeps-link",
	  .summary = "a program whose loader dropped it goes on while its link is held",
	  .requirements = { "LIF-008" }, .hook = { SCENE_HOOK, "inode_rmdir" },
	  .needs = { .capabilities = KRSI_CAP_FIXED })
{
	struct krsi_prog *prog;
	struct krsi_link *link;

	scene__begin(t);
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	prog = scene__load_fixed(t, "inode_rmdir", -EUCLEAN);
	link = scene__link(t, prog);
	t->adapter->unload(prog);
	test__errno(t, -EUCLEAN, SYS(rmdir("x")), "rmdir");
	test__true(t, exists("x"), "the directory is still there");
	test__errno(t, 0, t->adapter->detach(link), "detach");
	test__errno(t, 0, SYS(rmdir("x")), "rmdir after detach");
}
