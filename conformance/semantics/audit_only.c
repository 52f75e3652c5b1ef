// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are asked and not obeyed: the boot parameter krsi.enforce=0. */
#include "conformance/semantics/hook_file.h"

KRSI_TEST(audit_only, .id = "attach/hook-file/audit-only",
	  .summary = "without enforcement a denial ends the chain, is recorded, and denies nothing",
	  .requirements = { "REF-021", "REF-022" }, .hook = { SCENE_HOOK, "bprm_check_security" },
	  .boot = "audit-only",
	  .needs = { .capabilities = KRSI_CAP_HOOK_FILE | KRSI_CAP_STEER | KRSI_CAP_EVENTS,
		     .parameter = "krsi.enforce=0" })
{
	struct krsi_event event = {};
	struct target first, second, exec;

	scene__begin(t);
	first = hook_file__load(t, SCENE_HOOK, "first", false);
	second = hook_file__load(t, SCENE_HOOK, "second", false);
	exec = hook_file__load(t, "bprm_check_security", "exec", true);
	test__errno(t, 0, hook_file__attach(&first, 0), "attach");
	test__errno(t, 0, hook_file__attach(&second, 0), "attach");
	test__errno(t, 0, hook_file__attach(&exec, 0), "attach");
	scene__arm(t, first.prog, -EPERM);
	scene__arm(t, second.prog, -EUCLEAN);
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__true(t, exists("x"), "the directory is made");
	test__equal(t, 1, scene__calls(t, first.prog), "calls of the program that denies");
	test__equal(t, 0, scene__calls(t, second.prog), "calls of the next one");
	test__equal(t, 1, scene__events(t, &event, 1), "events");
	test__equal(t, -EPERM, event.verdict, "the verdict that is recorded");
	scene__arm(t, exec.prog, -EACCES);
	test__errno(t, 0, scene__exec(), "execve");
	test__equal(t, 1, scene__calls(t, exec.prog), "calls of the program on exec");
}
