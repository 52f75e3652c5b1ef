// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <string.h>
#include "vm-images/arch.h"

static const struct arch archs[] = {
	{
		.name = "x86_64",
		.deb = "amd64",
		.elf_machine = EM_X86_64,
		.qemu = "qemu-system-x86_64",
		.qemu_package = "qemu-system-x86",
		.machine = "pc",
		.cpu = "max",
		/*
		 * A fifth level of page tables is a read more for each miss of the TLB, and string
		 * instructions, to which ERMS leads kernels, are emulated step by step: without the
		 * two a run takes 8 % less.
		 */
		.emulated = ",la57=off,erms=off",
		.console = "ttyS0",
		.events = "ttyS1",
		/* under emulation the timer check of the IO-APIC panics some boots */
		.cmdline = "console=ttyS0 no_timer_check",
		.rate = "tsc_early_khz", /* from 5.8 on; others find it out */
		.image = "arch/x86/boot/bzImage",
	},
};

#define N_ARCHS (sizeof(archs) / sizeof(archs[0]))

const struct arch *arch_find(const char *name)
{
	for (size_t i = 0; i < N_ARCHS; i++)
		if (!strcmp(archs[i].name, name))
			return &archs[i];
	return NULL;
}

const char *arch_names(void)
{
	static char names[128];

	if (!names[0])
		for (size_t i = 0; i < N_ARCHS; i++) {
			strcat(names, i ? ", " : "");
			strcat(names, archs[i].name);
		}
	return names;
}
