/* SPDX-License-Identifier: GPL-2.0-only */
/* The kinds of boot that benchmarks run in, and the machine of each engine. */
#ifndef KRSI_BENCH_BOOTS_H
#define KRSI_BENCH_BOOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "vm-images/arch.h"
#include "vm-images/mem.h"

/**
 * struct boot_kind - one of them.
 * @name: as the guest's benchmarks call it.
 * @lsm: lsm= of its command line.
 * @cmdline: what else its command line has.
 * @cpus: of the machine.
 * @once: it takes minutes, and what it counts does not depend on the seed: only the first is used.
 */
struct boot_kind {
	const char *name;
	const char *lsm;
	const char *cmdline;
	unsigned int cpus;
	bool once;
};

extern const struct boot_kind boot_kinds[];
extern const size_t n_boot_kinds;

/** boot_kind_find - by name, or NULL. */
const struct boot_kind *boot_kind_find(const char *name);
/**
 * boots_cpu - the processor of the deterministic engine (free() it). REP instructions count each
 * round as one, so that with fast strings half of an exec would be the clearing of pages: they are
 * off.
 */
char *boots_cpu(const struct arch *arch);
/** boots_qemu_args - QEMU's arguments that make a machine deterministic. */
void boots_qemu_args(struct strs *args, const struct arch *arch, unsigned int seed);
/**
 * boots_cmdline - the kernel's command line: that of the kind, and what keeps a guest's counts of
 * instructions quiet; for the wall clock (@wall) the kernel is left as its users have it. free()
 * it.
 */
char *boots_cmdline(const struct boot_kind *kind, bool wall);

#endif
