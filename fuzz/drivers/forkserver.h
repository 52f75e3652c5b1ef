/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol of AFL++'s forkserver, as the server speaks it: a word with options at the start,
 * then for each input four bytes come, and the process's pid and its status go back.
 */
#ifndef FUZZ_FORKSERVER_H
#define FUZZ_FORKSERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#define FROM_FUZZER 198
#define TO_FUZZER   199

#define OPTIONS	       0x80000001u
#define OPTION_MAPSIZE 0x40000000u
#define OPTION_SHARED  0x01000000u
#define OPTION_CMPLOG  0x02000000u

/** struct fuzz_input - what the fuzzer shares: the size of the input, then the input. */
struct fuzz_input {
	uint32_t size;
	uint8_t data[];
};

/** forkserver_options - the first word, for a map of @size edges. */
static inline uint32_t forkserver_options(uint32_t size)
{
	return OPTIONS | OPTION_MAPSIZE | OPTION_SHARED | (size - 1) << 1;
}

/** say - a word to the fuzzer. False: it is gone. */
static inline bool say(uint32_t word)
{
	return write(TO_FUZZER, &word, sizeof(word)) == sizeof(word);
}

/** hear - a word from the fuzzer. False: it is gone. */
static inline bool hear(void)
{
	uint32_t word;

	return read(FROM_FUZZER, &word, sizeof(word)) == sizeof(word);
}

#endif
