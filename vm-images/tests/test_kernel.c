// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/fetch.h"
#include "vm-images/fs.h"
#include "vm-images/kernel.h"
#include "vm-images/mem.h"
#include "vm-images/trees.h"
#include "vm-images/tests/util.h"

static struct krsi_err err;
static struct kernel k;

static void setup(void)
{
	setenv("KRSI_CACHE", test_path("cache"), 1);
	setenv("XDG_CONFIG_HOME", test_path("config"), 1);
}

static void put(const char *path, const void *data, size_t len)
{
	char *dir = xstrdup(path);

	*strrchr(dir, '/') = '\0';
	cr_assert_eq(fs_mkdirs(dir, &err), 0, "%s", err.text);
	cr_assert_eq(fs_write_atomic(path, data, len, &err), 0, "%s", err.text);
	free(dir);
}

static void put_image(const char *path, bool wide)
{
	unsigned char p[4096] = { 0 };

	p[0x1f1] = 4;
	memcpy(p + 0x202, "HdrS\x0f\x02", 6);
	p[0x20f] = 0x06;
	p[0x236] = wide;
	strcpy((char *)p + 0x800, "6.9.9-test (x) #1");
	put(path, p, sizeof(p));
}

static int resolve(const char *spec, const char *modules)
{
	struct kernel_opts o = { .modules = modules };

	err = (struct krsi_err){ 0 };
	return kernel_resolve(&k, spec, &o, &err);
}

TestSuite(kernel, .init = setup);

Test(kernel, an_image_alone)
{
	put_image(test_path("my kernel!"), true);
	cr_assert_eq(resolve(test_path("my kernel!"), NULL), 0, "%s", err.text);
	cr_expect_str_eq(k.name, "my_kernel_");
	cr_expect_str_eq(k.release, "6.9.9-test");
	cr_expect_eq(k.source, KERNEL_IMAGE);
	cr_expect_eq(strlen(k.sha256), 64);
	cr_expect_null(k.modules);
	cr_expect_null(k.config);
	cr_expect_null(kernel_config_get(&k, "CONFIG_BPF_LSM"));
	kernel_free(&k);
}

Test(kernel, an_unpacked_package)
{
	char *value;

	put_image(test_path("p/boot/vmlinuz-6.9.9-test"), true);
	put(test_path("p/boot/config-6.9.9-test"),
	    "CONFIG_BPF=y\nCONFIG_LSM=\"bpf\"\n# CONFIG_X is not set\n", 54);
	put(test_path("p/lib/modules/6.9.9-test/kernel/x.ko"), "x", 1);
	cr_assert_eq(resolve(test_path("p/boot/vmlinuz-6.9.9-test"), NULL), 0, "%s", err.text);
	cr_expect(k.modules && strstr(k.modules, "/lib/modules/6.9.9-test"));
	value = kernel_config_get(&k, "CONFIG_LSM");
	cr_expect_str_eq(value, "\"bpf\"");
	free(value);
	value = kernel_config_get(&k, "CONFIG_X");
	cr_expect_str_eq(value, "n");
	free(value);
	kernel_free(&k);
}

Test(kernel, a_built_tree)
{
	put_image(test_path("linux-9/arch/x86/boot/bzImage"), true);
	put(test_path("linux-9/.config"), "", 0);
	put(test_path("linux-9/Kbuild"), "", 0);
	put(test_path("linux-9/modules.order"), "fs/x.o\n", 7);
	put(test_path("linux-9/fs/x.ko"), "x", 1);
	cr_assert_eq(resolve(test_path("linux-9"), NULL), 0, "%s", err.text);
	cr_expect_str_eq(k.name, "linux-9");
	cr_expect_eq(k.source, KERNEL_TREE);
	cr_expect(k.modules);
	cr_expect(k.config);
	kernel_free(&k);
}

Test(kernel, given_modules)
{
	put_image(test_path("bz"), true);
	put(test_path("m/lib/modules/6.9.9-test/kernel/x.ko"), "x", 1);
	put(test_path("other/lib/modules/1.1/kernel/x.ko"), "x", 1);
	cr_assert_eq(resolve(test_path("bz"), test_path("m")), 0, "%s", err.text);
	cr_expect(k.modules);
	kernel_free(&k);
	cr_expect_eq(resolve(test_path("bz"), test_path("other")), -1);
	expect_err(err, 2, "no modules of 6.9.9-test; there is: 1.1");
	cr_expect_eq(resolve(test_path("bz"), "/nonexistent"), -1);
	expect_err(err, 2, "/nonexistent: not a directory");
}

Test(kernel, what_is_none)
{
	put_image(test_path("narrow"), false);
	cr_expect_eq(resolve(test_path("narrow"), NULL), -1);
	expect_err(err, 2, "a 32-bit kernel");
	cr_expect_eq(resolve("debian-6.11", NULL), -1);
	expect_err(err, 2, "unknown kernel \"debian-6.11\": did you mean \"debian-6.1\"?");
	cr_expect_eq(resolve("zzzzzzzzzzzzzzzz", NULL), -1);
	expect_err(err, 2, "`krsi kernels` names some");
	cr_expect_eq(resolve("/no/such/file", NULL), -1);
	expect_err(err, 2, "/no/such/file: no such file or directory");
	cr_expect_eq(resolve("/etc/passwd", NULL), -1);
	expect_err(err, 2, "/etc/passwd: not a kernel image");
	cr_expect_eq(resolve("/etc", NULL), -1);
	expect_err(err, 2, "/etc: not a built kernel tree: arch/x86/boot/bzImage is missing");
	cr_expect_eq(resolve("", NULL), -1);
	cr_expect_eq(err.code, 2);
	if (geteuid()) {
		cr_assert_eq(chmod(test_path("narrow"), 0), 0);
		cr_expect_eq(resolve(test_path("narrow"), NULL), -1);
		expect_err(err, 2, "Permission denied");
	}
}

Test(kernel, names_of_the_user)
{
	put_image(test_path("config/krsi/bz"), true);
	put(test_path("config/krsi/kernels.conf"), "[mine]\nimage = bz\nlsm = bpf\ncmdline = a=1\n",
	    41);
	cr_assert_eq(resolve("mine", NULL), 0, "%s", err.text);
	cr_expect_str_eq(k.name, "mine");
	cr_expect_str_eq(k.lsm, "bpf");
	cr_expect_str_eq(k.cmdline, "a=1");
	kernel_free(&k);
	put(test_path("config/krsi/kernels.conf"), "[mine]\nimagine = bz\n", 20);
	cr_expect_eq(resolve("mine", NULL), -1);
	expect_err(err, 2, "kernels.conf:2: unknown key \"imagine\"; did you mean \"image\"?");
}

/* No archive answers: one line, nothing left that a later run would take for a kernel. */
Test(kernel, dead_archive)
{
	setenv("KRSI_ARCHIVE", "http://127.0.0.1:1/debian", 1);
	setenv("KRSI_ARCHIVE_SECURITY", "http://127.0.0.1:1/debian-security", 1);
	cr_expect_eq(resolve("debian-6.1", NULL), -1);
	expect_err(err, 5, "cannot read the archive's list of bookworm-security: ");
	cr_expect_not(fs_exists(test_path("cache/trees")));
	cr_expect_not(fs_exists(test_path("cache/names/debian-6.1.json")));
}

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

Test(kernel, a_tree_of_the_cache_is_whole_or_not_taken)
{
	const char *cache = test_path("cache");
	struct fetched f;
	char *dir, *path;

	cr_assert_eq(fs_mkdirs(test_path("cache/trees/tmp.left/deb"), &err), 0);
	dir = tree_begin(cache, &err);
	cr_assert(dir, "%s", err.text);
	cr_expect_not(fs_exists(test_path("cache/trees/tmp.left")), "leftovers stay");
	cr_expect_eq(tree_publish(dir, cache, KEY, NULL, &err), -1);
	expect_err(err, 5, "no kernel image");
	path = xasprintf("%s/boot/vmlinuz-6.9.9-test", dir);
	put_image(path, true);
	free(path);
	path = xasprintf("%s/lib/modules/6.9.9-test/kernel/x.ko", dir);
	put(path, "x", 1);
	free(path);
	cr_expect_eq(tree_load(&f, cache, KEY, "p 1", &err), -1, "it is there before it is whole");
	cr_assert_eq(tree_publish(dir, cache, KEY, NULL, &err), 0, "%s", err.text);
	cr_assert_eq(tree_load(&f, cache, KEY, "p 1", &err), 0, "%s", err.text);
	cr_expect_str_eq(f.release, "6.9.9-test");
	cr_expect_str_eq(f.package, "p 1");
	path = xasprintf("%s/modules.dep.bin", f.modules);
	cr_expect(fs_exists(path), "no module index");
	free(path);
	cr_assert_eq(truncate(f.image, 4095), 0);
	fetched_free(&f);
	cr_expect_eq(tree_load(&f, cache, KEY, "p 1", &err), -1);
	expect_err(err, 5, "the image was damaged");
	free(dir);
}

/* A cache that was damaged, or written by somebody else, is not believed. */
Test(kernel, damaged_cache)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"null",
		"{\"schema\":1}",
		"\377\376",
		"{\"schema\":1,\"suite\":\"bookworm-security\",\"package\":\"linux-image-*-cloud-amd64\","
		"\"version\":\"6.1.*\",\"tree\":\"../../../etc\",\"found\":\"x\",\"sha256\":\"x\"}",
		"{\"schema\":1,\"suite\":7,\"package\":[],\"version\":{},\"tree\":1,\"found\":null}",
	};

	setenv("KRSI_ARCHIVE", "file:/nonexistent", 1);
	setenv("KRSI_ARCHIVE_SECURITY", "file:/nonexistent", 1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(test_path("cache/names/debian-6.1.json"), texts[i], strlen(texts[i]));
		cr_expect_eq(resolve("debian-6.1", NULL), -1, "%s", texts[i]);
		expect_err(err, 5, "cannot read the archive's list");
	}
}
