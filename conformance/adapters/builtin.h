/* SPDX-License-Identifier: GPL-2.0-only */
/* The adapters that are linked into krsi-test. */
#ifndef KRSI_ADAPTERS_BUILTIN_H
#define KRSI_ADAPTERS_BUILTIN_H

#include "conformance/adapters/adapter.h"

/* Mainline BPF LSM through libbpf. */
extern const struct krsi_adapter bpf_lsm_adapter;
/* For testing the suite: does nothing; claims success; BPF LSM with one fault (its option). */
extern const struct krsi_adapter null_adapter, echo_adapter, faulty_adapter;

/* The i-th fault of `faulty`, NULL past the last. */
const char *faulty__name(size_t i);

#endif
