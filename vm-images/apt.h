/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An apt of our own: its configuration, lists and caches live in one directory, the host's apt
 * is neither read (but for proxies) nor changed, no root is needed, and signatures are verified
 * against Debian's keyring.
 */
#ifndef KRSI_APT_H
#define KRSI_APT_H

#include "vm-images/archive_addr.h"
#include "vm-images/err.h"
#include "vm-images/mem.h"
#include "vm-images/packages.h"
#include "vm-images/progress.h"

/**
 * struct apt - one private apt, for a set of suites.
 * @root: its directory.
 * @env: "APT_CONFIG=<its configuration file>" for its programs.
 * @suites: what it looks at, separated by spaces.
 */
struct apt {
	char *root;
	char *env;
	char *suites;
};

/**
 * apt_open - write the configuration.
 * @root: a directory of this apt alone; made if missing.
 * @suites: separated by spaces.
 * @deb_arch: Debian's name of the architecture.
 * Return: 0, or -1 with @err (code 5).
 */
int apt_open(struct apt *a, const char *root, const char *suites, const char *deb_arch,
	     const struct archive_addr *addr, struct krsi_err *err);

/** apt_update - get the lists of the suites. Return: 0, or -1 with @err (code 5). */
int apt_update(const struct apt *a, struct krsi_err *err);

/** apt_packages - what the lists hold whose names begin with @prefix. Return: 0, or -1. */
int apt_packages(const struct apt *a, const char *prefix, struct packages *out,
		 struct krsi_err *err);

/**
 * apt_download - get one package.
 * @dir: an empty directory for it.
 * Return: the path of the .deb (free() it), its SHA-256 being @p's; or NULL with @err (code 5).
 */
char *apt_download(const struct apt *a, const struct package *p, const char *dir,
		   const struct progress *progress, struct krsi_err *err);

/**
 * apt_reason - the first error in the output of an apt program, in one line (free() it): for
 * tests. "" if there is none.
 */
char *apt_reason(const char *output);

/** apt_close - free the content. */
void apt_close(struct apt *a);

#endif
