/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * krsi-bench: one static binary that measures in the guest. A benchmark is a name, the kind of boot
 * that it needs and a function; what it has to say goes to the host as lines:
 *
 *   krsi-bench 1 ENGINE BOOT     first of all
 *   unit NAME N STATISTIC        a sample of NAME is N operations; STATISTIC of the samples counts
 *   sample NAME VALUE            one sample: instructions (icount) or nanoseconds (wall)
 *   count NAME VALUE             a number that is no time: records lost, bytes, wake-ups
 *   proof NAME TEXT              what shows that NAME did its job
 *   absent NAME TEXT             this kernel cannot do NAME, and why
 *   failed NAME TEXT             NAME did not do its job: its figures are worth nothing
 *   end                          last of all
 */
#ifndef KRSI_BENCH_H
#define KRSI_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_STREAM 1

/** What is taken if nobody asks: samples of each way to execute, executions of a sample. */
#define BENCH_SAMPLES 100
#define BENCH_EXECS   100

/** enum engine - what a sample counts. */
enum engine {
	ENGINE_ICOUNT, /* instructions of the machine, by QEMU's icount */
	ENGINE_WALL,   /* nanoseconds */
};

/**
 * struct settings - what the host asked for.
 * @engine: what a sample counts.
 * @boot: how the host booted this guest; benchmarks of other boots are not run.
 * @glob: which benchmarks, NULL: all.
 * @samples: of a benchmark of exec.
 * @execs: executions a sample.
 * @extra: instructions that the programs of the hook benchmarks do more than they have to, to see
 *         that this is noticed.
 */
struct settings {
	enum engine engine;
	const char *boot;
	const char *glob;
	unsigned int samples;
	unsigned int execs;
	unsigned int extra;
};
extern struct settings settings;

/**
 * struct bench - one benchmark, or a family whose members are listed by the function itself.
 * @name: of the benchmark, as it appears in results; a family's ends in '/'.
 * @boot: the boots that it runs in, as words of a string.
 * @run: does it; it reports by the functions below.
 * @list: prints the members of a family with their boots, those that are wanted; NULL: it has none,
 *        or all its members run in all its boots.
 */
struct bench {
	const char *name;
	const char *boot;
	void (*run)(const struct bench *b);
	void (*list)(void);
};

/** Puts a benchmark into the list that main() walks, in order of file and line. */
#define BENCH(id)                                                                                  \
	static const struct bench id;                                                              \
	static const struct bench *const id##_entry __attribute__((used, section("benches"))) =    \
		&id;                                                                               \
	static const struct bench id

/** bench__wanted - whether the user asked for the benchmark of that name. */
bool bench__wanted(const char *name);

/* ---- reports ------------------------------------------------------------------------------ */

/** out__line - one line to the host; kept back until out__flush(), for printing costs. */
void out__line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** out__flush - let the lines go. */
void out__flush(void);
/** out__open - where the host listens, or standard output. */
void out__open(void);

void out__unit(const char *name, unsigned long operations, const char *statistic);
void out__sample(const char *name, uint64_t value);
void out__count(const char *name, uint64_t value);
void out__proof(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out__absent(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out__failed(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** out__failures - how many out__failed() there were. */
unsigned int out__failures(void);

/* ---- the clock ---------------------------------------------------------------------------- */

/** clock__now - the counter of the engine. */
uint64_t clock__now(void);
/** clock__check - NULL, or why the engine that was asked for is not the one that runs. */
const char *clock__check(void);
/** clock__settle - let the kernel finish what it has put off (grace periods, freeing). */
void clock__settle(void);

/**
 * quiet__prepare - for counts of instructions, once: keeps the slabs that become empty, for objects
 * to come. The kernel gives them back in two regimes, as a boot has it: with many on their way to
 * the page allocator, whose lists are emptied for them, an execution costs 0.7 % more. And takes
 * the memory that is there for each CPU where the boot has left holes in it.
 */
void quiet__prepare(void);

/**
 * quiet__begin - what is measured is set up: clock__settle(), and until quiet__end() there are no
 * holes in the memory that is there for each CPU. From 6.2 on an execution takes some of it, and
 * looking for room between what programs have left and taken costs up to 600 instructions, more
 * than a program does.
 */
void quiet__begin(void);
/** quiet__end - it is measured. */
void quiet__end(void);

#endif
