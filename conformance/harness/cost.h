/* SPDX-License-Identifier: GPL-2.0-only */
/* What a loaded program costs, as the kernel counts it. */
#ifndef KRSI_HARNESS_COST_H
#define KRSI_HARNESS_COST_H

#include "conformance/adapters/adapter.h"

/* The kernel's counts of one program; 0: it does not tell. */
struct cost {
	unsigned int verified; /* instructions that the verifier walked */
	unsigned int xlated;   /* bytes of instructions after the verifier's changes */
	unsigned int jited;    /* bytes of machine code */
};

/* False: the implementation has no program there that bpf(2) knows. */
bool cost__read(const struct krsi_adapter *adapter, struct krsi_prog *prog, struct cost *cost);

#endif
