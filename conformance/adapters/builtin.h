/* SPDX-License-Identifier: GPL-2.0-only */
/* The adapters that are linked into krsi-test. */
#ifndef KRSI_ADAPTERS_BUILTIN_H
#define KRSI_ADAPTERS_BUILTIN_H

#include "conformance/adapters/adapter.h"

/* Mainline BPF LSM through libbpf. */
extern const struct krsi_adapter bpf_lsm_adapter;
/* For testing the suite: does nothing; claims success; BPF LSM with one fault (its option). */
extern const struct krsi_adapter null_adapter, echo_adapter, faulty_adapter;
/* The reference's semantics in this process, on reference/core; no kernel takes part. */
extern const struct krsi_adapter model_adapter;
/* The reference: programs of a type of their own, attached by hook files. */
extern const struct krsi_adapter krsi_adapter;
/* An implementation behind a program that is asked in lines: adapter(7). */
extern const struct krsi_adapter exec_adapter;

/* A fault of `faulty`. */
struct krsi_fault {
	const char *name;    /* its option */
	const char *summary; /* what is wrong with such an implementation */
	/* NULL, or a test that BPF LSM itself fails where it has the very fault: nothing can then
	 * tell the two apart */
	const char *inherent;
	/* NULL, or the tests that catch it by comparing with a recording of the same boot */
	const char *neutral;
};

/* The i-th fault, NULL past the last. */
const struct krsi_fault *faulty__fault(size_t i);
/* The i-th fault of `model`, NULL past the last. */
const struct krsi_fault *model__fault(size_t i);

#endif
