/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding image, configuration and modules in a directory that a kernel was unpacked to. */
#ifndef KRSI_TREESCAN_H
#define KRSI_TREESCAN_H

#include "vm-images/err.h"

/**
 * struct treescan - what was found. Strings are owned; NULL where there is none.
 * @image: boot/vmlinuz-* or lib/modules/<x>/vmlinuz.
 * @release: of its boot header.
 * @modules: lib/modules/<release>, if it holds modules.
 * @config: boot/config-<release> or lib/modules/<release>/config.
 */
struct treescan {
	char *image;
	char *release;
	char *modules;
	char *config;
};

/** treescan - look into @dir. Return: 0, or -1 with @err (code 5: it holds no kernel image). */
int treescan(struct treescan *t, const char *dir, struct krsi_err *err);
/** treescan_free - free the content. */
void treescan_free(struct treescan *t);

#endif
