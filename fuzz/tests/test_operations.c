// SPDX-License-Identifier: GPL-2.0-only
/* Inputs of the target sequence, changed operation by operation. */
#include <criterion/criterion.h>
#include <string.h>

#include "fuzz/guest/input.h"
#include "fuzz/guest/operations.h"

#define NAMES	  "a\0b\0a__1\0a__2\0log__v1\0log\0_\0\0"
#define NAMES_LEN (sizeof(NAMES) - 1)
#define ROUNDS	  20000

/* Two programs that read the environment, of which one sleeps, and an execution. */
static const uint8_t ops[] = {
	SEQ_LOAD, 0,	      0, SEQ_LOAD, SEQ_SLEEPABLE | 1, 1,	SEQ_ATTACH, 0,
	SEQ_EXEC, SEQ_ATTACH, 1, SEQ_EXEC, SEQ_RUN,	      SEQ_EXEC, 3,
};
static uint8_t input[NAMES_LEN + sizeof(ops)];

static void setup(void)
{
	memcpy(input, NAMES, NAMES_LEN);
	memcpy(input + NAMES_LEN, ops, sizeof(ops));
}

TestSuite(operations, .init = setup);

/* Bytes of the names; 0 if there are fewer than there should be. */
static size_t names_len(const uint8_t *in, size_t size)
{
	for (size_t at = 0, names = 0; at < size; at++)
		if (!in[at] && ++names == SEQUENCE_NAMES)
			return at + 1;
	return 0;
}

Test(operations, as_many_names_and_operations_are_whole)
{
	uint8_t out[512], in[512];
	uint64_t random = 7;
	size_t n = sizeof(input), most = 0, fewest = sizeof(out), renamed = 0;

	for (int i = 0; i < ROUNDS; i++) {
		size_t names, count, size;

		if (i % 500 == 0)
			memcpy(in, input, n = sizeof(input));
		size = n;
		n = operations_mutate(&random, in, size, input, sizeof(input), out, sizeof(out));
		names = names_len(out, n);
		cr_assert_neq(names, 0);
		cr_assert_eq((n - names) % 3, 0);
		count = (n - names) / 3;
		cr_assert_leq(count, SEQUENCE_OPS);
		most = count > most ? count : most;
		fewest = count < fewest ? count : fewest;
		renamed += names != names_len(in, size) || memcmp(in, out, names) != 0;
		memcpy(in, out, n);
	}
	cr_expect_eq(most, SEQUENCE_OPS);
	cr_expect_lt(fewest, sizeof(ops) / 3);
	cr_expect(renamed > ROUNDS / 20 && renamed < ROUNDS / 5, "%zu names changed", renamed);
}

/* What byte for byte takes tens of thousands of inputs. */
Test(operations, a_program_that_sleeps_becomes_one_that_does_not)
{
	uint8_t wanted[sizeof(input)], out[512];
	uint64_t random = 1;
	int found = 0;

	memcpy(wanted, input, sizeof(input));
	wanted[NAMES_LEN + 4] = 1;
	for (int i = 0; i < ROUNDS; i++)
		found += operations_mutate(&random, input, sizeof(input), NULL, 0, out,
					   sizeof(out)) == sizeof(wanted) &&
			 !memcmp(out, wanted, sizeof(wanted));
	cr_expect_geq(found, ROUNDS / 1000);
}

Test(operations, no_input_is_too_short_or_too_long)
{
	uint8_t out[600], in[600];
	uint64_t random = 3;

	memset(in, 0x41, sizeof(in));
	for (size_t size = 0; size <= sizeof(in); size++)
		for (size_t max = 0; max <= sizeof(out); max += 40) {
			size_t n = operations_mutate(&random, in, size, in, size, out, max);

			cr_assert_leq(n, max);
			cr_assert_eq(!n, size + SEQUENCE_NAMES > max);
		}
}

Test(operations, same_seed_same_changes)
{
	uint64_t a = 5, b = 5;
	uint8_t one[512], two[512];

	for (int i = 0; i < 100; i++) {
		size_t n = operations_mutate(&a, input, sizeof(input), input, sizeof(input), one,
					     sizeof(one));

		cr_assert_eq(operations_mutate(&b, input, sizeof(input), input, sizeof(input), two,
					       sizeof(two)),
			     n);
		cr_assert_arr_eq(one, two, n);
	}
}
