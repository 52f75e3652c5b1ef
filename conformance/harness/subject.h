/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subject: the process in which the behaviour under test happens. It leads a session of its
 * own, by which programs select it, and works in an empty directory of its own on tmpfs.
 */
#ifndef KRSI_HARNESS_SUBJECT_H
#define KRSI_HARNESS_SUBJECT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SUBJECT_SLOTS 8

/* What set-up, act and effect share. */
struct subject {
	int fd[SUBJECT_SLOTS]; /* -1 at first; closed with the process */
	long val[SUBJECT_SLOTS];
	pid_t child;   /* of spawn-like set-ups, 0 at first */
	int helper[2]; /* pipes to and from the helper */
	void *mem;     /* a mapping */
	size_t len;
	char text[256];
	char dir[64]; /* the private directory, which is also the working directory */
};

/* A system call's result as >= 0 or -errno. */
#define SYS(call)                                                                                  \
	({                                                                                         \
		long ret_ = (long)(call);                                                          \
		ret_ < 0 ? -errno : (int)(ret_ > 0x7fffffff ? 0x7fffffff : ret_);                  \
	})

/* Returns from the calling function with -errno if the call fails. */
#define TRY(call)                                                                                  \
	do {                                                                                       \
		if ((long)(call) < 0)                                                              \
			return -errno;                                                             \
	} while (0)

/* Does the path exist (not following a last symlink)? */
bool exists(const char *path);
/* Creates a file with this content (mode 0600); 0 or -errno. */
int put_file(const char *path, const char *content);
/* Is the content of the file exactly this? */
bool file_is(const char *path, const char *content);
/* Opens and keeps in s->fd[i]; 0 or -errno. */
int open_slot(struct subject *s, int i, const char *path, int flags, mode_t mode);
/* Keeps a descriptor in s->fd[i]; 0, or -errno if fd is negative (for calls that set errno). */
int keep_fd(struct subject *s, int i, int fd);
/* Runs fn in a forked child and returns what it returned (-255..127), or -ECHILD if it died. */
int in_child(struct subject *s, int (*fn)(struct subject *s));
/* Forks a child that only waits to be killed; it is s->child and dies with the subject. */
int start_sleeper(struct subject *s);
/*
 * Forks a child for what the subject cannot do itself or must not wait for; it is s->child.
 * `prepare` (may be NULL) runs in it at once, and what that returned, if below 0, is returned
 * here. ask_helper runs `fn` (may be NULL: it only waits) in it and returns what that returned, or
 * -ECHILD if it died. It lives on, in the state that fn left it in, and dies with the subject.
 */
int start_helper(struct subject *s, int (*prepare)(struct subject *s),
		 int (*fn)(struct subject *s));
int ask_helper(struct subject *s);
/* Kills and reaps s->child if there is one. */
void stop_child(struct subject *s);
/* Writes the no-op executable to `path`; it exits with NOOP_STATUS when it runs. */
#define NOOP_STATUS 42
int put_noop(const char *path);
/* Executes `path` in a child; 0 if NOOP_STATUS came back, else -errno of the exec, or -ECHILD. */
int run_program(const char *path, char *const argv[], char *const envp[]);
/* A private mount namespace; then a tmpfs on `path` (made if missing). 0 or -errno. */
int private_mounts(void);
int mount_tmpfs(const char *path);
/* From now on the calling process runs on that CPU alone. 0 or -errno. */
int pin_to_cpu(int cpu);

#endif
