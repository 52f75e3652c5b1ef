/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The environment of a program that is about to run, as a sleepable program on
 * bprm_committed_creds finds it: the strings lie in the new process's memory from bprm->p on, first
 * those of argv, then those of the environment; bprm->exec is where they end.
 */
#ifndef KRSI_SCENARIOS_ENVIRON_H
#define KRSI_SCENARIOS_ENVIRON_H

#include "program.h"

/* Strings, and pieces of long ones, that are looked at: more than an exec takes, or without
 * bpf_loop as many as the verifier follows. */
#define ENVIRON_PIECES	     (1 << 20)
#define ENVIRON_PIECES_SMALL 100
#define ENVIRON_PIECE	     256
#define ENVIRON_VALUE	     128

#define PRELOAD "LD_PRELOAD="

/* A walk over the strings. */
struct walk {
	__u64 at, end;
	__u64 strings; /* before this one */
	__u64 inside;  /* the piece does not begin a string */
	__u64 found;   /* how many strings began with LD_PRELOAD= */
	__u64 arguments;
	char piece[ENVIRON_PIECE]; /* 64 bits at a time are compared */
	char value[ENVIRON_VALUE]; /* of the last of them, cut to fit */
};

/* Without a jump: the verifier counts those. */
static inline __attribute__((always_inline)) int is_preload(const char *s)
{
	const __u64 *word = (const __u64 *)s;

	return !((word[0] ^ 0x4f4c4552505f444cULL /* "LD_PRELO" */) |
		 ((word[1] ^ 0x3d4441ULL /* "AD=" */) & 0xffffff));
}

/* The piece at w->at, its bytes with the NUL; below 0: it cannot be read. Some kernels return 0 for
 * an empty string. */
static inline __attribute__((always_inline)) long read_piece(struct walk *w)
{
	long n = bpf_probe_read_user_str(w->piece, ENVIRON_PIECE, (void *)w->at);

	if (n < 0) {
		/* a page is not there: fetching it may sleep */
		bpf_copy_from_user(w->piece, 1, (void *)w->at);
		bpf_copy_from_user(w->piece, 1, (void *)(w->at + ENVIRON_PIECE - 1));
		n = bpf_probe_read_user_str(w->piece, ENVIRON_PIECE, (void *)w->at);
	}
	return n ? n : 1;
}

static inline __attribute__((always_inline)) void keep_value(struct walk *w)
{
	__builtin_memset(w->value, 0, ENVIRON_VALUE);
	bpf_probe_read_user_str(w->value, ENVIRON_VALUE, (void *)(w->at + sizeof(PRELOAD) - 1));
	w->found++;
}

/* Each task that is in an exec has its own: programs that sleep share a CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct walk);
} walks SEC(".maps");

static const struct walk at_start;

/* Takes the next piece; 1: there is none. */
static inline __attribute__((always_inline)) long step(struct walk *w)
{
	long n;

	if (w->at >= w->end)
		return 1;
	n = read_piece(w);
	if (n < 0)
		return 1;
	if (!w->inside && w->strings >= w->arguments && is_preload(w->piece))
		keep_value(w);
	/* a piece that fills the buffer is cut, and its NUL not the string's */
	w->inside = n == ENVIRON_PIECE;
	w->strings += !w->inside;
	w->at += n - w->inside;
	return 0;
}

static long step_of(__u32 i, void *data)
{
	return step(*(struct walk **)data);
}

/* Looks for LD_PRELOAD in the environment of the new program; NULL: out of memory. w->at < w->end
 * afterwards: not all was looked at. */
static inline __attribute__((always_inline)) struct walk *
find_preload(__u64 task, const struct linux_binprm *bprm, int small)
{
	struct walk *w;

	bpf_map_update_elem(&walks, &task, &at_start, 0);
	w = bpf_map_lookup_elem(&walks, &task);
	if (!w)
		return 0;
	w->at = bprm->p;
	w->end = bprm->exec;
	w->arguments = bprm->argc;
	if (!small)
		bpf_loop(ENVIRON_PIECES, step_of, &w, 0);
	for (int i = 0; small && i < ENVIRON_PIECES_SMALL; i++)
		if (step(w))
			break;
	return w;
}

#endif
