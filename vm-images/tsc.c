// SPDX-License-Identifier: GPL-2.0-only
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "vm-images/known.h"
#include "vm-images/mem.h"
#include "vm-images/tsc.h"

/* To a part in ten thousand, which is what rounding to MHz leaves: 1 us in 20 ms. */
#define SPAN_NS	 20000000
#define CLOSE_NS 1000
#define TRIES	 1000

/** struct instant - both clocks at one time. */
struct instant {
	int64_t ns;
	uint64_t ticks;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static uint64_t now_ticks(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

/* What lies between two reads of the clock that are close together; else the closest of many. */
static struct instant take(void)
{
	struct instant best = { 0 };
	int64_t closest = INT64_MAX;

	for (int i = 0; i < TRIES && closest > CLOSE_NS; i++) {
		int64_t before = now_ns();
		uint64_t ticks = now_ticks();
		int64_t after = now_ns();

		if (after - before < closest) {
			closest = after - before;
			best = (struct instant){ before + (after - before) / 2, ticks };
		}
	}
	return best;
}

static unsigned int measure(void)
{
	struct instant from = take(), to;
	struct timespec span = { .tv_nsec = SPAN_NS };

	nanosleep(&span, NULL);
	to = take();
	return (unsigned int)((double)(to.ticks - from.ticks) * 1e3 / (double)(to.ns - from.ns) +
			      0.5) *
	       1000;
}

static unsigned int khz;

static void find(void)
{
	char *boot = known_boot(), *kept = known_get("tsc", boot), text[16];

	khz = kept ? (unsigned int)strtoul(kept, NULL, 10) : 0;
	if (!khz) {
		khz = measure();
		snprintf(text, sizeof(text), "%u", khz);
		known_put("tsc", boot, text);
	}
	free(kept);
	free(boot);
}

unsigned int tsc_khz(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find);
	return khz;
}
