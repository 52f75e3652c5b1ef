// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>
#include <unistd.h>

#include "bench/guest/bench.h"

/* Instructions of the loop below, and what reading the counter may add. */
#define LOOP	 1000000
#define OVERHEAD 16

/* Under icount with a shift of 0 the time stamp counter counts instructions. */
static uint64_t instructions(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
#error "the counter of this architecture that icount drives is not known here"
#endif
}

uint64_t clock__now(void)
{
	struct timespec t;

	if (settings.engine == ENGINE_ICOUNT)
		return instructions();
	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t loop_once(void)
{
	uint64_t start = instructions();
	unsigned int n = LOOP / 2;

	asm volatile("1: dec %0; jnz 1b" : "+r"(n) : : "cc");
	return instructions() - start;
}

/* A loop of a known number of instructions; some of its runs see no interrupt. */
const char *clock__check(void)
{
	if (settings.engine != ENGINE_ICOUNT)
		return NULL;
	for (int i = 0; i < 100; i++) {
		uint64_t n = loop_once();

		if (n >= LOOP && n <= LOOP + OVERHEAD)
			return NULL;
	}
	return "the time stamp counter does not count instructions: this is not QEMU with icount";
}

void clock__settle(void)
{
	usleep(300000);
}
