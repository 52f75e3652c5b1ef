/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Named kernels (kernels.conf): an INI file with a section per name.
 *
 *   [debian-6.12]
 *   description = Debian 13's kernel
 *   arch        = x86_64                    ; default x86_64
 *   suite       = trixie-security           ; one or more, in the Debian archive
 *   package     = linux-image-*-cloud-amd64 ; shell pattern
 *   version     = 6.12.*                    ; shell pattern; the newest that matches is taken
 *   lsm         = lockdown,capability,bpf   ; lsm= on the kernel command line
 *   cmdline     = mitigations=off           ; added to the kernel command line
 *   slower      = 6                         ; so many times the time for a boot and a test
 *   memory      = 2048                      ; MB of the guest, if the user does not say
 *
 * or, in place of suite, package and version, a kernel of the user's own:
 *
 *   [mine]
 *   image   = /path/to/bzImage              ; or a built tree
 *   modules = /path/to/lib/modules/6.1.0    ; optional
 *
 * A path may begin with `~/` or `$cache/` (where krsi keeps kernels), or be relative to the file.
 */
#ifndef KRSI_KERNELS_H
#define KRSI_KERNELS_H

#include <stddef.h>
#include "vm-images/err.h"

/**
 * struct kernel_def - one section. Strings are owned by the struct kernels that holds it; one
 * that was not given is NULL unless said otherwise.
 */
struct kernel_def {
	char *name;	   /* the section's name: letters, digits, '.', '-', '_', '+' */
	char *origin;	   /* "file:line" of the section, for messages */
	char *description; /* one line for lists; "" if not given */
	char *arch;	   /* a name of arch.h; default "x86_64" */
	char *suite;	   /* archive suites, separated by one space */
	char *package;	   /* pattern of the package's name */
	char *version;	   /* pattern of its version */
	char *lsm;	   /* NULL: the default of guest.h */
	char *cmdline;	   /* NULL: nothing is added */
	char *slower;	   /* digits; NULL: 1 */
	char *memory;	   /* digits, MB; NULL: the default of guest.h */
	char *image;	   /* absolute path of an image or built tree */
	char *modules;	   /* absolute path of a modules directory */
};

/**
 * struct kernels - the known names, in the order of the files.
 * @v, @n: the definitions. A zeroed struct is an empty list.
 */
struct kernels {
	struct kernel_def *v;
	size_t n;
};

/** kernels_number - the value of a key that holds a number, 0 if @value (or NULL) is none. */
unsigned int kernels_number(const char *value);

/**
 * kernels_load_builtin - add the names that come with krsi.
 * Return: 0, or -1 with @err.
 */
int kernels_load_builtin(struct kernels *ks, struct krsi_err *err);

/**
 * kernels_load - add the names of a file. A name that is known already is replaced.
 * Return: 0, or -1 with @err (code 2): "<file>:<line>: <reason>". Nothing is added then.
 */
int kernels_load(struct kernels *ks, const char *path, struct krsi_err *err);

/**
 * kernels_load_default - the built-in names, then the user's file: @extra if not NULL (it must
 * exist), else $XDG_CONFIG_HOME/krsi/kernels.conf (or ~/.config/...) if that exists.
 * Return: 0, or -1 with @err.
 */
int kernels_load_default(struct kernels *ks, const char *extra, struct krsi_err *err);

/**
 * kernels_parse - the same from memory, for tests.
 * @origin: the file's name in messages; relative paths are taken from its directory.
 */
int kernels_parse(struct kernels *ks, const char *text, size_t len, const char *origin,
		  struct krsi_err *err);

/** kernels_find - the definition of a name, or NULL. */
const struct kernel_def *kernels_find(const struct kernels *ks, const char *name);
/** kernels_free - free the content and leave an empty list. */
void kernels_free(struct kernels *ks);

#endif
