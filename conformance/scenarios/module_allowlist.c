// SPDX-License-Identifier: GPL-2.0-only
/* Kernel modules by their hash: only those on the list load, and the list changes at run time. */
#include <linux/types.h>
#include <string.h>

#include "conformance/scenarios/module.h"
#include "conformance/scenarios/policy.h"
#include "conformance/scenarios/sha256_file.h"
#include "conformance/semantics/kernel_btf.h"

static void expect_refused(struct policy *p, const char *path, const char *what)
{
	test__errno(p->t, -EPERM, module__load(path), what);
	test__true(p->t, !module__present(), "the kernel does not have the module");
}

static void expect_loaded(struct policy *p, const char *path, const char *what)
{
	test__errno(p->t, 0, module__load(path), what);
	test__true(p->t, module__listed(), "the kernel lists the module");
	test__errno(p->t, 0, module__remove(), "remove the module");
}

KERNEL_FUNCTION(bpf_loop)

/* Without bpf_loop the verifier follows no program that hashes a module of a usual size. */
static const char *unmet(void)
{
	return no_bpf_loop() ?: module__unmet();
}

KRSI_TEST(module_allowlist, .id = "scenario/module-allowlist",
	  .summary = "a module loads if, and only while, the hash of its file is on the list",
	  .requirements = { "SCN-006", "SCN-007" },
	  .hook = { "kernel_post_read_file", "kernel_load_data" },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = unmet })
{
	unsigned char good[SHA256_BYTES];
	struct policy p;

	scene__begin(t);
	/* what a test that failed has left */
	module__remove();
	test__errno(t, 0, module__put("good.ko", false, "one"), "write a module");
	test__errno(t, 0, module__put("other.ko", false, "two"), "write a module");
	test__errno(t, 0, sha256_file("good.ko", good), "hash of the module");
	p = policy__start(t, "module_allowlist:allowlist", "allowed");
	policy__start(t, "module_allowlist:files_only", NULL);
	expect_refused(&p, "good.ko", "load while the list is empty");
	test__true(t, !memcmp(p.io->out_data, good, sizeof(good)), "the hash is that of the file");
	policy__add(&p, good);
	expect_loaded(&p, "good.ko", "load of a module on the list");
	expect_refused(&p, "other.ko", "load of a module with other content");
	test__errno(t, -EPERM, module__load_memory("good.ko"), "load from memory");
	test__true(t, !module__present(), "the kernel does not have the module");
	policy__remove(&p, good);
	expect_refused(&p, "good.ko", "load of a module that was taken off the list");
	test__equal(t, 4, p.io->out[0], "modules that were judged");
}
