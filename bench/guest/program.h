/* SPDX-License-Identifier: GPL-2.0-only */
/* The small programs that are put on hooks: written instruction by instruction, for BPF LSM and for
 * the reference. */
#ifndef KRSI_BENCH_PROGRAM_H
#define KRSI_BENCH_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** enum program_kind - what a program does before it agrees. */
enum program_kind {
	PROGRAM_EMPTY,	   /* nothing but what settings.extra says */
	PROGRAM_SLEEPABLE, /* the same, in a program that may sleep */
	PROGRAM_STORAGE,   /* counts in the storage of the task */
	PROGRAM_COUNT,	   /* counts the calls, whoever makes them */
};

#define PROGRAM_MAX 80

/**
 * struct programs - so many of a kind on one hook.
 * @fd: programs.
 * @link: what holds them on the hook; for the reference the hook's file.
 */
struct programs {
	int fd[PROGRAM_MAX];
	int link[PROGRAM_MAX];
	unsigned int n;
	bool krsi;
};

/** programs__open - read the hooks of this kernel. NULL, or why there are none. */
const char *programs__open(bool krsi);
void programs__close(void);
/** programs__has - whether the kernel has the hook. */
bool programs__has(const char *hook);
/**
 * programs__add - load and attach one more.
 * Return: 0 or -errno.
 */
int programs__add(struct programs *p, const char *hook, enum program_kind kind);
/** programs__remove - take them all off. */
void programs__remove(struct programs *p);
/** programs__calls - calls that PROGRAM_COUNT saw; starts again at 0. */
uint64_t programs__calls(void);

#endif
