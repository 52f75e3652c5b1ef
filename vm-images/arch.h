/* SPDX-License-Identifier: GPL-2.0-only */
/* What an architecture needs of QEMU and of the kernel: one table row each. */
#ifndef KRSI_ARCH_H
#define KRSI_ARCH_H

#include <stddef.h>

/** struct arch - one architecture. All strings are static. */
struct arch {
	const char *name;	  /* as `uname -m` has it */
	const char *deb;	  /* as Debian names it */
	unsigned int elf_machine; /* EM_* of its programs */
	const char *qemu;	  /* the emulator's program */
	const char *qemu_package; /* the Debian package that holds it */
	const char *machine;	  /* QEMU's -machine, without accelerator */
	const char *cpu;	  /* QEMU's -cpu */
	const char *emulated;	  /* what is added to it under emulation */
	const char *console;	  /* device of the first serial port in the guest */
	const char *events;	  /* device of the second */
	const char *cmdline;	  /* what every kernel of this architecture is booted with */
	const char *rate;	  /* of its clock, in kHz, for one that is emulated; may be NULL */
	const char *image;	  /* path of the image below a built kernel tree */
};

/** arch_find - the row of @name, or NULL. */
const struct arch *arch_find(const char *name);
/** arch_names - all names, separated by ", " (static). */
const char *arch_names(void);

#endif
