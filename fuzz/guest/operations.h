/* SPDX-License-Identifier: GPL-2.0-only */
/* Inputs of the target sequence (input.h), changed operation by operation. */
#ifndef FUZZ_GUEST_OPERATIONS_H
#define FUZZ_GUEST_OPERATIONS_H

#include <stddef.h>
#include <stdint.h>

/**
 * operations_mutate - another input.
 * @random: state of the random numbers, not 0; changed.
 * @in, @size: the input; names that it lacks are taken for empty ones.
 * @other, @other_size: one to take operations from; may be empty.
 * @out, @max: gets whole operations, SEQUENCE_OPS at most, and at times another name.
 *
 * Return: bytes in @out, @max at most; 0 if it has no room for the names.
 */
size_t operations_mutate(uint64_t *random, const uint8_t *in, size_t size, const uint8_t *other,
			 size_t other_size, uint8_t *out, size_t max);

#endif
