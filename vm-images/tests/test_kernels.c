// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "vm-images/kernels.h"
#include "vm-images/mem.h"
#include "vm-images/tests/util.h"

static struct krsi_err err;

static int parse(struct kernels *ks, const char *text)
{
	err = (struct krsi_err){ 0 };
	return kernels_parse(ks, text, strlen(text), "/etc/k.conf", &err);
}

Test(kernels, builtin_names)
{
	static const char *const want[] = { "debian-5.10", "debian-6.1", "debian-6.12",
					    "debian-6.18", "debian-7.3" };
	struct kernels ks = { 0 };

	cr_assert_eq(kernels_load_builtin(&ks, &err), 0, "%s", err.text);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		cr_expect(kernels_find(&ks, want[i]), "%s", want[i]);
	cr_expect_null(kernels_find(&ks, "debian-1.0"));
	kernels_free(&ks);
}

Test(kernels, all_keys)
{
	struct kernels ks = { 0 };
	const struct kernel_def *d;

	cr_assert_eq(parse(&ks, "; comment\n\n[a]\nsuite = s1 s2\npackage=p-*\nversion : 6.[12].*\n"
				"  lsm = bpf,yama\ncmdline = a=b c\ncmdline = d\narch = x86_64\n"
				"description = what it is ; comment\n"),
		     0, "%s", err.text);
	d = kernels_find(&ks, "a");
	cr_assert(d);
	cr_expect_str_eq(d->suite, "s1 s2");
	cr_expect_str_eq(d->package, "p-*");
	cr_expect_str_eq(d->version, "6.[12].*");
	cr_expect_str_eq(d->lsm, "bpf,yama");
	cr_expect_str_eq(d->cmdline, "a=b c d");
	cr_expect_str_eq(d->description, "what it is");
	cr_expect_str_eq(d->origin, "/etc/k.conf:3");
	kernels_free(&ks);
}

Test(kernels, own_image)
{
	struct kernels ks = { 0 };
	const struct kernel_def *d;

	setenv("HOME", "/home/u", 1);
	cr_assert_eq(parse(&ks, "[a]\nimage=bz\nmodules=~/m\n[b]\nimage=/x/y\n"), 0, "%s",
		     err.text);
	d = kernels_find(&ks, "a");
	cr_expect_str_eq(d->image, "/etc/bz");
	cr_expect_str_eq(d->modules, "/home/u/m");
	cr_expect_str_eq(d->arch, "x86_64");
	cr_expect_str_eq(kernels_find(&ks, "b")->image, "/x/y");
	kernels_free(&ks);
}

Test(kernels, image_in_the_cache)
{
	struct kernels ks = { 0 };

	setenv("KRSI_CACHE", "/tmp", 1);
	cr_assert_eq(parse(&ks, "[a]\nimage=$cache/r/bz\n"), 0, "%s", err.text);
	cr_expect_str_eq(kernels_find(&ks, "a")->image, "/tmp/r/bz");
	kernels_free(&ks);
}

Test(kernels, later_file_replaces)
{
	struct kernels ks = { 0 };

	cr_assert_eq(parse(&ks, "[a]\nimage=/1\n[b]\nimage=/2\n"), 0);
	cr_assert_eq(parse(&ks, "[a]\nimage=/3\n"), 0);
	cr_expect_eq(ks.n, 2);
	cr_expect_str_eq(kernels_find(&ks, "a")->image, "/3");
	kernels_free(&ks);
}

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

static const struct {
	const char *text;
	const char *says;
} bad[] = {
	{ "[a\nimage=/x\n", "/etc/k.conf:1: a section without its \"]\"" },
	{ "[a]\nimage=/x\nnonsense\n", "/etc/k.conf:3: neither" },
	{ "image=/x\n", "/etc/k.conf:1: \"image\" comes before the first [name]" },
	{ "[a]\nimage=/x\n[a]\nimage=/y\n", "/etc/k.conf:3: [a] is there twice" },
	{ "[a]\nimage=/x\nimage=/y\n", "/etc/k.conf:3: \"image\" is there twice" },
	{ "[a]\n\nsiute=x\n", "/etc/k.conf:3: unknown key \"siute\"; did you mean \"suite\"?" },
	{ "[a]\nslower=many\n", "/etc/k.conf:2: \"slower\" is no number from 1 to 999999" },
	{ "[a]\nzzzzzz=x\n", "/etc/k.conf:2: unknown key \"zzzzzz\"" },
	{ "[a]\nimage=\n", "/etc/k.conf:2: \"image\" has no value" },
	{ "[../x]\nimage=/x\n", "/etc/k.conf:1: bad name [../x]" },
	{ "[.x]\nimage=/x\n", "/etc/k.conf:1: bad name [.x]" },
	{ "[]\nimage=/x\n", "/etc/k.conf:1: bad name []" },
	{ "[a]\n[b]\nimage=/x\n", "/etc/k.conf:1: a section without keys" },
	{ "[a]\nimage=/x\n[b]\n", "/etc/k.conf:3: a section without keys" },
	{ "[a]\nsuite=s\npackage=p\n", "/etc/k.conf:1: [a] lacks \"version\"" },
	{ "[a]\npackage=p\nversion=1\n", "/etc/k.conf:1: [a] lacks \"suite\"" },
	{ "[a]\nimage=/x\nsuite=s\n", "both an image and a package" },
	{ "[a]\nmodules=/x\n", "\"modules\" without \"image\"" },
	{ "[a]\nimage=/x\narch=vax\n", "arch \"vax\" is not supported; there is: x86_64" },
	{ "[a]\nsuite=a;rm -rf\n", "\"suite\" holds a character" },
	{ "[a]\nsuite=a$(b)\n", "/etc/k.conf:2: \"suite\" holds a character that does not belong" },
	{ "[a]\npackage=-o/../x\n", "\"package\" holds a character" },
	{ "[a]\nimage=/x\001\n", "/etc/k.conf:2: a control character" },
	{ "[a]\nimage=/" LONG LONG LONG "\n", "/etc/k.conf:2: the line is too long" },
};

Test(kernels, bad_input_names_file_line_reason)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct kernels ks = { 0 };

		cr_assert_eq(parse(&ks, bad[i].text), -1, "%s", bad[i].text);
		expect_err(err, 2, bad[i].says);
		cr_expect_eq(ks.n, 0, "half of a bad file was taken");
		kernels_free(&ks);
	}
}

Test(kernels, binary_file)
{
	struct kernels ks = { 0 };
	static const char nul[] = "[a]\nima\0ge=/x\n";

	cr_expect_eq(kernels_parse(&ks, nul, sizeof(nul) - 1, "k", &err), -1);
	expect_err(err, 2, "k:2: a control character; is this a text file?");
	cr_expect_eq(kernels_load(&ks, "/proc/self/exe", &err), -1);
	expect_err(err, 2, "");
}

Test(kernels, oversized_missing_and_empty_file)
{
	struct kernels ks = { 0 };
	char *text = xcalloc(2 << 20, 1);

	memset(text, '\n', 2 << 20);
	cr_expect_eq(kernels_load(&ks, test_write("big", text, 2 << 20), &err), -1);
	expect_err(err, 2, "larger than 1048576 bytes");
	cr_expect_eq(kernels_load(&ks, "/nonexistent/k", &err), -1);
	expect_err(err, 2, "/nonexistent/k: cannot be read: No such file");
	cr_expect_eq(kernels_load(&ks, test_write("empty", "", 0), &err), 0);
	cr_expect_eq(ks.n, 0);
	free(text);
}
