// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel's configuration lacks, and what to merge into it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ci/kconfig.h"
#include "vm-images/fs.h"

static bool lacks(const char *config, bool must, const char *name)
{
	struct strs names = { 0 };
	bool found;

	kconfig_missing(config, must, &names);
	found = strs_has(&names, name);
	strs_free(&names);
	return found;
}

Test(kconfig, an_option_is_there_only_if_it_is_set)
{
	static const struct {
		const char *config;
		bool bpf_lsm, tun; /* missing */
	} cases[] = {
		{ "", true, true },
		{ "CONFIG_BPF_LSM=y\nCONFIG_TUN=y\n", false, false },
		{ "CONFIG_BPF_LSM=y\nCONFIG_TUN=m", false, false },
		{ "CONFIG_BPF_LSM=m\nCONFIG_TUN=n\n", true, true },
		{ "# CONFIG_BPF_LSM is not set\n#CONFIG_TUN=y\n", true, true },
		{ "CONFIG_BPF_LSM_X=y\nXCONFIG_BPF_LSM=y\n CONFIG_TUN=y\n", true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(lacks(cases[i].config, true, "CONFIG_BPF_LSM"), cases[i].bpf_lsm,
			     "case %zu", i);
		cr_expect_eq(lacks(cases[i].config, false, "CONFIG_TUN"), cases[i].tun, "case %zu",
			     i);
	}
}

Test(kconfig, what_the_fragment_gives_is_not_missing_any_more)
{
	struct strs left = { 0 };
	size_t len;
	char *fragment = kconfig_fragment(NULL, &len), *rest;

	cr_expect_eq(strlen(fragment), len);
	kconfig_missing(fragment, true, &left);
	kconfig_missing(fragment, false, &left);
	cr_expect_eq(left.n, 0, "%s", left.n ? left.v[0] : "");
	rest = kconfig_fragment(fragment, &len);
	cr_expect_null(strstr(rest, "CONFIG_"));
	cr_expect(strstr(rest, "Nothing is missing"));
	free(rest);
	rest = kconfig_fragment("CONFIG_BPF_LSM=y\n", &len);
	cr_expect_null(strstr(rest, "CONFIG_BPF_LSM="));
	cr_expect(strstr(rest, "CONFIG_BPF_JIT=y"));
	free(rest);
	free(fragment);
}

/* The reference is built by hand from nothing; what it sets is known to be enough. */
Test(kconfig, the_reference_has_all_that_must_be)
{
	struct krsi_err err = { 0 };
	char *config = fs_read("reference/linux/configs/base.config", 1 << 20, NULL, &err);
	struct strs left = { 0 };

	cr_assert(config, "%s", err.text);
	kconfig_missing(config, true, &left);
	for (size_t i = 0; i < left.n; i++)
		cr_expect(false, "%s", left.v[i]);
	strs_free(&left);
	free(config);
}
