/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of hook files have in common: programs with names, and bpf(2) on hook files. */
#ifndef KRSI_SEMANTICS_HOOK_FILE_H
#define KRSI_SEMANTICS_HOOK_FILE_H

#include <linux/bpf.h>

#include "conformance/semantics/scene.h"

#define HOOK_FILE_TEST(fn, name, text, ...)                                                        \
	KRSI_TEST(fn, .id = "attach/hook-file/" name, .summary = text,                             \
		  .requirements = { __VA_ARGS__ }, .hook = { SCENE_HOOK },                         \
		  .needs = { .capabilities = KRSI_CAP_HOOK_FILE | KRSI_CAP_FIXED |                 \
					     KRSI_CAP_STEER | KRSI_CAP_REPLACE })

/* A program with a name, its hook's file, and that file opened. */
struct target {
	struct krsi_prog *prog;
	struct krsi_hook_file file;
	int fd;
};

/* The calls of bpf(2); 0 or more, or -errno. */
int hook_file__bpf(int cmd, union bpf_attr *attr);
int hook_file__query(int fd, uint32_t type, uint32_t *ids, uint32_t *n, uint32_t flags);
int hook_file__attach_fd(int hook, int prog, uint32_t type, uint32_t flags);
int hook_file__detach_fd(int hook, int prog, uint32_t type);
/* Loads a steered program of that name (NULL: one of its own) for the hook and opens its file. */
struct target hook_file__load(struct krsi_run *t, const char *hook, const char *name,
			      bool sleepable);
/* Names for programs: first, second, third. */
extern const char *const hook_file__names[3];
/* Begins a session and loads so many programs with these names for SCENE_HOOK. */
void hook_file__load_all(struct krsi_run *t, struct target *to, const char *const *names, int n);
/* Attaches and detaches by the file; 0 or -errno. */
int hook_file__attach(const struct target *to, uint32_t flags);
int hook_file__detach(const struct target *to);
/* Fails unless a fresh open and read of the file gives `want`. */
void hook_file__expect(struct krsi_run *t, const char *path, const char *want, const char *what);
/* Fails unless the kernel frees the program of that id, in good time. */
void hook_file__await_end(struct krsi_run *t, uint32_t id);

#endif
