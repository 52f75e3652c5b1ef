/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The talk's measurement: a no-op binary is executed over and over, while something logs a variable
 * of its environment, or watches or confines it in another way.
 */
#ifndef KRSI_BENCH_EXEC_H
#define KRSI_BENCH_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the no-op lies, and a second one that a sandbox does not allow. */
#define EXEC_PATH   "/bench/noop"
#define EXEC_DENIED "/bench-denied/noop"
/* What its environment holds, and what a log has to show. */
#define EXEC_VALUE "LD_PRELOAD=/bench/preload.so"

/**
 * struct exec_way - one configuration.
 * @name: of the benchmark.
 * @boot: where it can be set up.
 * @start: sets it up. NULL, or why this kernel cannot.
 * @collect: reads what was logged for so many executions, as a part of the sample; returns how many
 *           of them had the right value. NULL: nothing logs.
 * @prove: NULL, or what is wrong; called once after @start, without @collect's proof. May be NULL.
 * @proof: what @collect or @prove have shown, in words; NULL: there is nothing to show.
 * @stop: undoes @start. May be NULL.
 * @lasting: @start cannot be undone: it happens in a process of its own.
 */
struct exec_way {
	const char *name;
	const char *boot;
	const char *(*start)(void);
	unsigned int (*collect)(unsigned int expected);
	const char *(*prove)(void);
	const char *proof;
	void (*stop)(void);
	bool lasting;
};

#define EXEC_WAY(id)                                                                               \
	static const struct exec_way id;                                                           \
	static const struct exec_way *const id##_entry                                             \
		__attribute__((used, section("exec_ways"))) = &id;                                 \
	static const struct exec_way id

/** exec__prepare - write both. */
bool exec__prepare(void);
/** exec__once - execute @path and wait. Return: its exit status, or -errno. */
int exec__once(const char *path);
/** exec__start_runner, exec__stop_runner - the process that executes for exec__run(). */
bool exec__start_runner(void);
void exec__stop_runner(void);
/** exec__run - have EXEC_PATH executed @n times by it; false: it was not. */
bool exec__run(uint32_t n);
/** exec__denied - NULL if EXEC_DENIED cannot be executed and EXEC_PATH can, else what happened. */
const char *exec__denied(void);

#endif
