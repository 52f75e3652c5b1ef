/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of a kernel's configuration that the suite calls for, and which of them one lacks. */
#ifndef CI_KCONFIG_H
#define CI_KCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "ci/array.h"

/** An option. */
struct kconfig_option {
	const char *name; /**< CONFIG_... */
	const char *why;  /**< what it is for, half a line */
	bool must;	  /**< without it nothing can be judged; else some tests are skipped */
	bool module;	  /**< m is as good as y */
};

/** All of them, in the order in which a reader wants them. */
extern const struct kconfig_option kconfig_options[];
/** How many. */
extern const size_t n_kconfig_options;

/** Whether a .config has the option. */
bool kconfig_has(const char *config, const struct kconfig_option *o);

/** Adds the names of the options that a .config lacks, of those that must be there or of the
 * others. */
void kconfig_missing(const char *config, bool must, struct strs *out);

/** A fragment for scripts/kconfig/merge_config.sh: all options, or those that @config (may be NULL)
 * lacks. Free with free(). */
char *kconfig_fragment(const char *config, size_t *len);

#endif
