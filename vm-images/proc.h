/* SPDX-License-Identifier: GPL-2.0-only */
/* Running a host program to its end, with its output in memory. */
#ifndef KRSI_PROC_H
#define KRSI_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include "vm-images/err.h"

/**
 * struct proc_opts - one run. Zeroed but for @argv: plain.
 * @argv: NULL-terminated; argv[0] is looked up as fs_find_program() does.
 * @package: what to install if argv[0] is missing, for the message; may be NULL.
 * @env: NULL-terminated "NAME=value" additions to the environment, or NULL.
 * @cwd: its working directory, or NULL.
 * @max: bound of captured output in bytes for each stream; 0: 1 MiB. What comes later is dropped.
 * @deadline: seconds after which it is killed; 0: never.
 * @tick: called every 250 ms while it runs; may be NULL.
 */
struct proc_opts {
	const char *const *argv;
	const char *package;
	const char *const *env;
	const char *cwd;
	size_t max;
	double deadline;
	void (*tick)(void *ctx);
	void *ctx;
};

/**
 * struct proc_result - what came of it.
 * @status: exit code; 128 + signal if it was killed.
 * @timed_out: it was killed because of its deadline.
 * @seconds: how long it ran.
 * @out, @errors: standard output and error, NUL-terminated.
 */
struct proc_result {
	int status;
	bool timed_out;
	double seconds;
	char *out;
	char *errors;
};

/**
 * proc_run - run a program without terminal or standard input; it is killed with the caller.
 * Return: 0 with @r filled, whatever the program returned; -1 with @err (code 5) if it could not
 * be started.
 */
int proc_run(struct proc_result *r, const struct proc_opts *o, struct krsi_err *err);

/** proc_seconds - CLOCK_MONOTONIC. */
double proc_seconds(void);

/** proc_result_free - free the content. */
void proc_result_free(struct proc_result *r);

/** proc_die_with - in a new child: be killed when @parent is gone. */
void proc_die_with(int parent);

#endif
