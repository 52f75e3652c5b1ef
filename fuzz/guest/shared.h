/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that the host's proxy and the guest's agent share: a file on the host, a PCI device
 * (ivshmem) in the guest. An input lies in it before it runs, so whatever it does to the guest, the
 * host has it.
 */
#ifndef FUZZ_GUEST_SHARED_H
#define FUZZ_GUEST_SHARED_H

#include <stdint.h>

#define SHARED_SIZE (1 << 20)
#define INPUT_MAX   (256 << 10)
/* Edges, as AFL++ counts them. */
#define MAP_SIZE (1 << 16)
#define TEXT_MAX 1024

/* Whose turn it is. */
enum {
	STATE_BOOTING, /* the agent is not there yet */
	STATE_IDLE,    /* the host's: put an input */
	STATE_INPUT,   /* the guest's: run it */
};

/* What came of an input. */
enum {
	VERDICT_WELL,
	VERDICT_FINDING, /* what the program said, what core says and what the process got differ */
};

/**
 * struct shared - written by one side at a time.
 * @state: above; the last thing that a side writes.
 * @strict: what is looked at now and then only, because it takes long, is looked at after this
 *	    input.
 * @verdict, @text: of the last input; the text says why.
 * @kcov: the guest has edges of the kernel; else the map holds what little the results tell.
 * @runs: inputs since the guest booted.
 * @size, @input: the input.
 * @map: edges of the last input.
 */
struct shared {
	uint32_t state;
	uint32_t strict;
	uint32_t verdict;
	uint32_t kcov;
	uint32_t runs;
	uint32_t size;
	char text[TEXT_MAX];
	uint8_t map[MAP_SIZE];
	uint8_t input[INPUT_MAX];
};

_Static_assert(sizeof(struct shared) <= SHARED_SIZE, "it fits the device");

#endif
