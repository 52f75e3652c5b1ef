/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM or emulation. A /dev/kvm that opens proves nothing: under some hypervisors it makes a VM
 * that never runs. So a guest of a few hundred bytes is started, which has to reach long mode
 * and say so before a deadline.
 */
#ifndef KRSI_ACCEL_H
#define KRSI_ACCEL_H

#include "vm-images/arch.h"
#include "vm-images/err.h"

/** enum accel - who runs the guest's instructions. */
enum accel {
	ACCEL_AUTO, /* KVM if the probe shows that it runs, else TCG */
	ACCEL_KVM,
	ACCEL_TCG,
};

/** accel_name - "auto", "kvm" or "tcg". */
const char *accel_name(enum accel a);
/** accel_parse - the reverse. Return: 0, or -1 with @err (code 2). */
int accel_parse(enum accel *a, const char *text, struct krsi_err *err);

/**
 * struct accel_choice - what was chosen, and why: "kvm: probe guest answered in 0.12 s",
 * "tcg: /dev/kvm cannot be opened: Permission denied", "tcg: probe guest did not answer in 2 s".
 */
struct accel_choice {
	enum accel accel; /* ACCEL_KVM or ACCEL_TCG */
	char why[256];
};

/**
 * accel_choose - decide. ACCEL_TCG is taken as it is; ACCEL_KVM is probed and an error if it does
 * not run. The result of a probe is cached until the next boot of this machine, per QEMU program.
 * @qemu: the emulator, or NULL for the architecture's own.
 * Return: 0, or -1 with @err (code 5: KVM was asked for and does not run; or no QEMU).
 */
int accel_choose(struct accel_choice *out, enum accel want, const struct arch *arch,
		 const char *qemu, struct krsi_err *err);

/**
 * accel_probe - run the probe guest now, without looking at the cache.
 * @accel: ACCEL_KVM or ACCEL_TCG (the latter tests the probe itself).
 * @deadline: seconds.
 * @out: @accel if it ran, else ACCEL_TCG; and why.
 * Return: 1 it ran, 0 it did not, -1 with @err (no QEMU).
 */
int accel_probe(enum accel accel, const struct arch *arch, const char *qemu, double deadline,
		struct accel_choice *out, struct krsi_err *err);

#endif
