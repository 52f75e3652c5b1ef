/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that are steered through shared memory: one BPF object with the maps `slots` and
 * `events` of wire.h, whose instructions are copied for each program. The adapters that load them
 * differ in the type of program and in how it attaches.
 */
#ifndef KRSI_ADAPTERS_STEERED_H
#define KRSI_ADAPTERS_STEERED_H

#include <linux/types.h>

#include "conformance/adapters/adapter.h"
#include "conformance/bpf/wire.h"

struct bpf_insn;
struct bpf_object;
struct named;
struct ring_buffer;

struct steered {
	struct bpf_object *object;
	struct ring_buffer *ring;
	struct wire_slot *slot; /* shared with the programs and with forked processes */
	struct krsi_prog *owner[WIRE_SLOTS]; /* who owns a slot; NULL: it is free */
	krsi_event_fn fn;		     /* during read */
	void *fn_data;
	char error[512]; /* why the last call failed */
};

/* What a program is told of its hook, in place of the WIRE_IMM_* constants. */
struct steered_imm {
	__u64 slot, arg_bytes, kinds, is_int;
};

/* libbpf's messages go nowhere unless KRSI_DEBUG is set, and memory has no limit. */
void steered__set_up_libbpf(void);
/* Loads the object and maps its memory. 0, or -errno and why. After an error too, close it. */
int steered__open(struct steered *steered, const char *image, size_t size, const char **why);
void steered__close(struct steered *steered);
/* A copy of the instructions of one program of the object; free it. NULL: no memory. */
struct bpf_insn *steered__copy(const struct steered *steered, const char *program,
			       const struct steered_imm *imm, size_t *n);
/* Keeps why a call failed; returns err. */
int steered__fail(struct steered *steered, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A free slot, or -ENOSPC. It is taken once it has an owner. */
int steered__free_slot(const struct steered *steered);
void steered__own(struct steered *steered, int slot, struct krsi_prog *prog);
/* Lets go of a program: its slot (-1: it has none), and what was loaded by name or else its fd. */
void steered__drop(struct steered *steered, int slot, struct named *named, int fd);
/* steer() and calls() of the adapter ABI. */
void steered__steer(struct steered *steered, int slot, const struct krsi_rule *rule);
uint64_t steered__calls(const struct steered *steered, int slot, uint64_t *lost);
int steered__read(struct steered *steered, int timeout_ms, krsi_event_fn fn, void *data);
/* What a verifier's log gives as the reason, cut out of it. */
const char *steered__last_words(char *log);

#endif
