/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scene of the tests that are about programs rather than hooks: the test's own process is the
 * subject, mkdir in its private directory is the behaviour, and programs of its own are attached.
 * Every function ends the test (as a failure of the implementation) where it does not succeed.
 */
#ifndef KRSI_SEMANTICS_SCENE_H
#define KRSI_SEMANTICS_SCENE_H

#include "conformance/harness/subject.h"
#include "conformance/harness/test.h"

/* The hook of scene__mkdir, and a void hook that scene__exec passes once. */
#define SCENE_HOOK	"inode_mkdir"
#define SCENE_VOID_HOOK "bprm_committing_creds"

/* A program with its link; both live until the process ends. */
struct scene_prog {
	struct krsi_prog *prog;
	struct krsi_link *link; /* NULL: not attached */
};

/* Makes this process the leader of a session of its own, which armed programs select. */
void scene__begin(struct krsi_run *t);
/* Loads a steered program for the hook. */
struct krsi_prog *scene__load(struct krsi_run *t, const char *hook);
/* Loads one that returns `ret`. */
struct krsi_prog *scene__load_fixed(struct krsi_run *t, const char *hook, int ret);
/* Loads and attaches. */
struct scene_prog scene__attach(struct krsi_run *t, const char *hook);
/* Attaches a loaded program; returns the link or fails the test. */
struct krsi_link *scene__link(struct krsi_run *t, struct krsi_prog *prog);
void scene__detach(struct krsi_run *t, struct scene_prog *p);
/* From now on the program returns `verdict` to this session and records its calls. */
void scene__arm(struct krsi_run *t, struct krsi_prog *prog, int verdict);
void scene__disarm(struct krsi_run *t, struct krsi_prog *prog);
/* Matching calls since it was armed. */
long scene__calls(struct krsi_run *t, struct krsi_prog *prog);
/* Takes the events that are ready, at most max; returns how many there were. */
size_t scene__events(struct krsi_run *t, struct krsi_event *events, size_t max);

/* Does the kernel have a program of this id? 0, or -ENOENT. */
int scene__find_program(uint32_t id);
/* The same once it has none: what nothing holds is freed in the background, with no word on when.
 * Waits for so many seconds at most. */
int scene__await_program_end(uint32_t id, int seconds);

/* Opens a file for reading, if it lets, and closes it. */
void scene__touch(const char *path);

/* The behaviour: makes a directory; 0 or -errno. */
int scene__mkdir(const char *name);
/* Executes the no-op program; 0 if it ran. */
int scene__exec(void);

#endif
