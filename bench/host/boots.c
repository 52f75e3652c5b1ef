// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/boots.h"

#include <string.h>

/* What is on in all of them, so that they differ in what is measured alone. */
#define COMMON "lockdown,capability,yama"
/* The reference is an LSM that lsm= does not order: it is on unless it is told not to be. */
#define NO_KRSI "krsi.enabled=0"
/* CPUs that start one after the other, each as slowly as all others together run: no clock of
 * theirs is to be compared, and no delay of theirs to be taken for a hang. */
#define MANY "tsc=reliable lpj=1000000 nowatchdog rcupdate.rcu_cpu_stall_suppress=1 "

/* What takes longest does not come last, where it would run alone; but two CPUs come before many:
 * if they do not come up, more are not tried. */
const struct boot_kind boot_kinds[] = {
	{ "cpus2", COMMON ",bpf", "audit=0 " NO_KRSI, 2, false },
	{ "bpf", COMMON ",bpf", "audit=0 " NO_KRSI, 1, false },
	{ "cpus128", COMMON ",bpf", MANY "audit=0 " NO_KRSI, 128, true },
	{ "cpus64", COMMON ",bpf", MANY "audit=0 " NO_KRSI, 64, true },
	{ "cpus32", COMMON ",bpf", MANY "audit=0 " NO_KRSI, 32, true },
	{ "plain", COMMON, "audit=0 " NO_KRSI, 1, false },
	{ "audit", COMMON, "audit=1 " NO_KRSI, 1, false },
	{ "landlock", "landlock," COMMON, "audit=0 " NO_KRSI, 1, false },
	{ "apparmor", COMMON ",apparmor", "audit=0 apparmor=1 " NO_KRSI, 1, false },
	{ "krsi", COMMON, "audit=0", 1, false },
	{ "cpus8", COMMON ",bpf", "audit=0 " NO_KRSI, 8, false },
};
const size_t n_boot_kinds = sizeof(boot_kinds) / sizeof(boot_kinds[0]);

const struct boot_kind *boot_kind_find(const char *name)
{
	for (size_t i = 0; i < n_boot_kinds; i++)
		if (!strcmp(boot_kinds[i].name, name))
			return &boot_kinds[i];
	return NULL;
}

char *boots_cpu(const struct arch *arch)
{
	return xasprintf("%s%s,fsrm=off", arch->cpu, arch->emulated ?: "");
}

void boots_qemu_args(struct strs *args, const struct arch *arch, unsigned int seed)
{
	static const char *const fixed[] = { "-icount", "shift=0,sleep=off", "-rtc",
					     "base=2020-01-01,clock=vm" };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		strs_add(args, fixed[i]);
	strs_add(args, "-cpu");
	strs_take(args, boots_cpu(arch));
	strs_add(args, "-seed");
	strs_take(args, xasprintf("%u", seed));
}

/*
 * Executions leave work behind, and when it is done is what differs between two boots. RCU's
 * threads go before all others: in turn with the executions, callbacks pile up for as long as the
 * scheduler pleases. Process numbers stay below 4096, where their tree has another level and an
 * execution costs 1 % more. And a CPU keeps the pages that it has freed for its next execution:
 * it gives none back for their number, nor because a second has passed. (See also quiet.c.)
 */
#define QUIET                                                                                      \
	"rcutree.use_softirq=0 rcutree.kthread_prio=1 sysctl.kernel.pid_max=4096 "                 \
	"sysctl.vm.percpu_pagelist_high_fraction=8 sysctl.vm.stat_interval=3600 "

char *boots_cmdline(const struct boot_kind *kind, bool wall)
{
	return xasprintf("quiet nokaslr norandmaps %s%s", wall ? "" : QUIET, kind->cmdline);
}
