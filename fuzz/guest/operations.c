// SPDX-License-Identifier: GPL-2.0-only
/*
 * For AFL++ a change is one of bytes, and most of those make of an operation one on another slot,
 * or of all behind it others. Here an operation is put in, taken out or changed as what it is.
 * AFL++ loads this as a custom mutator.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/guest/input.h"
#include "fuzz/guest/operations.h"

#define OP	3
#define CHANGES 4
#define OUT_MAX 4096
/* Every so-manieth input gets another name. */
#define NAMES_EVERY 8
/* So often an input is changed before the turn comes to another one: the fuzzer by itself stays
 * with one for minutes, where a guest judges some hundred a second. */
#define TURN 64
/* Few slots, so that operations meet. */
#define FEW_SLOTS 4

/* xorshift64: the same changes from the same seed. */
static unsigned int pick(uint64_t *random, unsigned int n)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (unsigned int)(*random >> 32) % n;
}

/* Where the operations begin; @missing: names that are not there. */
static size_t names_end(const uint8_t *in, size_t size, size_t *missing)
{
	size_t at = 0;

	for (*missing = SEQUENCE_NAMES; at < size && *missing; at++)
		*missing -= !in[at];
	return at;
}

static void random_operands(uint64_t *random, uint8_t *op)
{
	unsigned int slot = pick(random, pick(random, 8) ? FEW_SLOTS : SEQUENCE_SLOTS);
	unsigned int hook = pick(random, SEQ_HOOKS);

	op[1] = (uint8_t)slot;
	op[2] = (uint8_t)hook;
	switch (op[0] % SEQ_KINDS) {
	case SEQ_LOAD:
		op[1] |= (pick(random, 2) ? SEQ_SLEEPABLE : 0) | SEQ_CALLS(pick(random, 4));
		op[2] = (uint8_t)(pick(random, SEQUENCE_NAMES) |
				  SEQ_RETURNS(pick(random, 4) ? 0 : pick(random, SEQ_VERDICTS)));
		break;
	case SEQ_RUN:
		op[1] = (uint8_t)hook;
		op[2] = (uint8_t)pick(random, 5);
		break;
	case SEQ_QUERY:
		op[1] = (uint8_t)hook;
		op[2] = (uint8_t)pick(random, SEQUENCE_LOADS + 1);
		break;
	case SEQ_READ:
		op[1] = (uint8_t)hook;
		break;
	}
}

/* One property of a program, or one operand of something else. */
static void change(uint64_t *random, uint8_t *op)
{
	uint8_t fresh[OP] = { op[0] };

	random_operands(random, fresh);
	if (op[0] % SEQ_KINDS == SEQ_LOAD && pick(random, 2))
		op[1] ^=
			pick(random, 2) ? SEQ_SLEEPABLE : SEQ_CALLS((uint8_t)(1 + pick(random, 3)));
	else if (pick(random, 2))
		op[1] = fresh[1];
	else
		op[2] = fresh[2];
}

/* Returns how many operations there are then, @max at most. */
static size_t change_one(uint64_t *random, uint8_t *ops, size_t n, size_t max, const uint8_t *other,
			 size_t n_other)
{
	size_t at = pick(random, (unsigned int)n + 1), from = n ? pick(random, (unsigned int)n) : 0;
	uint8_t op[OP] = { (uint8_t)pick(random, SEQ_KINDS) };

	random_operands(random, op);
	switch (pick(random, 8)) {
	case 0: /* one of another input */
		if (n_other)
			memcpy(op, other + pick(random, (unsigned int)n_other) * OP, OP);
		break;
	case 1: /* one that is there already */
		if (n)
			memcpy(op, ops + from * OP, OP);
		break;
	case 2:
		break;
	case 3:
	case 4:
		if (n) {
			memmove(ops + from * OP, ops + (from + 1) * OP, (n - from - 1) * OP);
			n--;
		}
		return n;
	default:
		if (n)
			change(random, ops + from * OP);
		return n;
	}
	if (n == max)
		return n;
	memmove(ops + (at + 1) * OP, ops + at * OP, (n - at) * OP);
	memcpy(ops + at * OP, op, OP);
	return n + 1;
}

/* A character of the names put in, taken out or replaced. Returns how long they are then. */
static size_t change_names(uint64_t *random, uint8_t *names, size_t n, size_t max)
{
	static const char letters[] = "__ab1";
	size_t at = pick(random, (unsigned int)n);
	char letter = letters[pick(random, sizeof(letters) - 1)];

	switch (pick(random, 3)) {
	case 0:
		if (n < max) {
			memmove(names + at + 1, names + at, n - at);
			names[at] = (uint8_t)letter;
			n++;
		}
		break;
	case 1:
		if (names[at]) {
			memmove(names + at, names + at + 1, n - at - 1);
			n--;
		}
		break;
	default:
		if (names[at])
			names[at] = (uint8_t)letter;
	}
	return n;
}

size_t operations_mutate(uint64_t *random, const uint8_t *in, size_t size, const uint8_t *other,
			 size_t other_size, uint8_t *out, size_t max)
{
	size_t missing, end = names_end(in, size, &missing), names = end + missing, ignored;
	size_t other_end = names_end(other, other_size, &ignored), n, room;
	uint8_t ops[SEQUENCE_OPS * OP];

	if (names > max)
		return 0;
	memcpy(out, in, end);
	memset(out + end, 0, missing);
	if (!pick(random, NAMES_EVERY))
		names = change_names(random, out, names, max);
	room = (max - names) / OP < SEQUENCE_OPS ? (max - names) / OP : SEQUENCE_OPS;
	n = (size - end) / OP < room ? (size - end) / OP : room;
	memcpy(ops, in + end, n * OP);
	for (unsigned int i = 1 + pick(random, CHANGES); i; i--)
		n = change_one(random, ops, n, room, other + other_end,
			       (other_size - other_end) / OP);
	memcpy(out + names, ops, n * OP);
	return names + n * OP;
}

/* ---- what AFL++ calls --------------------------------------------------------------------- */

struct mutator {
	uint64_t random;
	uint8_t out[OUT_MAX];
};

void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *in, size_t size, uint8_t **out, uint8_t *other,
		       size_t other_size, size_t max);
uint32_t afl_custom_fuzz_count(void *data, const uint8_t *in, size_t size);
void afl_custom_deinit(void *data);

void *afl_custom_init(void *afl, unsigned int seed)
{
	struct mutator *m = calloc(1, sizeof(*m));

	if (m)
		m->random = (uint64_t)seed << 1 | 1;
	return m;
}

/* An input that there is no room for is left as it is. */
size_t afl_custom_fuzz(void *data, uint8_t *in, size_t size, uint8_t **out, uint8_t *other,
		       size_t other_size, size_t max)
{
	struct mutator *m = data;
	size_t n = operations_mutate(&m->random, in, size, other, other_size, m->out,
				     max < OUT_MAX ? max : OUT_MAX);

	*out = n ? m->out : in;
	return n ?: size;
}

uint32_t afl_custom_fuzz_count(void *data, const uint8_t *in, size_t size)
{
	return TURN;
}

void afl_custom_deinit(void *data)
{
	free(data);
}
