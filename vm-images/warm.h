/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A warm start: a guest goes on from where an equal one stood when its payload was ready, which
 * spares it the boot. Equal are guests with the same image, initramfs (with all that is asked of
 * the payload), command line, and emulator down to its arguments; whatever differs starts cold.
 *
 * In <cache>/warm/<slot>/ lie `key` (the digest of all that), `state` (QEMU's), and what had come
 * out of the two serial ports until then: `console`, `events`.
 */
#ifndef KRSI_WARM_H
#define KRSI_WARM_H

#include <stdbool.h>
#include <stddef.h>
#include "vm-images/err.h"
#include "vm-images/mem.h"
#include "vm-images/sha256.h"

/** WARM_LINE - the line on the console by which the payload says that it is ready. */
#define WARM_LINE "krsi-test: ready"

/**
 * struct warm - a slot, for one boot. warm_free() frees it; zeroed it stands for none.
 * @dir: where the slot is.
 * @key: of this boot.
 * @lock: held while a state that was found is in use; -1: not held.
 * @found: there is a state with that key.
 * @too_much: the guest said more before it was ready than is kept of any.
 * @bytes: what came out of the ports (console, events): as it was found, or of a guest that is to
 *         be kept.
 */
struct warm {
	char *dir;
	char key[SHA256_HEX_LEN + 1];
	int lock;
	bool found;
	bool too_much;
	struct warm_bytes {
		char *data;
		size_t len;
	} bytes[2];
};

/**
 * warm_open - look into a slot; if an equal boot's state is there it stays until warm_release().
 * @slot: name of a directory.
 * @argv: QEMU's command line, program first, with nothing in it that differs from run to run.
 * @image: digest of the kernel.
 * @initramfs: its descriptor.
 * Return: 0, or -1 with @err (code 5).
 */
int warm_open(struct warm *w, const char *slot, const struct strs *argv, const char *image,
	      int initramfs, struct krsi_err *err);

/** warm_release - others may write the slot again. */
void warm_release(struct warm *w);

/** warm_drop - what was found is of no use: forget it, and keep this boot's state instead. */
void warm_drop(struct warm *w);

/** warm_state - path of the state that was found, or of the one to be written (free() it). */
char *warm_state(const struct warm *w);

/** warm_add - more output of a port (0: console, 1: events) of the guest that is to be kept. */
void warm_add(struct warm *w, int port, const void *data, size_t len);

/**
 * warm_keep - the state is written, and warm_add() was told all that came before it: put them into
 * the slot. What goes wrong leaves the slot empty.
 */
void warm_keep(struct warm *w);

/** warm_free - free the content, remove a state that was not kept, and zero it. */
void warm_free(struct warm *w);

#endif
