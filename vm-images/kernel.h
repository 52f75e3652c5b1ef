/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel that is on this machine and can be booted, and how a user's word becomes one. */
#ifndef KRSI_KERNEL_H
#define KRSI_KERNEL_H

#include <stdbool.h>
#include "vm-images/arch.h"
#include "vm-images/err.h"
#include "vm-images/kernels.h"
#include "vm-images/progress.h"
#include "vm-images/sha256.h"

/** enum kernel_source - where a kernel came from. */
enum kernel_source {
	KERNEL_NAMED, /* fetched from the archive by its name in kernels.conf */
	KERNEL_IMAGE, /* an image file of the user */
	KERNEL_TREE,  /* a built kernel tree of the user */
};

/** struct kernel - a resolved kernel. Strings are owned; kernel_free() frees them. */
struct kernel {
	enum kernel_source source;
	char *name;    /* name in kernels.conf, else the image's or tree's base name;
			* made of letters, digits, '.', '-', '_', '+' (fit for a path) */
	char *release; /* as uname -r will print, read from the image's header */
	const struct arch *arch;
	char *image;	     /* path of the bootable image */
	char *direct;	     /* path under which programs that we start find it unpacked
			      * (vmlinux.h), or NULL */
	int direct_fd;	     /* what keeps that path, if there is one */
	char *modules;	     /* directory with modules.dep.bin (lib/modules/<release>), or NULL */
	char *config;	     /* path of the kernel's .config, or NULL */
	char *lsm;	     /* lsm= wanted by kernels.conf, or NULL */
	char *cmdline;	     /* additions wanted by kernels.conf, or NULL */
	unsigned int slower; /* than others: factor for deadlines; 0 is 1 */
	unsigned int memory_mb;		 /* that it wants; 0: the default */
	char *package;			 /* "package version" of a fetched kernel, or NULL */
	char sha256[SHA256_HEX_LEN + 1]; /* of the image */
};

/**
 * struct kernel_opts - how to resolve. Zeroed: the defaults.
 * @kernels_file: the user's kernels.conf instead of the one in ~/.config.
 * @modules: modules directory (lib/modules/<release>, or a root that holds it) that overrides
 *           what was found.
 * @refresh: ask the archive again though the name is in the cache.
 * @progress: may be NULL.
 */
struct kernel_opts {
	const char *kernels_file;
	const char *modules;
	bool refresh;
	const struct progress *progress;
};

/**
 * kernel_resolve - from what the user wrote after --kernel to a kernel that can be booted.
 * @spec: a name of kernels.conf, the path of an image, or the path of a built kernel tree. A
 *        name goes first; a path that looks like a name is written as ./path.
 * The cache may be written (fetch, module index); a user's files never are.
 * Return: 0, or -1 with @err: code 2 for an unknown name (the nearest is suggested), a file that
 * is no kernel, a tree that is not built; code 5 for a failed fetch.
 */
int kernel_resolve(struct kernel *k, const char *spec, const struct kernel_opts *opts,
		   struct krsi_err *err);

/** kernel_free - free what @k owns and zero it. */
void kernel_free(struct kernel *k);

/**
 * kernel_config_get - a value from the kernel's .config.
 * @key: with its CONFIG_ prefix.
 * Return: "y", "m" or the text after '=' (free() it), "n" if it is not set, NULL if the kernel
 * has no config file to look at.
 */
char *kernel_config_get(const struct kernel *k, const char *key);

#endif
