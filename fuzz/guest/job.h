/* SPDX-License-Identifier: GPL-2.0-only */
/* An execution that an input describes, and what the new process found as its environment. */
#ifndef FUZZ_GUEST_JOB_H
#define FUZZ_GUEST_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "fuzz/guest/input.h"
#include "fuzz/guest/shared.h"
#include "reference/core/env.h"

#define JOB_STRINGS 4096
/* Executed; and the same through a script. */
#define JOB_TARGET "/fuzz/target"

/** struct job - what the input says. */
struct job {
	struct exec_head head;
	char name[256];
	char *argv[256], *env[JOB_STRINGS];
	char strings[INPUT_MAX + 1];
	char pad[EXEC_PAD_MAX];
};

/** The one of now. */
extern struct job job;

/** job_set_up - scripts, and where the environment is reported. */
void job_set_up(void);

/** job_read - the input. Returns false if there is none in it. */
bool job_read(void);

/**
 * job_execute - execute @path, or @fd if that is not -1, and wait for its end.
 * Return: 0: the target ran; else the errno with which exec failed. A target that was killed, or
 * has another environment than it was given, is a finding.
 */
int job_execute(const char *path, int fd, char *const *argv, char *const *env);

/** job_run - what was read. As job_execute(). */
int job_run(void);

/** job_environment - of the process that ran last. */
struct krsi_env_block job_environment(void);

#endif
