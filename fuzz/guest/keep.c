// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/guest/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/guest/proxy.h"
#include "vm-images/fs.h"
#include "vm-images/kernel.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"

/* What a kernel does later may come of an earlier input: so many are kept. */
#define LAST	  8
#define SPLAT_MAX (1 << 20)

static const char *dir, *target, *kernel_name, *flavour;
static char *kernel_dir;
static unsigned int findings;
/* The last one stands before last_at. */
static struct last {
	uint8_t *data;
	size_t size;
} last[LAST];
static unsigned int last_at;

/* The directory of the kernel, and which flavour it is, where it was built here. */
static void find_kernel(void)
{
	struct kernel k = { 0 };
	struct krsi_err err = { 0 };
	char *slash;

	if (kernel_resolve(&k, kernel_name, NULL, &err))
		proxy_die(err.text);
	kernel_dir = xstrdup(k.image);
	slash = strrchr(kernel_dir, '/');
	*(slash ? slash : kernel_dir) = '\0';
	slash = strrchr(kernel_dir, '/');
	flavour = slash ? slash + 1 : "";
	kernel_free(&k);
}

void keep_open(const char *to, const char *kernel, const char *name)
{
	dir = to;
	kernel_name = kernel;
	target = name;
	find_kernel();
	/* findings of earlier runs stay */
	for (char *path; (path = xasprintf("%s/finding-%u", dir, findings)); findings++) {
		bool there = fs_exists(path);

		free(path);
		if (!there)
			break;
	}
}

void keep_input(const void *data, size_t size)
{
	struct last *l = &last[last_at++ % LAST];

	l->data = xreallocarray(l->data, size + 1, 1);
	memcpy(l->data, data, size);
	l->size = size;
}

/* Of a kernel that was built here: with files and lines. NULL: not to be had. */
static char *decoded(const char *splat)
{
	char *vmlinux = xasprintf("%s/../build-%s/vmlinux", kernel_dir, flavour);
	char *decoder = xasprintf("%s/../linux/scripts/decode_stacktrace.sh", kernel_dir),
	     *out = NULL;
	const char *const argv[] = { "sh",  "-c", "bash \"$0\" \"$1\" <\"$2\"", decoder, vmlinux,
				     splat, NULL };
	const struct proc_opts o = { .argv = argv, .deadline = 120 };
	struct proc_result r = { 0 };
	struct krsi_err err = { 0 };

	if (fs_exists(vmlinux) && fs_exists(decoder) && !proc_run(&r, &o, &err) && !r.status)
		out = xstrdup(r.out);
	proc_result_free(&r);
	free(decoder);
	free(vmlinux);
	return out;
}

/* What the guest said when it went down. */
static char *last_words(void)
{
	char *splat = xasprintf("%s/splat", dir), *said;
	struct krsi_err err = { 0 };

	said = decoded(splat);
	if (!said)
		said = fs_read(splat, SPLAT_MAX, NULL, &err);
	free(splat);
	return said;
}

static void keep_last(const char *finding)
{
	struct krsi_err err = { 0 };

	for (unsigned int i = 0; i < LAST; i++) {
		const struct last *l = &last[(last_at + i) % LAST];
		char *path = xasprintf("%s.last-%u", finding, i);

		if (l->data)
			fs_write_atomic(path, l->data, l->size, &err);
		free(path);
	}
}

/* DIR/finding-N and .txt beside it; if the guest left last words, the inputs before it as well. */
void keep_finding(const char *what)
{
	const struct last *l = &last[(last_at + LAST - 1) % LAST];
	char *input = xasprintf("%s/finding-%u", dir, findings++);
	char *text = xasprintf("%s.txt", input), *self = fs_beside_self(target);
	char *said = last_words();
	struct krsi_err err = { 0 };
	FILE *f;

	fs_write_atomic(input, l->data, l->size, &err);
	if (said)
		keep_last(input);
	f = fopen(text, "w");
	if (f) {
		fprintf(f, "%s\nreplay: FUZZ_KERNEL=%s %s %s\n\n%s", what, kernel_name, self, input,
			said ? said : "");
		fclose(f);
	}
	free(said);
	free(self);
	free(text);
	free(input);
}
