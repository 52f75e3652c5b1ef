/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a name of kernels.conf to a kernel on this machine. In the cache:
 *
 *   names/<name>.json   what the name was resolved to; with it a second run asks nobody
 *   trees/<key>/        an unpacked kernel: boot/, lib/modules/<release>/ with its index; the key
 *                       is the SHA-256 over those of its packages
 *   apt/<suites>/       a private apt (apt.h)
 */
#ifndef KRSI_FETCH_H
#define KRSI_FETCH_H

#include <stdbool.h>
#include "vm-images/err.h"
#include "vm-images/kernels.h"
#include "vm-images/progress.h"
#include "vm-images/sha256.h"

/** struct fetched - an unpacked kernel. Strings are owned. */
struct fetched {
	char *image;			 /* path of the image */
	char *release;			 /* of its boot header */
	char *modules;			 /* lib/modules/<release> with its index, or NULL */
	char *config;			 /* path, or NULL */
	char *package;			 /* "name version" */
	char sha256[SHA256_HEX_LEN + 1]; /* of the image */
};

/**
 * fetch_kernel - make a named kernel available.
 * @refresh: ask the archive again, though the cache knows the name.
 * Several processes may do so at once: one works, the others wait for it.
 * Return: 0, or -1 with @err (code 5): no network, no disk, no package that matches (then with
 * what the archive has).
 */
int fetch_kernel(struct fetched *f, const struct kernel_def *def, bool refresh,
		 const struct progress *progress, struct krsi_err *err);

/**
 * fetch_cached - the same without asking anyone: only what the cache holds, checked.
 * Return: 0, or -1 if the name is not there (no error to show).
 */
int fetch_cached(struct fetched *f, const struct kernel_def *def);

/**
 * fetch_look - ask the archive what a name would give now, fetching nothing but its lists.
 * Return: "package version" (free() it), or NULL with @err (code 5): no network, or no package
 * that matches (then with what the archive has).
 */
char *fetch_look(const struct kernel_def *def, const struct progress *progress,
		 struct krsi_err *err);

/** fetched_free - free the content. */
void fetched_free(struct fetched *f);

#endif
