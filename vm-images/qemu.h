/* SPDX-License-Identifier: GPL-2.0-only */
/* One QEMU process: its command line as data, its life, its two serial ports. */
#ifndef KRSI_QEMU_H
#define KRSI_QEMU_H

#include <stdbool.h>
#include <sys/types.h>
#include "vm-images/accel.h"
#include "vm-images/arch.h"
#include "vm-images/err.h"
#include "vm-images/mem.h"

/**
 * struct qemu_opts - what to boot. Strings are borrowed for the call.
 * @program: the emulator, or NULL for the architecture's own, found in PATH.
 * @accel: ACCEL_KVM or ACCEL_TCG.
 * @image, @initramfs, @cmdline: the guest.
 * @memory_mb, @cpus: the guest's size.
 * @usb_disk: the guest has a USB controller with a disk of 1 MiB, empty at each start; its serial
 *            number is QEMU_USB_SERIAL.
 * @sockets: each CPU is in a socket of its own.
 * @terminal: the console is this process's terminal (for a shell); there is no console pipe then,
 *            and what the guest prints is copied to @console_log by QEMU.
 * @console_log: only with @terminal; may be NULL.
 * @extra: more arguments for QEMU, or NULL.
 * @state: file that the guest's state is written to, when qemu_save() is called; NULL: never.
 * @restore: the guest does not boot, but goes on from what is in @state.
 */
struct qemu_opts {
	const char *program;
	const struct arch *arch;
	enum accel accel;
	const char *image;
	const char *initramfs;
	const char *cmdline;
	unsigned int memory_mb;
	unsigned int cpus;
	bool usb_disk;
	bool sockets;
	bool terminal;
	const char *console_log;
	const struct strs *extra;
	const char *state;
	bool restore;
};

#define QEMU_USB_SERIAL "krsi-usb-disk"

/**
 * struct qemu - a running emulator.
 * @pid: its process; 0 once it has been waited for.
 * @console, @events: read ends of its serial ports, non-blocking; -1 if there is none.
 * @errors: read end of its standard error, non-blocking.
 * @control: socket to QEMU itself, if the guest has a state file; else -1.
 * @started: CLOCK_MONOTONIC seconds.
 */
struct qemu {
	pid_t pid;
	int console;
	int events;
	int errors;
	int control;
	double started;
};

/**
 * qemu_command - the command line for @o; @console, @events and @control are the descriptors that
 * QEMU will inherit (-1: not there).
 */
void qemu_command(struct strs *argv, const struct qemu_opts *o, const char *program, int console,
		  int events, int control);

/**
 * qemu_start - run it. The process is killed by the kernel when the calling thread ends,
 * however it ends, and has a process group of its own (unless @terminal), so that Ctrl-C reaches
 * only the caller.
 * Return: 0, or -1 with @err (code 5: "qemu-system-x86_64 not found: apt-get install ...").
 */
int qemu_start(struct qemu *q, const struct qemu_opts *o, struct krsi_err *err);

/**
 * qemu_restored - wait until a guest that was started with @restore runs.
 * Return: 0, or -1 if it will not: the state is damaged, or of another emulator.
 */
int qemu_restored(struct qemu *q);

/**
 * qemu_stop, qemu_save, qemu_continue - hold the guest still; write its state while it is; let it
 * go on. Nothing comes out of its ports in between.
 * Return: 0, or -1. After qemu_stop() the guest goes on by qemu_continue() alone.
 */
int qemu_stop(struct qemu *q);
int qemu_save(struct qemu *q);
int qemu_continue(struct qemu *q);

/** qemu_program - the path of the emulator (free() it), or NULL with @err. */
char *qemu_program(const struct arch *arch, const char *program, struct krsi_err *err);

/** qemu_kill - SIGKILL; harmless if it is gone. */
void qemu_kill(struct qemu *q);
/**
 * qemu_reap - close the descriptors and collect the exit status (killing it if it still runs).
 * Return: the wait status, 0 if it had been collected before.
 */
int qemu_reap(struct qemu *q);

#endif
