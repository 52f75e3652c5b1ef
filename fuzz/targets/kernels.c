// SPDX-License-Identifier: GPL-2.0-only
/* Files of named kernels: refused with a line number, or each name is found and complete. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/target.h"
#include "vm-images/kernels.h"

static void check_def(const struct kernels *ks, const struct kernel_def *d)
{
	if (!*d->name || strspn(d->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789.-_+") != strlen(d->name))
		fuzz_fail("the name '%s'", d->name);
	if (kernels_find(ks, d->name) != d)
		fuzz_fail("'%s' is there twice", d->name);
	if (!d->origin || !d->description || !d->arch)
		fuzz_fail("'%s' lacks what is always there", d->name);
	if (!d->image == !(d->suite && d->package))
		fuzz_fail("'%s' is both of the archive and of the user, or neither", d->name);
	if ((d->image && d->image[0] != '/') || (d->modules && d->modules[0] != '/'))
		fuzz_fail("'%s' has a relative path", d->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct krsi_err err = { 0 };
	struct kernels ks = { 0 };

	if (kernels_parse(&ks, (const char *)data, size, "/dir/kernels.conf", &err)) {
		if (err.code != KRSI_EXIT_USAGE || !err.text[0] || ks.n)
			fuzz_fail("refused with code %d, %zu names: '%s'", err.code, ks.n,
				  err.text);
		return 0;
	}
	for (size_t i = 0; i < ks.n; i++)
		check_def(&ks, &ks.v[i]);
	kernels_free(&ks);
	return 0;
}

void fuzz_seeds(fuzz_emit_fn *emit)
{
	static const char *const files[] = {
		"; comment\n\n[a]\nsuite = s1 s2\npackage=p-*\nversion : 6.[12].*\n  lsm = bpf\n"
		"cmdline = a=b c\ncmdline = d\narch = x86_64\ndescription = what ; comment\n",
		"[a]\nimage=bz\nmodules=~/m\n[b]\nimage=$cache/y\n",
		"[a]\nimage=/x\n[a]\nimage=/y\n",
		"[a]\nsuite = s\n",
	};
	char name[] = "file-0";

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++, name[5]++)
		emit(name, files[i], strlen(files[i]));
}
