// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that loads and hides. The program on the hook tells of each load before the module's
 * code can do anything about it; a load that succeeded and left no line in /proc/modules is a
 * module that hides.
 */
#include <string.h>

#include "conformance/scenarios/module.h"
#include "conformance/scenarios/policy.h"

/* What someone who reads the log finds out about the module of the last load. */
static bool is_hidden(const struct policy *log, const char *file)
{
	return !strcmp((char *)log->io->out_data, file) && !module__listed();
}

KRSI_TEST(hidden_module, .id = "scenario/hidden-module",
	  .summary = "a module that takes itself off the list of modules is found out",
	  .requirements = { "SCN-003" }, .hook = { "kernel_read_file", "kernel_load_data" },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = module__unmet })
{
	struct policy files, memory;

	scene__begin(t);
	/* what a test that failed has left */
	module__remove();
	test__errno(t, 0, module__put("honest.ko", false, ""), "write a module");
	test__errno(t, 0, module__put("rootkit.ko", true, ""), "write a module");
	files = policy__start(t, "hidden_module:log_file", NULL);
	memory = policy__start(t, "hidden_module:log_memory", NULL);
	test__errno(t, 0, module__load("honest.ko"), "load");
	test__equal(t, 1, files.io->out[0], "loads in the log");
	test__true(t, !is_hidden(&files, "honest.ko"),
		   "a module that is on the list is not hidden");
	test__errno(t, 0, module__remove(), "remove the module");
	test__errno(t, 0, module__load("rootkit.ko"), "load");
	test__equal(t, 2, files.io->out[0], "loads in the log");
	test__true(t, is_hidden(&files, "rootkit.ko"), "the module that hides is found out");
	test__true(t, module__present(), "the kernel has the module all the same");
	test__errno(t, 0, module__remove(), "remove the module");
	test__errno(t, 0, module__load_memory("rootkit.ko"), "load from memory");
	test__true(t, memory.io->out[0] == 1 && !module__listed(), "that one is found out too");
	test__errno(t, 0, module__remove(), "remove the module");
	test__equal(t, 2, files.io->out[0], "loads from a file in the log");
}
