/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way from a kernel to a boot: initramfs, command line, accelerator, QEMU, watcher. This is
 * the header that a user of this room starts with.
 *
 * In the initramfs: /init, /krsi/krsi-test (the payload), /krsi/args (an argument a line),
 * /krsi/skip, /krsi/modules/NN-name.ko in load order, files of the caller; for a shell also
 * /bin/busybox and /krsi/shell. Init prints `krsi-init: up` first, loads the modules, runs the
 * payload with its output on the console and the events port in KRSI_EVENTS, prints
 * `krsi-init: exit N`, drains both ports and ends the machine.
 */
#ifndef KRSI_GUEST_H
#define KRSI_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include "vm-images/accel.h"
#include "vm-images/err.h"
#include "vm-images/kernel.h"
#include "vm-images/modules.h"
#include "vm-images/progress.h"
#include "vm-images/watch.h"

#define GUEST_LSM	      "lockdown,capability,yama,bpf,ipe"
#define GUEST_MEMORY_MB	      1024
#define GUEST_CPUS	      2
#define GUEST_USB_MODULE      "usb_storage"
#define GUEST_BOOT_SECONDS    60
#define GUEST_SILENCE_SECONDS 60
#define GUEST_TOTAL_SECONDS   600

/**
 * struct guest_file - a file for the initramfs.
 * @guest: path in the guest, relative ("krsi/policy").
 * @host: file to take it from; if NULL, @data and @len are the content.
 * @mode: permissions, such as 0644.
 */
struct guest_file {
	const char *guest;
	const char *host;
	const void *data;
	size_t len;
	unsigned int mode;
};

/**
 * struct guest_opts - one boot. Zeroed fields take the defaults. All pointers are borrowed.
 * @kernel: must be set.
 * @payload: static program that becomes /krsi/krsi-test; must be set for guest_run().
 * @init: static init; NULL: `init` beside the running program, or $KRSI_INIT.
 * @args, @nargs: the payload's arguments; none may hold a newline.
 * @modules, @nmodules: modules to load, by name; their closure is taken. With GUEST_USB_MODULE
 * among them, and known to the kernel, the guest has a USB disk (see qemu.h).
 * @skip, @nskip: lines of /krsi/skip (ids of tests that are not to run).
 * @files, @nfiles: more files.
 * @lsm: lsm= on the command line; NULL: the kernel's own wish, else GUEST_LSM; "" leaves the
 *       parameter out (the kernel's built-in default).
 * @cmdline: added at the end of the kernel command line.
 * @memory_mb, @cpus: the guest's size.
 * @accel: who runs it.
 * @qemu: emulator program.
 * @qemu_args: more arguments for it, after ours (the last of an option counts); may be NULL.
 * @boot_seconds, @silence_seconds, @total_seconds: deadlines, as in watch.h.
 * @console_log: file for the console; NULL: none. A second boot (see @retry) appends.
 * @warm: name of a slot in the cache (warm.h): the guest goes on from an equal one's state if that
 *        is there, and else leaves its own; NULL: it boots.
 * @no_retry: a boot that dies before init is not tried a second time.
 * @on_event, @on_console, @on_tick, @ctx: as in watch.h. Before a retry @on_event has seen no line.
 * @progress: may be NULL.
 */
struct guest_opts {
	const struct kernel *kernel;
	const char *payload;
	const char *init;
	const char *const *args;
	size_t nargs;
	const char *const *modules;
	size_t nmodules;
	const char *const *skip;
	size_t nskip;
	const struct guest_file *files;
	size_t nfiles;
	const char *lsm;
	const char *cmdline;
	unsigned int memory_mb;
	unsigned int cpus;
	enum accel accel;
	const char *qemu;
	const struct strs *qemu_args;
	double boot_seconds;
	double silence_seconds;
	double total_seconds;
	const char *console_log;
	const char *warm;
	bool no_retry;
	int (*on_event)(void *ctx, const char *line, size_t len, unsigned int flaws);
	int (*on_console)(void *ctx, const char *line);
	int (*on_tick)(void *ctx, double seconds);
	void *ctx;
	const struct progress *progress;
};

/**
 * struct guest_outcome - a boot's result; guest_outcome_free() frees it.
 * @watch: how the last boot went.
 * @warm: it went on from another's state.
 * @boots: 1, or 2 if the first died before init and was tried again.
 * @first_failure: why the first of two boots failed (one line), else NULL.
 * @accel: what ran the guest, and why it was chosen.
 * @cmdline: the kernel command line.
 * @missing_modules: names that this kernel has neither as module nor built in.
 * @initramfs_bytes: its size.
 * @prepare_seconds: host time before the first QEMU started.
 */
struct guest_outcome {
	struct watch_outcome watch;
	bool warm;
	int boots;
	char *first_failure;
	struct accel_choice accel;
	char *cmdline;
	struct strs missing_modules;
	size_t initramfs_bytes;
	double prepare_seconds;
};

/**
 * guest_run - boot, run the payload, watch until the end.
 * Return: 0 with @out filled, however the guest fared; -1 with @err if the host could not do its
 * part (bad input code 2, no QEMU or no disk code 5).
 */
int guest_run(const struct guest_opts *o, struct guest_outcome *out, struct krsi_err *err);

/**
 * guest_exit_code - what contract 6 says of an outcome: 0 after a clean end (whatever the payload
 * returned), 4 if init was never reached or the cause forbids the suite, 5 if QEMU itself failed, 3
 * for all other ends.
 */
int guest_exit_code(const struct guest_outcome *out);

/**
 * guest_shell - boot into a shell on this process's terminal, with the payload, modules and files
 * of @o at hand; returns when the guest is gone. The events port goes nowhere.
 * Return: 0 with @out filled after the shell ended, -1 with @err.
 */
int guest_shell(const struct guest_opts *o, struct guest_outcome *out, struct krsi_err *err);

/**
 * guest_ready - whether there is what boots a guest: QEMU, and KVM where that was asked for.
 * Return: 0, or -1 with @err (code 5).
 */
int guest_ready(const struct guest_opts *o, struct krsi_err *err);

/** guest_lsm - lsm= of the guest's command line; "" is the kernel's own. */
const char *guest_lsm(const struct guest_opts *o);

/**
 * guest_cmdline - the kernel command line that guest_run() would use (free() it): for reports and
 * for "the exact command".
 * @accel: who runs the guest: one that is emulated is told the rate of its clock (tsc.h), unless
 *         @qemu_args has -icount.
 */
char *guest_cmdline(const struct guest_opts *o, enum accel accel);

/** guest_outcome_free - free the content and zero it. */
void guest_outcome_free(struct guest_outcome *out);

#endif
