/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test needs of the machine and the implementation, as data. Unmet needs become a skip. */
#ifndef KRSI_HARNESS_NEEDS_H
#define KRSI_HARNESS_NEEDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct krsi_lsm;

struct krsi_needs {
	uint32_t capabilities;	/* enum krsi_capability bits that the adapter must have */
	const char *module[4];	/* kernel modules, loaded before the run; built in is as good */
	const char *path[3];	/* files that must exist: a device, a sysctl, a file of sysfs */
	const char *filesystem; /* must stand in /proc/filesystems */
	const char *lsm;	/* must be active; tests of one get a guest with it, after the
				 * one under test */
	/* must stand on the kernel command line; its test names a boot that has it */
	const char *parameter;
	/* NULL if the need is met, else the reason; for what no file tells (a system call probe).
	 * It is asked once a run. */
	const char *(*probe)(void);
};

/* Writes why the needs are unmet into buf and returns it, or NULL if all are met.
 * `capabilities` are those of the adapter. */
const char *needs__unmet(const struct krsi_needs *needs, uint32_t capabilities, char *buf,
			 size_t size);

/* Does the kernel have this system call? It is asked with arguments that it refuses. */
bool needs__syscall(long number);

/* The place of an LSM in the order in which they are asked, from 1. 0: not active, or securityfs
 * does not tell. */
int needs__lsm(const char *name);

/* The LSM by which the implementation under test is asked; the runner says which that is. */
void needs__test(const struct krsi_lsm *lsm);
const struct krsi_lsm *needs__tested(void);

/* Is an LSM that labels objects asked before the one under test? Its label ends the chain. */
bool needs__labelled_first(void);

#endif
