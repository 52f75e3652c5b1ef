// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel takes and refuses at load: licence, target, sleepable, return range, privilege.
 */
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conformance/semantics/scene.h"

#define NEEDS_FIXED .hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_FIXED }

/* Loads a program that returns `ret`, and drops it; 0 or the errno of the load. */
static int try_load(struct krsi_run *t, const char *hook, int ret, bool sleepable,
		    const char *license)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = hook,
		.sleepable = sleepable,
		.fixed = true,
		.fixed_ret = ret,
		.license = license,
	};
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (!err)
		t->adapter->unload(prog);
	return err;
}

KRSI_TEST(load_gpl, .id = "load/licence",
	  .summary = "a program without a GPL-compatible licence is refused",
	  .requirements = { "LOAD-001" }, NEEDS_FIXED)
{
	test__errno(t, 0, try_load(t, SCENE_HOOK, 0, false, "GPL"), "load, GPL");
	test__errno(t, -EINVAL, try_load(t, SCENE_HOOK, 0, false, "Proprietary"),
		    "load, proprietary");
}

KRSI_TEST(load_not_hook, .id = "load/not-a-hook",
	  .summary = "a kernel function that is no hook is refused as the target",
	  .requirements = { "LOAD-002" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	test__errno(t, -EINVAL, try_load(t, "@vfs_read", 0, false, NULL), "load for vfs_read");
	test__errno(t, -EINVAL, try_load(t, "@security_inode_mkdir", 0, false, NULL),
		    "load for security_inode_mkdir");
}

KRSI_TEST(load_refused, .id = "load/disabled-hooks",
	  .summary = "a hook on the kernel's disabled list refuses plain and sleepable programs",
	  .requirements = { "LOAD-003" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	int refused = 0;

	for (size_t i = 0; i < t->nr_hooks; i++) {
		if (t->hooks[i].attachable)
			continue;
		refused++;
		test__errno(t, -EINVAL, try_load(t, t->hooks[i].name, 0, false, NULL),
			    t->hooks[i].name);
		test__errno(t, -EINVAL, try_load(t, t->hooks[i].name, 0, true, NULL),
			    t->hooks[i].name);
	}
	test__true(t, refused > 0, "some hooks are disabled: overriding them is unsafe");
}

/* Results or what is filled in are lengths, flags and pointers, which no range allows for. */
static const char *const not_errnos[] = {
	"audit_rule_match",  "getprocattr",	   "getselfattr",	  "inode_copy_up_xattr",
	"inode_getsecurity", "inode_listsecurity", "inode_need_killpriv", "ismaclabel",
	"key_getsecurity",   "setprocattr",	   "vm_enough_memory",
};

static const struct krsi_hook *find_hook(const struct krsi_run *t, const char *name)
{
	for (size_t i = 0; i < t->nr_hooks; i++)
		if (!strcmp(t->hooks[i].name, name))
			return &t->hooks[i];
	return NULL;
}

KRSI_TEST(load_disabled_all, .id = "load/disabled-all",
	  .summary = "a kernel that disables one hook whose result is more than 0 or an errno "
		     "disables all of them",
	  .requirements = { "LOAD-010" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	const size_t n = sizeof(not_errnos) / sizeof(not_errnos[0]);
	size_t refused = 0;

	for (size_t i = 0; i < n; i++) {
		const struct krsi_hook *hook = find_hook(t, not_errnos[i]);

		refused += hook && !hook->attachable;
	}
	if (!refused)
		test__skip(t, "no such hook is disabled here");
	for (size_t i = 0; i < n; i++)
		if (find_hook(t, not_errnos[i]))
			test__errno(t, -EINVAL, try_load(t, not_errnos[i], 0, false, NULL),
				    not_errnos[i]);
}

/* A program that returns `ret` loads for the hook if `taken`, and else is refused. */
static void expect_range(struct krsi_run *t, const char *hook, int ret, bool taken)
{
	char what[64];

	snprintf(what, sizeof(what), "load of a program that returns %d", ret);
	test__errno(t, taken ? 0 : -EINVAL, try_load(t, hook, ret, false, NULL), what);
}

KRSI_TEST(range_int, .id = "return/range-int",
	  .summary = "a program on an int hook may return 0 down to -4095",
	  .requirements = { "RET-004" }, NEEDS_FIXED)
{
	expect_range(t, SCENE_HOOK, 0, true);
	expect_range(t, SCENE_HOOK, -1, true);
	expect_range(t, SCENE_HOOK, -4095, true);
}

KRSI_TEST(range_positive, .id = "return/range-int-positive",
	  .summary = "a program on an int hook may not return a positive value",
	  .requirements = { "RET-002" }, NEEDS_FIXED)
{
	expect_range(t, SCENE_HOOK, 1, false);
	expect_range(t, SCENE_HOOK, INT_MAX, false);
}

KRSI_TEST(range_below, .id = "return/range-int-below",
	  .summary = "a program on an int hook may not return less than -4095",
	  .requirements = { "RET-003" }, NEEDS_FIXED)
{
	expect_range(t, SCENE_HOOK, -4096, false);
	expect_range(t, SCENE_HOOK, INT_MIN, false);
}

KRSI_TEST(range_bool, .id = "return/range-bool",
	  .summary = "a program on a bool hook may return 0 or 1 and nothing else",
	  .requirements = { "RET-005", "RET-006" }, .hook = { "xfrm_state_pol_flow_match" },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	expect_range(t, "xfrm_state_pol_flow_match", 0, true);
	expect_range(t, "xfrm_state_pol_flow_match", 1, true);
	expect_range(t, "xfrm_state_pol_flow_match", 2, false);
	expect_range(t, "xfrm_state_pol_flow_match", -1, false);
}

KRSI_TEST(range_void, .id = "return/range-void",
	  .summary = "a program on a void hook may return anything", .requirements = { "RET-007" },
	  .hook = { SCENE_VOID_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	expect_range(t, SCENE_VOID_HOOK, 0, true);
	expect_range(t, SCENE_VOID_HOOK, -EPERM, true);
	expect_range(t, SCENE_VOID_HOOK, 1, true);
}

KRSI_TEST(
	return_default, .id = "return/default-passes",
	.summary = "where the hook's default is not 0, a program that returns 0 yields the default",
	.requirements = { "RET-001" }, .hook = { "task_prctl" },
	.needs = { .capabilities = KRSI_CAP_STEER })
{
	struct scene_prog p;
	char name[16] = "";

	scene__begin(t);
	p = scene__attach(t, "task_prctl");
	scene__arm(t, p.prog, 0);
	/* 0 taken as the hook's answer would mean: handled by an LSM, do nothing */
	test__errno(t, 0, SYS(prctl(PR_SET_NAME, "renamed")), "prctl(PR_SET_NAME)");
	test__equal(t, 1, scene__calls(t, p.prog), "calls");
	scene__arm(t, p.prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, SYS(prctl(PR_SET_NAME, "again")), "prctl(PR_SET_NAME), denied");
	scene__disarm(t, p.prog);
	test__errno(t, 0, SYS(prctl(PR_GET_NAME, name)), "prctl(PR_GET_NAME)");
	test__true(t, !strcmp(name, "renamed"), "the name is that of the call that was allowed");
}

KRSI_TEST(sleepable_runs, .id = "sleep/accepted",
	  .summary = "a sleepable program loads for every hook of the sleepable set, and enforces",
	  .requirements = { "SLP-001" }, .hook = { SCENE_HOOK, "file_open" },
	  .needs = { .capabilities = KRSI_CAP_SLEEPABLE })
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = "file_open",
		.sleepable = true,
	};
	struct krsi_prog *prog = NULL;

	if (!test__hook(t, "file_open")->sleepable)
		test__skip(t, "file_open is not in the sleepable set here");
	scene__begin(t);
	test__errno(t, 0, put_file("f", "krsi"), "write a file");
	test__errno(t, 0, t->adapter->load(t->inst, &spec, &prog), "load, sleepable");
	scene__link(t, prog);
	scene__arm(t, prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, SYS(access("f", R_OK)) ?: put_file("f", "new"), "open");
	scene__disarm(t, prog);
	test__true(t, file_is("f", "krsi"), "the file is as it was");
}

KRSI_TEST(sleepable_refused, .id = "sleep/refused",
	  .summary = "a sleepable program is refused on hooks that are called where none may sleep",
	  .requirements = { "SLP-002" }, .hook = { "task_free", "socket_sock_rcv_skb" },
	  .needs = { .capabilities = KRSI_CAP_SLEEPABLE | KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	test__errno(t, -EINVAL, try_load(t, "task_free", 0, true, NULL), "load for task_free");
	test__errno(t, -EINVAL, try_load(t, "socket_sock_rcv_skb", 0, true, NULL),
		    "load for socket_sock_rcv_skb");
}

KRSI_TEST(privilege_load, .id = "privilege/unprivileged-load",
	  .summary = "a user without capabilities cannot load a program",
	  .requirements = { "PRV-001", "REF-032" }, NEEDS_FIXED)
{
	test__errno(t, 0, try_load(t, SCENE_HOOK, 0, false, NULL), "load as root");
	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		test__broken(t, "becoming nobody: %s", strerror(errno));
	test__errno(t, -EPERM, try_load(t, SCENE_HOOK, 0, false, NULL), "load as nobody");
}
