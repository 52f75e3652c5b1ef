/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cgroup hierarchy of the test's own: cgroup2 in a private mount namespace, cgroups in it, and
 * processes that act inside them. Every function ends the test where it does not succeed.
 */
#ifndef KRSI_SEMANTICS_CGROUPS_H
#define KRSI_SEMANTICS_CGROUPS_H

#include "conformance/semantics/scene.h"

#define CGROUP_PATH 128

struct cgroup {
	char path[CGROUP_PATH];
	int fd;
};

/* For what the kernel does in the background, with no word on when: one wait, and how many. */
#define CGROUP_TICKS 500
void cgroups__tick(void);

/* Begins the scene, and mounts the hierarchy. */
void cgroups__begin(struct krsi_run *t);
/* Makes a cgroup, in `parent` unless that is NULL. */
struct cgroup cgroups__make(struct krsi_run *t, const struct cgroup *parent, const char *name);
/* Moves the calling process. 0 or -errno. */
int cgroups__join(const struct cgroup *cgroup);
/* Runs act in a child inside the cgroup, and returns what it returned (-127..0). */
int cgroups__run(struct krsi_run *t, const struct cgroup *cgroup, int (*act)(void *data),
		 void *data);
/* The scene's behaviour inside the cgroup. */
int cgroups__mkdir(struct krsi_run *t, const struct cgroup *cgroup, const char *name);
/*
 * The kernel frees in the background what called the last program of a hook. Returns when it has
 * taken up all such work (where it has the file for that: CONFIG_VM_EVENT_COUNTERS).
 */
void cgroups__settle(void);
/* Removes a cgroup without children and closes it. */
void cgroups__remove(struct krsi_run *t, struct cgroup *cgroup);

#endif
