/* SPDX-License-Identifier: GPL-2.0-only */
/* Watching a boot: how it ended, what went wrong in the kernel, and why where it can be told. */
#ifndef KRSI_WATCH_H
#define KRSI_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include "vm-images/lines.h"
#include "vm-images/mem.h"
#include "vm-images/qemu.h"
#include "vm-images/splat.h"
#include "vm-images/warm.h"

/** enum watch_end - how a boot ended. Only WATCH_CLEAN is a good end. */
enum watch_end {
	WATCH_CLEAN,	/* the end marker of the guest's init was seen */
	WATCH_NO_INIT,	/* the guest ended, or its boot deadline passed, before init was reached */
	WATCH_PANIC,	/* the kernel panicked or oopsed after init was reached */
	WATCH_HANG,	/* neither console nor events for too long; killed */
	WATCH_DEADLINE, /* the deadline of the whole boot passed; killed */
	WATCH_VANISHED, /* QEMU ended without end marker and without a panic */
	WATCH_STOPPED,	/* a callback asked for the end; killed */
};

/** enum watch_cause - the cause of a bad end, or of a guest that cannot run the suite. */
enum watch_cause {
	CAUSE_NONE,
	CAUSE_NO_BTF,	  /* /sys/kernel/btf/vmlinux is missing */
	CAUSE_NO_BPF_LSM, /* the BPF LSM is not built in */
	CAUSE_LSM_ORDER,  /* built in, but `bpf` is not in lsm= */
	CAUSE_NO_ROOT,	  /* the kernel looked for a root device: no initramfs support */
	CAUSE_NO_INIT,	  /* /init is missing or could not be run */
	CAUSE_WRONG_ARCH, /* /init is for another architecture than the kernel */
	CAUSE_NO_MEMORY,  /* the guest has too little memory */
	CAUSE_NO_CONSOLE, /* not one byte on the serial console */
	CAUSE_QEMU,	  /* QEMU itself failed; its own words are in the text */
};

/** watch_end_name - "clean", "no-init", "panic", "hang", "deadline", "vanished", "stopped". */
const char *watch_end_name(enum watch_end e);
/** watch_cause_name - "no-btf", "no-bpf-lsm", "lsm-order", "no-root", ...; "" for none. */
const char *watch_cause_name(enum watch_cause c);

/**
 * struct watch_opts - deadlines and callbacks. Deadlines belong to the host: a guest's clock may
 * jump.
 * @boot_seconds: until init must be reached.
 * @silence_seconds: longest time without a byte on either port, once init was reached.
 * @total_seconds: from QEMU's start to its end.
 * @console_log: file that gets the console's bytes, or NULL.
 * @console_max: bound of that file in bytes; what comes later is left out, and the file says so.
 * @on_event: a line of the event port. Flaws are those of lines.h. A return value other than 0
 *            stops the guest.
 * @on_console: a line of the console, printable, prefix and all. The same.
 * @on_tick: called at least every 250 ms with the seconds since QEMU's start. The same.
 *           Each callback may be NULL.
 * @ctx: handed to the callbacks.
 * @warm: where the guest's state is kept when its console says WARM_LINE, or where what it said
 *        before it was kept comes from (warm.h); may be NULL.
 * @cmdline: what the kernel was booted with; tells CAUSE_LSM_ORDER from CAUSE_NO_BPF_LSM.
 */
struct watch_opts {
	double boot_seconds;
	double silence_seconds;
	double total_seconds;
	const char *console_log;
	size_t console_max;
	int (*on_event)(void *ctx, const char *line, size_t len, unsigned int flaws);
	int (*on_console)(void *ctx, const char *line);
	int (*on_tick)(void *ctx, double seconds);
	void *ctx;
	struct warm *warm;
	const char *cmdline;
};

/**
 * struct watch_outcome - what happened. watch_outcome_free() frees it.
 * @ended: how.
 * @cause: why, where that can be told; may be set after a clean end too (no BTF, no BPF LSM,
 *         `bpf` not in lsm=).
 * @text: one line for the user: how it ended, the cause, and what to do. Never empty.
 * @exit_code: what the payload returned, if @ended is WATCH_CLEAN (128 + signal if it was killed
 *             by one; 127 if it could not be run).
 * @init_seconds: from QEMU's start until init was reached; < 0 if it never was.
 * @seconds: from QEMU's start to its end.
 * @verdict_seconds: from QEMU's end (or the decision to kill it) to this outcome.
 * @lsm: active LSMs as the guest's init read them, or NULL.
 * @splats: what went wrong in the kernel, also after a clean end.
 * @tail: the last lines of the console, oldest first, printable.
 * @console_lines, @event_lines: how many there were.
 * @console_cut: @console_log did not get everything.
 * @qemu_errors: QEMU's own messages, one line, or NULL.
 */
struct watch_outcome {
	enum watch_end ended;
	enum watch_cause cause;
	char text[512];
	int exit_code;
	double init_seconds;
	double seconds;
	double verdict_seconds;
	char *lsm;
	struct splats splats;
	struct strs tail;
	size_t console_lines;
	size_t event_lines;
	bool console_cut;
	char *qemu_errors;
};

#define WATCH_TAIL_LINES   30
#define WATCH_CONSOLE_LINE 4096
#define WATCH_EVENT_LINE   65536
#define WATCH_CONSOLE_MAX  (8u << 20)

/**
 * watch_run - follow a started QEMU to its end; it is gone when this returns.
 * Return: 0 with @out filled, however the guest fared; -1 with @err only if the host failed
 * (the log cannot be written).
 */
int watch_run(struct qemu *q, const struct watch_opts *o, struct watch_outcome *out,
	      struct krsi_err *err);

/**
 * watch_console - what watch_run() makes of a recorded console: for logs and tests. Nothing but
 * the content-dependent fields is filled; @ended is what a QEMU that ended there would give.
 */
void watch_console(const char *text, size_t len, const char *cmdline, struct watch_outcome *out);

/** watch_outcome_free - free the content and zero it. */
void watch_outcome_free(struct watch_outcome *out);

#endif
