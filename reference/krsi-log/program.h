/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF program, loaded and attached in the way that the running kernel offers. */
#ifndef KRSI_LOG_PROGRAM_H
#define KRSI_LOG_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "reference/krsi-log/policy.h"

/** enum log_way - by what the program is attached. */
enum log_way {
	LOG_WAY_ANY,  /* the first of the following that the kernel has */
	LOG_WAY_KRSI, /* the reference: denies before the new program exists */
	LOG_WAY_LSM,  /* mainline's BPF LSM: logs, or kills the new program */
};

/** struct program - opaque. */
struct program;

/** typedef program_record_fn - takes what the buffer held, which may be anything. */
typedef void (*program_record_fn)(void *ctx, const void *record, size_t size);

/**
 * program_open - load and attach.
 * @buffer: bytes of the ring buffer, a power of two and whole pages.
 * @replace: on the reference, take the place of a program that is attached under the same name.
 * @why: set to one line on failure; valid until the next call.
 *
 * Return: the program, or NULL with *@code: what to exit with.
 */
struct program *program_open(enum log_way way, const struct log_policy *policy, size_t buffer,
			     bool replace, const char **why, int *code);

/** program_way - which one it became. */
enum log_way program_way(const struct program *p);

/** program_enforced - false: verdicts count for nothing on this kernel (krsi.enforce=0). */
bool program_enforced(const struct program *p);

/**
 * program_read - wait for records and hand them to @fn, up to @timeout_ms; 0: what is there.
 * Return: 0, also when a signal came; or a negative errno.
 */
int program_read(struct program *p, int timeout_ms, program_record_fn fn, void *ctx);

/** program_lost - events that had no room, since the start. */
uint64_t program_lost(const struct program *p);

/** program_detach - no event comes after this; program_read() still gives those before. */
void program_detach(struct program *p);

/** program_close - detach and free. */
void program_close(struct program *p);

#endif
