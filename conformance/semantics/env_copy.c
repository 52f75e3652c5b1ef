// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the strings of an execution are copied for programs that cannot sleep. In a cgroup whose
 * memory suffices for the strings once and not twice, the copy is what fails.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conformance/semantics/cgroups.h"
#include "conformance/semantics/env_scene.h"
#include "conformance/semantics/slab.h"

#define MB	(1 << 20)
#define STRING	(128 << 10)
#define STRINGS (4 * MB / STRING)
/* The strings, and what else an execution takes; a second 4 MB are not in it. */
#define LIMIT "6500K"

static const struct env_query query = { .title = "one of many", .name = "X", .buf_len = 0 };

struct copying {
	struct krsi_run *t;
	struct cgroup cgroup;
	char *envp[STRINGS + 1];
};

static const char *no_memory_controller(void)
{
	char line[256] = "";
	FILE *file = fopen("/sys/fs/cgroup/cgroup.controllers", "re");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	return strstr(line, "memory") ? NULL : "no memory controller in /sys/fs/cgroup";
}

static void put(struct krsi_run *t, const char *dir, const char *name, const char *value)
{
	char path[CGROUP_PATH + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!put_file(path, value))
		return;
	test__broken(t, "%s: %s", path, strerror(errno));
}

static struct copying begin(struct krsi_run *t)
{
	const struct rlimit stack = { 64 * MB, 64 * MB };
	struct copying c = { .t = t };

	cgroups__begin(t);
	put(t, "/sys/fs/cgroup", "cgroup.subtree_control", "+memory");
	c.cgroup = cgroups__make(t, NULL, "small");
	put(t, c.cgroup.path, "memory.max", LIMIT);
	/* strings may take a quarter of the stack, at most 6 MB */
	if (setrlimit(RLIMIT_STACK, &stack) || put_noop("noop"))
		test__broken(t, "setrlimit, or noop: %s", strerror(errno));
	for (int i = 0; i < STRINGS; i++) {
		c.envp[i] = malloc(STRING);
		if (!c.envp[i])
			test__broken(t, "no memory");
		memset(c.envp[i], 'v', STRING);
		memcpy(c.envp[i], "X=", 2);
		c.envp[i][STRING - 1] = '\0';
	}
	return c;
}

static int execute(void *data)
{
	const struct copying *c = data;
	char *argv[] = { "noop", NULL };

	return run_program("./noop", argv, c->envp);
}

static int in_small(struct copying *c)
{
	return cgroups__run(c->t, &c->cgroup, execute, c);
}

static struct env_asked ask(struct copying *c, const char *named)
{
	struct env_asked asked = env__attach(c->t, named);
	struct env_scene scene = { .t = c->t, .io = { asked.io }, .n = 1 };

	env__ask(&scene, &query);
	return asked;
}

static void end(struct copying *c, struct env_asked *a)
{
	test__errno(c->t, 0, c->t->adapter->detach(a->link), "detach");
	cgroups__remove(c->t, &c->cgroup);
	put(c->t, "/sys/fs/cgroup", "cgroup.subtree_control", "-memory");
}

#define NEEDS                                                                                      \
	.capabilities = KRSI_CAP_ENV | KRSI_CAP_PROCESS | KRSI_CAP_STEER | KRSI_CAP_SLEEPABLE |    \
			KRSI_CAP_HOOK_FILE,                                                        \
	.probe = no_memory_controller

KRSI_TEST(copy_when_asked, .id = "env/copy/only-when-asked",
	  .summary = "strings are copied while a plain program that reads them is attached, and a "
		     "copy that fails is ENOMEM",
	  .requirements = { "REF-027", "REF-028", "REF-030" }, .hook = { ENV_HOOK },
	  .needs = { NEEDS })
{
	struct copying c = begin(t);
	struct scene_prog quiet;
	struct env_asked sleepable, plain;

	test__errno(t, 0, in_small(&c), "exec with no program");
	quiet = scene__attach(t, ENV_HOOK);
	scene__arm(t, quiet.prog, 0);
	test__errno(t, 0, in_small(&c), "exec with a program that reads no string");
	test__equal(t, 1, scene__calls(t, quiet.prog), "calls of that program");
	sleepable = ask(&c, "env:sleepable");
	test__errno(t, 0, in_small(&c), "exec with a sleepable program that reads them");
	test__equal(t, STRINGS, sleepable.io->result[0] >> 32, "strings that it counts");
	plain = ask(&c, "env:plain");
	scene__arm(t, quiet.prog, 0);
	test__errno(t, -ENOMEM, in_small(&c), "exec with a plain program that reads them");
	test__equal(t, 0, scene__calls(t, quiet.prog), "calls of any program then");
	test__errno(t, 0, t->adapter->detach(plain.link), "detach of the plain program");
	test__errno(t, 0, in_small(&c), "exec without it");
	end(&c, &sleepable);
}

KRSI_TEST(
	copy_audit_only, .id = "env/copy/audit-only",
	.summary = "without enforcement a copy that fails is told to the program, and exec goes on",
	.requirements = { "REF-029", "ENV-017" }, .hook = { ENV_HOOK }, .boot = "audit-only",
	.needs = { NEEDS, .parameter = "krsi.enforce=0" })
{
	struct copying c = begin(t);
	struct env_asked plain = ask(&c, "env:plain");

	test__errno(t, 0, in_small(&c), "exec");
	test__equal(t, 1, plain.io->calls, "calls of the program");
	test__errno(t, -ENOMEM, (int)plain.io->result[0], "what it got");
	test__equal(t, 0, plain.io->result[0] >> 32, "the high half");
	end(&c, &plain);
}

KRSI_TEST(copy_freed, .id = "env/copy/freed",
	  .summary = "what executions copied for plain programs is freed",
	  .requirements = { "REF-041" }, .hook = { ENV_HOOK },
	  .needs = { .capabilities = KRSI_CAP_ENV | KRSI_CAP_PROCESS })
{
	static const struct env_query all = { .title = "all", .buf_len = 2048 };
	enum { EXECS = 400 };
	char text[1024] = "LONG=", *argv[] = { "report", NULL }, *envp[] = { text, NULL };
	struct env_scene s = env__begin(t, ENV_PLAIN);
	struct slab before;
	const char *more;

	memset(text + 5, 'v', sizeof(text) - 6);
	env__ask(&s, &all);
	/* what is kept at hand for the next ones is not counted */
	for (int i = 0; i < EXECS / 4; i++)
		test__errno(t, 0, env__exec(&s, argv, envp), "execve");
	slab__count(&before);
	if (!before.n)
		test__skip(t, "the kernel does not tell how much memory its caches hold");
	for (int i = 0; i < EXECS; i++)
		test__errno(t, 0, env__exec(&s, argv, envp), "execve");
	test__equal(t, EXECS + EXECS / 4, s.io[0]->calls, "calls of the program");
	test__equal(t, 1, s.io[0]->result[0] >> 32, "strings that it counted");
	more = slab__outgrown(&before, EXECS / 2);
	if (more)
		test__fail(t, "about as many as before", more,
			   "objects in a cache of the kernel after %d executions", EXECS);
}
