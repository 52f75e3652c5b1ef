/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A target: one file in targets/, named as the target. It links with one of the drivers in
 * drivers/ (AFL++, replay), or with libFuzzer.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/**
 * LLVMFuzzerTestOneInput - judge one input. A finding ends the process: by a sanitizer, or by
 * fuzz_fail(). Keeps nothing between calls. Returns 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** typedef fuzz_emit_fn - takes a seed; @name is unique in its target, and a file name. */
typedef void fuzz_emit_fn(const char *name, const void *data, size_t size);

/** fuzz_seeds - the seed corpus, made from the tables of the unit tests. */
void fuzz_seeds(fuzz_emit_fn *emit);

/** fuzz_fail - a finding: says what, and aborts. */
void fuzz_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/**
 * fuzz_poison, fuzz_unpoison - an access to these bytes is a finding, with AddressSanitizer;
 * without it nothing happens. Cheaper than memory of its own for each buffer.
 */
#if defined(__SANITIZE_ADDRESS__)
#define FUZZ_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FUZZ_ASAN 1
#endif
#endif
#ifdef FUZZ_ASAN
#include <sanitizer/asan_interface.h>
#define fuzz_poison(p, n)   __asan_poison_memory_region(p, n)
#define fuzz_unpoison(p, n) __asan_unpoison_memory_region(p, n)
#else
#define fuzz_poison(p, n)   ((void)(p), (void)(n))
#define fuzz_unpoison(p, n) ((void)(p), (void)(n))
#endif

#endif
